using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Orleans.Runtime.MembershipService;

/// <summary>What becomes of the process of a silo that was declared dead.</summary>
internal abstract class SiloExit
{
    public abstract void Leave(string why);
}

/// <summary>
/// Ends the process: what is not part of the silo gets a moment to stop, then it is killed. It must not live on, since
/// whoever supervises it shall start a new one.
/// </summary>
internal sealed class ProcessExit(IHostApplicationLifetime lifetime, TimeProvider time) : SiloExit
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public override void Leave(string why)
    {
        Environment.ExitCode = 1;
        _ = Task.Run(lifetime.StopApplication);
        _ = Kill();
    }

    private async Task Kill()
    {
        await Task.Delay(Moment, time);
        using var process = Process.GetCurrentProcess();
        process.Kill();
    }
}
