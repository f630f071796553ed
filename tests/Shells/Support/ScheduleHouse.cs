using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>One process with schedules over a store that outlives it. Its clock stands still until it is set, and it wakes no schedule by
/// itself.</summary>
internal sealed class ScheduleHouse : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly MemoryStore _store;
    private Cluster _cluster = null!;
    private ScheduleDesk _desk = null!;

    private ScheduleHouse(MemoryStore store, DateTimeOffset now) =>
        (_store, Clock, States) = (store, new StandingClock { Now = now }, new FlakyStates(store.GrainStates));

    public StandingClock Clock { get; }
    public FlakyStates States { get; }
    public Cluster Cluster => _cluster;

    /// <summary>The pipelines that are registered; each has the version 1.</summary>
    public ConcurrentDictionary<string, PipelineSpec> Pipelines { get; } = [];

    /// <summary>What happens to a start before it is heard and after.</summary>
    public Func<RunId, Task> BeforeStart { get; set; } = _ => Task.CompletedTask;
    public Func<RunId, Task> AfterStart { get; set; } = _ => Task.CompletedTask;
    public ConcurrentQueue<RunId> Asked { get; } = [];

    /// <param name="steps">Of the pipeline <c>test</c>.</param>
    public static async Task<ScheduleHouse> Open(MemoryStore store, DateTimeOffset now, params string[] steps)
    {
        var house = new ScheduleHouse(store, now);
        house.Pipelines["test"] = Given.Pipeline(steps).Spec;
        house._desk = new ScheduleDesk(house.States, store.Catalog, house.Find, house.Clock, Guid.NewGuid)
        {
            Pays = new RunsOfSchedules(house.Start, (run, reason) => house.Cluster.Run(run).Tell(new RunCommand.Cancel(reason))),
        };
        house._cluster = await Cluster.Start(over: store, also: services => services.AddSingleton(house._desk));
        return house;
    }

    public IScheduleGrain Schedule(string id = "s") => _cluster.Silos.Client!.GetGrain<IScheduleGrain>(id);

    public async Task<ScheduleView> View(string id = "s") => (await Schedule(id).View())!;

    /// <summary>Wakes it if the store says that somebody should.</summary>
    public async Task WakeIfDue(string id = "s")
    {
        foreach (var due in await _store.GrainStates.Due(Clock.Now, null, 100, default))
            if (due.Grain == $"schedule/{id}") await Schedule(id).Wake();
    }

    /// <summary>Every hour from noon on.</summary>
    public static ScheduleSpec Hourly(Overlap overlap = Overlap.QueueAll) =>
        new(new Recurrence.OfCron("0 * * * *"), Pipeline: "test", CatchUp: CatchUp.All, Overlap: overlap);

    public static DateTimeOffset Hour(double hours) => Noon.AddHours(hours);

    public async Task<ImmutableArray<RunRow>> Runs() => (await _store.Catalog.Runs(new RunQuery(Limit: 500), default)).Items;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public Task<PipelineVersion> Find(string name, int? version, CancellationToken cancellation) => Pipelines.TryGetValue(name, out var spec)
        ? Task.FromResult(new PipelineVersion(1, spec.Version(), spec, "/tmp", Noon, null, null))
        : throw new FaultException(new Fault(FaultKind.NotFound, "ETL9003", $"There is no pipeline {name}."));

    private async Task<Answer> Start(RunId run, RunCommand.Start start)
    {
        Asked.Enqueue(run);
        await BeforeStart(run);
        var answer = await Cluster.Run(run).Tell(start);
        await AfterStart(run);
        return answer;
    }
}

/// <summary>Shows the time that it was set to.</summary>
internal sealed class StandingClock : TimeProvider
{
    public DateTimeOffset Now { get; set; }
    public override DateTimeOffset GetUtcNow() => Now;
}

/// <summary>States whose store can be away, before a write holds or after: then its answer is lost. It says what has been written.</summary>
internal sealed class FlakyStates(IGrainStates inner) : IGrainStates
{
    private readonly Lock _lock = new();
    private readonly List<(Func<ScheduleView, bool> Is, TaskCompletionSource Signal)> _awaited = [];
    private int _failBefore;
    private int _failAfter;

    public void FailBefore(int writes) => _failBefore = writes;
    public void FailAfter(int writes) => _failAfter = writes;

    /// <summary>Done when a schedule is written of which this is true.</summary>
    public Task Written(Func<ScheduleView, bool> wanted)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _awaited.Add((wanted, signal));
        return signal.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation)
    {
        if (Interlocked.Decrement(ref _failBefore) >= 0) throw Away();
        var outcome = await inner.Write(write, cancellation);
        if (Interlocked.Decrement(ref _failAfter) >= 0) throw Away();
        if (outcome is StateOutcome.Stored && write.Value is { } bytes && write.Key.Name == KeptSchedule.StateName) Note(ScheduleCodec.Read(bytes).Schedule.View());
        return outcome;
    }

    public Task<StoredState?> Read(StateKey key, CancellationToken cancellation) => inner.Read(key, cancellation);

    public Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation) =>
        inner.List(grainType, name, cursor, limit, cancellation);

    public Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation) =>
        inner.Due(now, after, limit, cancellation);

    private void Note(ScheduleView view)
    {
        lock (_lock)
            foreach (var (wanted, signal) in _awaited)
                if (wanted(view)) signal.TrySetResult();
    }

    private static FaultException Away() => new(new Fault(FaultKind.Unavailable, "ETL4110", "The store is away."));
}
