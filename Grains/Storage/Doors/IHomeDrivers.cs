using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>Which processes drive the runs of an embedded home, and the letterbox by which other processes reach them.
/// Several processes may drive one home, each its own runs. The journal's fence protects the runs; this only says whom to ask.</summary>
public interface IHomeDrivers
{
    /// <summary>Enters this process as a driver (<see cref="HostProcesses.Here"/>). A driver of this host counts as dead as soon as its
    /// process is gone, a driver of another host when it was not renewed for <see cref="Liveness.Lease"/>.</summary>
    Task Enter(Driver driver, CancellationToken cancellation);
    /// <exception cref="FaultException">Fenced: others took the driver for dead and removed it; enter again.</exception>
    Task Renew(string driver, DateTimeOffset now, CancellationToken cancellation);
    Task Leave(string driver, CancellationToken cancellation);

    /// <summary>Takes an unfinished run for this driver, if nobody or a dead driver holds it.</summary>
    /// <exception cref="FaultException">Fenced: the driver has not entered, or was removed.</exception>
    Task<Claim> Claim(RunId run, string driver, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Gives back a run that this driver took and will not drive; of one that it does not hold, nothing.</summary>
    Task Release(RunId run, string driver, CancellationToken cancellation);

    /// <summary>The living driver that holds the run; null: nobody drives it. Changes nothing.</summary>
    Task<Driver?> Holder(RunId run, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Leaves a command for the process that drives the run. Returns the letter's number. When nobody drives the run, nobody
    /// answers: whoever waits looks at <see cref="IRunCatalog.Run"/> too.</summary>
    /// <exception cref="FaultException">NotFound: no such run. Exhausted: too many letters wait for this run.</exception>
    Task<long> Post(RunId run, byte[] command, DateTimeOffset now, CancellationToken cancellation);
    /// <summary>Letters without an answer, oldest first, at most <paramref name="limit"/>: those for runs of this driver, and those for
    /// runs that ended before anybody answered, which any driver may answer.</summary>
    Task<ImmutableArray<Letter>> Letters(string driver, int limit, CancellationToken cancellation);
    /// <summary>The first reply counts; later ones change nothing.</summary>
    Task Reply(long letter, byte[] answer, CancellationToken cancellation);
    /// <summary>The answer to a letter; null while there is none.</summary>
    Task<byte[]?> Answer(long letter, CancellationToken cancellation);
    /// <summary>Takes a letter back, so that nobody obeys it later. False: it has been answered.</summary>
    Task<bool> Withdraw(long letter, CancellationToken cancellation);
}

/// <param name="Id">Unique for each start of a process.</param>
/// <param name="ProcessStart">Tells a process from a later one with the same number.</param>
public sealed record Driver(string Id, string Host, int ProcessId, string ProcessStart, DateTimeOffset RenewedAt);

public sealed record Letter(long Number, RunId Run, byte[] Command);

public abstract record Claim
{
    private Claim() { }
    /// <param name="From">The dead process that held it; null: nobody did, or it left in good order.</param>
    public sealed record Taken(string? From = null) : Claim;
    /// <param name="Holder">The living driver that holds the run.</param>
    public sealed record Held(Driver Holder) : Claim;
    public sealed record NoSuchRun : Claim;
    public sealed record Ended(RunStatus Status) : Claim;
}
