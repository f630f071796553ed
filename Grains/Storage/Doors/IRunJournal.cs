using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>The journals of runs. One append is one atomic act: the events, the projections that people query, the datasets that
/// become visible and the wake are stored together or not at all, and are durable when the task completes.</summary>
/// <remarks>An implementation guarantees: an append holds only if the run has exactly <see cref="RunAppend.ExpectedVersion"/> events;
/// of two appends that expect the same version one holds; reads see every append that was answered; an append whose answer was lost
/// and that is offered again under the same <see cref="RunAppend.Id"/> is answered as it was the first time, and stored once.
/// It knows nothing of what an event means.</remarks>
public interface IRunJournal
{
    /// <exception cref="FaultException">Unavailable: the store could not be reached within its bound; whether the append holds is
    /// not known; offer the same append again or read. Exhausted: the disk is full; nothing was stored.</exception>
    Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation);

    /// <summary>The newest snapshot and the events after it; null when the run has no events.</summary>
    Task<StoredRun?> Read(RunId run, CancellationToken cancellation);

    /// <summary>The events after the first <paramref name="after"/>, oldest first, at most <paramref name="countMax"/>, for people and
    /// for tests. Fewer than that: there are no later ones. A number that is missing is of an event that is no longer kept, since a
    /// snapshot holds what came of it.</summary>
    Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation);

    /// <summary>A process that leaves in good order: it is named no more as the driver (<see cref="RunRow.Driver"/>) of runs that have not
    /// ended. A driver that is named and not there any more has died.</summary>
    Task HandOver(string driver, CancellationToken cancellation);
}

/// <param name="Id">Made anew for each append, kept when the same append is offered again.</param>
/// <param name="ExpectedVersion">The number of events that the run has before.</param>
/// <param name="Events">At least one.</param>
/// <param name="Snapshot">The whole run after these events, when it is time for one.</param>
/// <param name="Steps">The rows of the steps that these events changed.</param>
/// <param name="Published">Dataset versions that become visible.</param>
/// <param name="Row">Pipeline, definition, start and origin of a run are those of its first append.</param>
/// <param name="WakeAt">When the run wants to be woken next; null: not at all. A run that has ended is not woken.</param>
public sealed record RunAppend(
    Guid Id,
    RunId Run,
    long ExpectedVersion,
    ImmutableArray<byte[]> Events,
    byte[]? Snapshot,
    RunRow Row,
    ImmutableArray<StepRow> Steps,
    ImmutableArray<DatasetRow> Published,
    DateTimeOffset? WakeAt)
{
    /// <summary>What stages gave that others may use again.</summary>
    public ImmutableArray<ResultRow> Results { get; init; } = [];

    /// <summary>Of the first append of a run: it holds only if nobody has started a run under the same key meanwhile. Null: it does not
    /// matter which other runs there are.</summary>
    public StartFence? Fence { get; init; }
}

/// <summary>A start that depends on which other runs there are.</summary>
/// <param name="Key">All starts that may be in each other's way have the same.</param>
/// <param name="Last">The run that was started last under the key, as <see cref="IRunCatalog.LastStarted"/> told it. A run that has been
/// forgotten since is as good as this one.</param>
public sealed record StartFence(string Key, RunId? Last);

/// <param name="Number">Counted from 1 in each run.</param>
public readonly record struct StoredEvent(long Number, byte[] Bytes);

public abstract record AppendOutcome
{
    private AppendOutcome() { }

    /// <param name="Version">The number of events that the run has now.</param>
    public sealed record Stored(long Version) : AppendOutcome;

    /// <summary>The start is not stored: somebody started another run under the same key.</summary>
    public sealed record Overtaken : AppendOutcome;

    /// <summary>Somebody else wrote to this run: the caller is not its owner any more.</summary>
    public sealed record Fenced(long Version) : AppendOutcome;
}

/// <param name="Version">The number of all events of the run.</param>
/// <param name="SnapshotVersion">The number of events that the snapshot holds; 0 without one.</param>
public sealed record StoredRun(RunId Run, long Version, byte[]? Snapshot, long SnapshotVersion, ImmutableArray<byte[]> Events);
