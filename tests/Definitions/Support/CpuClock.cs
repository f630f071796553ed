using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansEtl.Definitions.Tests;

/// <summary>The processor time of this thread, so that a busy machine makes no test slow. Elsewhere than on Linux: the wall
/// clock.</summary>
internal static class CpuClock
{
    private const int ThreadCpuTime = 3;

    public static TimeSpan Of(Action action)
    {
        var start = Now();
        action();
        return Now() - start;
    }

    private static TimeSpan Now() => OperatingSystem.IsLinux() && Read(ThreadCpuTime, out var time) == 0
        ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / 100)
        : Stopwatch.GetElapsedTime(0);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int Read(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
