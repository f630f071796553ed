using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using OrleansEtl.Data.Files;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>One process with triggers over a store and a folder that outlive it. Its clock stands still until it is set, and it wakes no trigger
/// by itself.</summary>
internal sealed class TriggerHouse : IAsyncDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly MemoryStore _store;
    private readonly string _folder;

    private TriggerHouse(MemoryStore store, string folder, DateTimeOffset now) =>
        (_store, _folder, Clock, States) = (store, folder, new StandingClock { Now = now }, new FlakyStates(store.GrainStates));

    public StandingClock Clock { get; }
    public FlakyStates States { get; }
    public Cluster Cluster { get; private set; } = null!;

    /// <summary>The pipelines that are registered; each has the version 1.</summary>
    public ConcurrentDictionary<string, PipelineSpec> Pipelines { get; } = [];

    /// <summary>What happens to a start before it is heard and after.</summary>
    public Func<RunId, Task> BeforeStart { get; set; } = _ => Task.CompletedTask;
    public Func<RunId, Task> AfterStart { get; set; } = _ => Task.CompletedTask;

    /// <param name="folder">Of the pipelines.</param>
    public static async Task<TriggerHouse> Open(MemoryStore store, string folder, double second = 0)
    {
        var house = new TriggerHouse(store, folder, At(second));
        foreach (var name in new[] { "test", "raw" }) house.Pipelines[name] = Given.Pipeline("light").Spec with { Name = name };
        var desk = new TriggerDesk(house.States, store.Catalog, store.Journal, house.Find, house.Clock, Guid.NewGuid, TestKinds.All) { Pays = house.Start };
        house.Cluster = await Cluster.Start(over: store, clock: house.Clock, also: services => services.AddSingleton(desk)
            .AddSingleton<Func<string, PathRules>>(within => new PathRules(within, Path.Combine(folder, "cache"), [])));
        return house;
    }

    public static DateTimeOffset At(double second) => Noon.AddSeconds(second);

    public static TriggerSpec OnFiles(FileRuns runs = FileRuns.PerFile) =>
        new(new TriggerSource.OfFile("in", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), runs), "test");

    public static TriggerSpec OnRaw => new(new TriggerSource.OfPipeline("raw"), "test");

    public ITriggerGrain Trigger(string id = "t") => Cluster.Silos.Client!.GetGrain<ITriggerGrain>(id);

    public async Task<TriggerView> View(string id = "t") => (await Trigger(id).View())!;

    /// <summary>Wakes it at that time, if the store says that somebody should.</summary>
    public async Task Wake(double second, string id = "t")
    {
        Clock.Now = At(second);
        foreach (var due in await _store.GrainStates.Due(Clock.Now, null, 100, default))
            if (due.Grain == $"trigger/{id}") await Trigger(id).Wake();
    }

    public async Task<ImmutableArray<RunRow>> Runs(string pipeline = "test") =>
        (await _store.Catalog.Runs(new RunQuery(pipeline, Limit: 500), default)).Items;

    /// <summary>The values of one kind of what the runs were started by, in order.</summary>
    public async Task<string[]> Told(string name) => [.. (await Task.WhenAll((await Runs()).Select(async run =>
        (await Cluster.Run(run.Id).View())!.Occasion!.Trigger!.Values[name]!.ToPlainText()))).Order(StringComparer.Ordinal)];

    /// <summary>With this trigger <c>test</c> follows <c>raw</c>: the other way round is refused, and whoever follows <c>test</c> counts the runs.</summary>
    /// <param name="rawEnds">A run of <c>raw</c> that sets it off.</param>
    public async Task ChainHolds(TriggerSpec trigger, Func<Task> rawEnds)
    {
        var after = new TriggerSource.OfPipeline("test");
        Assert.IsType<TriggerAnswer.Done>(await Trigger("test/a").Put(trigger, false));
        var refused = Assert.IsType<TriggerAnswer.Refused>(await Trigger("raw/b").Put(new TriggerSpec(after, "raw"), false));
        Assert.Equal("ETL6704", refused.Faults[0].Code);
        Pipelines["last"] = Pipelines["test"] with { Name = "last" };
        await Trigger("last/c").Put(new TriggerSpec(after, "last"), false);
        await rawEnds();
        for (var second = 2; second < 10; second += 2)
        {
            await Wake(second, "test/a");
            await Wake(second, "last/c");
        }
        var last = (await Cluster.Run(Assert.Single(await Runs("last")).Id).View())!;
        Assert.Equal(2, last.Occasion!.Trigger!.Depth);
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    public Task<PipelineVersion> Find(string name, int? version, CancellationToken cancellation) => Pipelines.TryGetValue(name, out var spec)
        ? Task.FromResult(new PipelineVersion(1, spec.Version(), spec, _folder, Noon, null, null))
        : throw new FaultException(new Fault(FaultKind.NotFound, "ETL9003", $"There is no pipeline {name}."));

    private async Task<Answer> Start(RunId run, RunCommand.Start start)
    {
        await BeforeStart(run);
        var answer = await Cluster.Run(run).Tell(start);
        await AfterStart(run);
        return answer;
    }
}
