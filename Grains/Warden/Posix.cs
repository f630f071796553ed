using System.Runtime.InteropServices;

namespace OrleansEtl.Warden;

/// <summary>What .NET has no words for, of Linux' C library on machines of 64 bits.</summary>
internal static unsafe partial class Posix
{
    public const int SigKill = 9, SigTerm = 15, SigCont = 18;
    public const int LimitCpu = 0, LimitMemory = 9;

    private const int BecomeSubreaper = 36, AllChildren = 0, NoHang = 1, Exited = 4, LeaveIt = 0x01000000;
    private const int SetFlags = 2, CloseOnExec = 1;

    /// <summary>Orphans among the descendants become children of this process, instead of the system's first one.</summary>
    public static bool AdoptOrphans() => ProcessControl(BecomeSubreaper, 1, 0, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);

    /// <summary>A child that has ended and waits to be reaped; 0: none yet; null: there are no children.</summary>
    public static int? Ended()
    {
        var info = stackalloc int[32]; // siginfo_t has 128 bytes; the process is at 16
        new Span<int>(info, 32).Clear();
        return WaitId(AllChildren, 0, info, NoHang | Exited | LeaveIt) == 0 ? info[4] : null;
    }

    /// <summary>Takes a child that has ended off the table: from here its number may be another's.</summary>
    public static (int Status, TimeSpan Cpu, long MemoryBytes) Reap(int child)
    {
        var usage = stackalloc long[18]; // struct rusage: user and system time, each in seconds and microseconds, then the peak in KiB
        var status = 0;
        Wait(child, &status, 0, usage);
        var micros = (usage[0] + usage[2]) * 1_000_000 + usage[1] + usage[3];
        return (status, TimeSpan.FromMicroseconds(micros), usage[4] << 10);
    }

    /// <summary>The limit that cannot be raised any more.</summary>
    public static ulong HardLimit(int of)
    {
        var limits = stackalloc ulong[2];
        return ReadLimit(of, limits) == 0 ? limits[1] : ulong.MaxValue;
    }

    /// <summary>Nothing that this process has open goes on to those that it starts.</summary>
    public static void KeepFilesToMyself()
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
            if (int.TryParse(Path.GetFileName(entry.AsSpan()), out var descriptor) && descriptor > 2)
                _ = FileControl(descriptor, SetFlags, CloseOnExec);
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "waitid")]
    private static partial int WaitId(int kind, uint id, int* info, int options);

    [LibraryImport("libc", EntryPoint = "wait4")]
    private static partial int Wait(int child, int* status, int options, long* usage);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int ReadLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command, int argument);
}
