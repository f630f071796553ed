using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>Silos in this process over one store that outlives them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _silos;
    private int _appends;

    private Cluster(InProcessTestCluster silos, MemoryStore store, FlakyJournal journal, ScriptedRunner runner) =>
        (_silos, Store, Journal, Runner) = (silos, store, journal, runner);

    public MemoryStore Store { get; }
    public FlakyJournal Journal { get; }
    public ScriptedRunner Runner { get; }
    public InProcessTestCluster Silos => _silos;

    public static async Task<Cluster> Start(short silos = 1, ShellOptions? options = null, Func<int, string>? name = null)
    {
        var store = new MemoryStore();
        var (journal, runner) = (new FlakyJournal(store.Journal), new ScriptedRunner());
        var numbers = options ?? new ShellOptions { StagesAtOnce = 64, RepayEvery = TimeSpan.FromMilliseconds(100) };
        Cluster? made = null;
        var builder = new InProcessTestClusterBuilder(silos);
        var started = -1;
        builder.ConfigureSilo((_, silo) =>
        {
            var number = Interlocked.Increment(ref started);
            if (name is not null) silo.Configure<SiloOptions>(o => o.SiloName = name(number));
            silo.ConfigureServices(services => services
                .AddRuns(numbers, new RescueDuty(store.Catalog))
                .AddSingleton<IStageRunner>(provider => new StageRunnerOnSilo(runner, provider.GetRequiredService<ILocalSiloDetails>()))
                .AddSingleton(TimeProvider.System)
                .AddSingleton(provider => new RunDesk(
                    journal, spec => PlanCheck.Check(spec, TestKinds.All), TimeProvider.System,
                    provider.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(),
                    () => made!.NextAppend(), numbers)
                {
                    AtOnce = ScriptedRunner.AtOnce,
                }));
        });
        var built = builder.Build();
        made = new Cluster(built, store, journal, runner);
        await built.DeployAsync();
        return made;
    }

    public IPipelineGrain Run(RunId run) => _silos.Client.GetGrain<IPipelineGrain>(run.Value);

    public async Task<RunView> Ended(RunId run)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var version = 0L; ;)
        {
            var view = await Run(run).Watch(version, TimeSpan.FromSeconds(1), patience.Token);
            patience.Token.ThrowIfCancellationRequested();
            if (view is { } seen && seen.Status.IsTerminal()) return seen;
            version = view?.Version ?? 0;
        }
    }

    public ValueTask DisposeAsync() => _silos.DisposeAsync();

    private Guid NextAppend() => new(Interlocked.Increment(ref _appends), 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
}

internal static class TestKinds
{
    public static readonly KindCatalog All = new([new KindSpec(
        "test.step", StepCategory.Transform, "Does what the test says.", "", InputArity.Any, Fusing.Alone, [], [new PortSpec("out", "Rows.")],
        [], [], []),
        new KindSpec("test.light", StepCategory.Flow, "Is done at once.", "", InputArity.None, Fusing.Alone, [], [], [], [], [])]);
}

internal static class Given
{
    public static readonly RunId Run = RunId.New(DateTimeOffset.UnixEpoch.AddYears(50), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    /// <summary>Steps as <c>b: a, c</c>.</summary>
    public static RunCommand.Start Pipeline(params string[] steps) => new(
        new PipelineSpec("test", null, [], [.. steps.Select(Step)]), [], "/tmp", null, null);

    private static StepSpec Step(string line)
    {
        var parts = line.Split(':', StringSplitOptions.TrimEntries);
        var needs = parts.Length > 1 ? parts[1].Split(',', StringSplitOptions.TrimEntries) : [];
        var retry = RetrySpec.Default with { Initial = TimeSpan.FromMilliseconds(10) };
        var kind = parts[0].StartsWith("light", StringComparison.Ordinal) ? "test.light" : "test.step";
        return new StepSpec(new StepId(parts[0]), kind, [.. needs.Select(need => new StepId(need))], SpecValue.Map.Empty, retry);
    }
}
