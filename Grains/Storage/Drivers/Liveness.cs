namespace OrleansEtl.Storage;

/// <summary>Whether a driver is dead. On this host the process table knows it at once; of other hosts only the lease tells.</summary>
/// <remarks>A wrong answer costs work that is done twice, never correctness: the journal's fence decides who may write.</remarks>
/// <param name="Host">The name of this host, as <see cref="Driver.Host"/>.</param>
/// <param name="ProcessStart">The start of a living process by its number, as <see cref="Driver.ProcessStart"/>; null when there is
/// none.</param>
public sealed record Liveness(string Host, Func<int, string?> ProcessStart)
{
    /// <summary>Some renewals may be late (a busy disk, a long pause) before others take the runs over.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public bool IsDead(Driver driver, DateTimeOffset now) => driver.Host == Host
        ? ProcessStart(driver.ProcessId) != driver.ProcessStart
        : now - driver.RenewedAt > Lease;

    /// <summary>The liveness of the processes of this machine.</summary>
    public static Liveness OfThisHost() => new(HostProcesses.Host(), HostProcesses.Start);
}
