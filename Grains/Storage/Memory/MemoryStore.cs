using System.Collections.Immutable;

namespace OrleansEtl.Storage;

/// <summary>A store in memory, with the behaviour of the durable ones: for tests, simulation, and pipelines that nobody wants to
/// keep.</summary>
public sealed class MemoryStore : IHomeStore
{
    private readonly MemoryTables _tables;
    private readonly Liveness _liveness;

    public MemoryStore(Liveness? liveness = null) : this(new MemoryTables(), liveness ?? Liveness.OfThisHost()) { }

    private MemoryStore(MemoryTables tables, Liveness liveness)
    {
        (_tables, _liveness) = (tables, liveness);
        Journal = new MemoryRunJournal(tables);
        Catalog = new MemoryRunCatalog(tables);
        Drivers = new MemoryHomeDrivers(tables, liveness);
        Retention = new MemoryRunRetention(tables);
        GrainStates = new MemoryGrainStates(tables);
        Results = new MemoryStepResults(tables);
    }

    public IRunJournal Journal { get; }
    public IRunCatalog Catalog { get; }
    public IHomeDrivers Drivers { get; }
    public IRunRetention Retention { get; }
    public IGrainStates GrainStates { get; }
    public IStepResults Results { get; }

    /// <summary>Another store on the same data, as another process would open it.</summary>
    public MemoryStore Another() => new(_tables, _liveness);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The tables; whoever touches them holds the lock, so that an append is one act here too.</summary>
internal sealed class MemoryTables
{
    private readonly Lock _gate = new();

    public SortedDictionary<RunId, MemoryJournal> Journals { get; } = [];
    public SortedDictionary<RunId, RunRow> Runs { get; } = [];
    public Dictionary<RunId, Dictionary<StepId, StepRow>> Steps { get; } = [];
    public List<DatasetRow> Datasets { get; } = [];
    public Dictionary<RunId, DateTimeOffset> Wakes { get; } = [];
    public Dictionary<string, ResultRow> Results { get; } = [];
    public Dictionary<string, RunId> Starts { get; } = [];
    public Dictionary<string, Driver> Drivers { get; } = [];
    public SortedDictionary<long, MemoryLetter> Letters { get; } = [];
    public long LastLetter { get; set; }
    public Dictionary<StateKey, (StoredState State, Guid WriteId, DateTimeOffset? DueAt)> GrainStates { get; } = [];

    /// <summary>Does the work alone, and as a task, as a store that has to wait would.</summary>
    public Task<T> Locked<T>(Func<T> work, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
        try
        {
            lock (_gate) return Task.FromResult(work());
        }
        catch (FaultException e)
        {
            return Task.FromException<T>(e);
        }
    }
}

internal sealed class MemoryJournal
{
    public List<(byte[] Event, Guid AppendId)> Events { get; } = [];
    public byte[]? Snapshot { get; set; }
    public int SnapshotVersion { get; set; }
}

internal sealed record MemoryLetter(Letter Letter, byte[]? Answer);
