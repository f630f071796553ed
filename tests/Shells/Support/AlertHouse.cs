using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using OrleansEtl.Channels;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>One process with alerts over a store that outlives it. Its clock stands still until it is set, and it wakes no watch by
/// itself.</summary>
internal sealed class AlertHouse : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly MemoryStore _store;
    private Cluster _cluster = null!;

    private AlertHouse(MemoryStore store, DateTimeOffset now) =>
        (_store, Clock, States) = (store, new StandingClock { Now = now }, new AwayStates(store.GrainStates));

    public StandingClock Clock { get; }
    public AwayStates States { get; }
    public Cluster Cluster => _cluster;
    public AlertDesk Desk { get; private set; } = null!;
    public Hooks Hooks { get; } = new();

    /// <summary>The pipeline <c>test</c> as it is registered; null: it is not.</summary>
    public PipelineSpec? Registered { get; set; }

    public static async Task<AlertHouse> Open(MemoryStore store, DateTimeOffset now)
    {
        var house = new AlertHouse(store, now);
        var pauses = new PauseStore(store.GrainStates, house.Clock, Guid.NewGuid);
        var schedules = new ScheduleDesk(store.GrainStates, store.Catalog, house.Find, house.Clock, Guid.NewGuid);
        house.Desk = new AlertDesk(
            house.States, store.Catalog, store.Journal, house.Find, schedules, pauses, house.Hooks, house.Hooks, house.Clock, Guid.NewGuid)
        {
            View = run => house.Cluster.Run(run).View(),
        };
        house._cluster = await Cluster.Start(over: store, clock: house.Clock, also: services => services.AddSingleton(house.Desk));
        return house;
    }

    public IAlertGrain Watch => _cluster.Silos.Client!.GetGrain<IAlertGrain>("test");

    public async Task<ImmutableArray<AlertView>> Alerts() => (await Desk.List("test", null, 500, default)).Items;

    /// <summary>A start of a pipeline with these rules.</summary>
    public static RunCommand.Start Start(ImmutableArray<AlertRule> rules, params string[] steps)
    {
        var start = Given.Pipeline(steps);
        return start with { Spec = start.Spec with { Alerts = rules, Steps = [.. start.Spec.Steps.Select(step => step with { Retry = RetrySpec.Default with { Max = 0 } })] } };
    }

    /// <summary>Wakes it if the store says that somebody should.</summary>
    public async Task<bool> WakeIfDue()
    {
        var isDue = (await _store.GrainStates.Due(Clock.Now, null, 100, default)).Any(due => due.Grain == "alerts/test");
        if (isDue) await Watch.Wake();
        return isDue;
    }

    /// <summary>Waits until something is so, as it is after some write.</summary>
    public async Task<ImmutableArray<AlertView>> Until(Func<ImmutableArray<AlertView>, bool> isSo)
    {
        while (true)
        {
            var written = States.Written;
            var alerts = await Alerts();
            if (isSo(alerts)) return alerts;
            await written.WaitAsync(Patience);
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private Task<PipelineVersion> Find(string name, int? version, CancellationToken cancellation) => Registered is { } spec
        ? Task.FromResult(new PipelineVersion(1, spec.Version(), spec, "/tmp", Noon, null, null))
        : throw new FaultException(new Fault(FaultKind.NotFound, "ETL9003", $"There is no pipeline {name}."));
}

/// <summary>Channels of the test, and what came to them.</summary>
internal sealed class Hooks : IChannels, ISender
{
    public ConcurrentQueue<(string Channel, ChannelMessage Message)> Sent { get; } = [];

    /// <summary>What comes of a try.</summary>
    public Func<string, ChannelMessage, Task<Fault?>> Answer { get; set; } = (_, _) => Task.FromResult<Fault?>(null);

    public ImmutableArray<string> Names => ["ops", "team"];

    public Channel? Find(string name) => Names.Contains(name) ? new Channel.Webhook(new Uri($"https://{name}.example/"), null, false) : null;

    public Task<Fault?> Send(Channel channel, ChannelMessage message, TimeSpan within)
    {
        var name = ((Channel.Webhook)channel).Url.Host.Split('.')[0];
        Sent.Enqueue((name, message));
        return Answer(name, message);
    }
}

/// <summary>States whose store can be away, before a write holds or after.</summary>
internal sealed class AwayStates(IGrainStates inner) : IGrainStates
{
    private int _failBefore;
    private int _failAfter;
    private volatile TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done at the next write.</summary>
    public Task Written => _written.Task;

    public void FailBefore(int writes) => _failBefore = writes;
    public void FailAfter(int writes) => _failAfter = writes;

    public async Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation)
    {
        if (Interlocked.Decrement(ref _failBefore) >= 0) throw Away();
        var outcome = await inner.Write(write, cancellation);
        Interlocked.Exchange(ref _written, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return Interlocked.Decrement(ref _failAfter) >= 0 ? throw Away() : outcome;
    }

    public Task<StoredState?> Read(StateKey key, CancellationToken cancellation) => inner.Read(key, cancellation);

    public Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation) =>
        inner.List(grainType, name, cursor, limit, cancellation);

    public Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation) =>
        inner.Due(now, after, limit, cancellation);

    private static FaultException Away() => new(new Fault(FaultKind.Unavailable, "ETL4110", "The store is away."));
}
