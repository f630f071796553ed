using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Limits;
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

    /// <summary>Nothing is found by waiting: what these laws promise must come of what the silos hear.</summary>
    public static readonly ShellOptions NoPatience = new()
    {
        StagesAtOnce = 64,
        HeartbeatPatience = TimeSpan.FromHours(1),
        RescueEvery = TimeSpan.FromHours(1),
        DuePatience = TimeSpan.FromHours(1),
        LeavePatience = TimeSpan.FromSeconds(1),
    };

    /// <param name="name">Of the silo with that number: roles, a dot, and something.</param>
    public static async Task<Cluster> Start(
        short silos = 1, ShellOptions? options = null, Func<int, string>? name = null, MemoryStore? over = null, TimeProvider? clock = null,
        Action<IServiceCollection>? also = null)
    {
        var store = over ?? new MemoryStore();
        var (journal, runner) = (new FlakyJournal(store.Journal), new ScriptedRunner());
        var numbers = options ?? new ShellOptions { StagesAtOnce = 64, RepayEvery = TimeSpan.FromMilliseconds(100) };
        clock ??= TimeProvider.System;
        Cluster? made = null;
        var builder = new InProcessTestClusterBuilder(silos);
        var started = -1;
        builder.ConfigureSilo((_, silo) =>
        {
            var number = Interlocked.Increment(ref started);
            silo.AddLimits(store.GrainStates, Guid.NewGuid).ConfigureServices(services => also?.Invoke(services)).ConfigureServices(services => services
                .PostConfigure<SiloOptions>(o => o.SiloName = name?.Invoke(number) ?? o.SiloName)
                .AddRuns(numbers, new RescueDuty(store.Catalog))
                .AddSingleton<IStageRunner>(provider => new StageRunnerOnSilo(runner, provider.GetRequiredService<ILocalSiloDetails>()))
                .AddSingleton(store.Results)
                .AddSingleton(clock)
                .AddSingleton(Definitions(store.GrainStates, clock))
                .AddSingleton(provider => new RunDesk(
                    journal, spec => PlanCheck.Check(spec, TestKinds.All), clock,
                    provider.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(),
                    () => made!.NextAppend(), numbers)
                {
                    AtOnce = ScriptedRunner.AtOnce,
                    Children = ChildRuns.OnCluster(
                        provider.GetRequiredService<DefinitionDesk>().Version, provider.GetRequiredService<IGrainFactory>()),
                }));
        });
        var built = builder.Build();
        made = new Cluster(built, store, journal, runner);
        await built.DeployAsync();
        return made;
    }

    /// <summary>The registry of pipelines over a store.</summary>
    public static DefinitionDesk Definitions(IGrainStates states, TimeProvider clock) =>
        new(states, spec => PlanCheck.Check(spec, TestKinds.All), clock, Guid.NewGuid);

    public IPipelineGrain Run(RunId run) => _silos.Client!.GetGrain<IPipelineGrain>(run.Value);

    public ILimitGrain Limit(string name) => _silos.Client!.GetGrain<ILimitGrain>(name);

    public string Name(InProcessSiloHandle silo) =>
        _silos.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<ILocalSiloDetails>().Name;

    /// <summary>The silo that holds the run.</summary>
    public async Task<InProcessSiloHandle> Driver(RunId run)
    {
        var driver = (await Store.Catalog.Run(run, default))!.Driver;
        return _silos.Silos.Single(silo => silo.SiloAddress.ToParsableString() == driver);
    }

    public async Task<RunView> Ended(RunId run)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
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
        [], [], []) { IsPure = true },
        new KindSpec("test.light", StepCategory.Flow, "Is done at once.", "", InputArity.None, Fusing.Alone, [], [], [], [], []),
        Waiting("test.signal", AwaitKind.Signal, AwaitFields.Name), Waiting("test.ask", AwaitKind.Approval, AwaitFields.Message),
        Waiting("test.nap", AwaitKind.Time, AwaitFields.For), Waiting("test.child", AwaitKind.Run, AwaitFields.Pipeline, AwaitFields.OnParentEnd)]);

    private static KindSpec Waiting(string name, AwaitKind kind, params string[] fields) => new(
        name, StepCategory.Flow, "Waits.", "", InputArity.Any, Fusing.Alone,
        [.. fields.Select(field => new FieldSpec(field, new FieldType.Text(), "What for."))], [], [], [], [])
        {
            Awaits = kind,
        };
}

internal static class Given
{
    public static readonly RunId Run = RunId.New(DateTimeOffset.UnixEpoch.AddYears(50), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    public static RunId Other(int number) => RunId.New(DateTimeOffset.UnixEpoch.AddYears(51).AddSeconds(number), new byte[10]);

    /// <summary>Steps as <c>b: a, c</c>; those whose names begin with <c>light</c> are done at once, with <c>signal</c> wait for the signal
    /// <c>go</c>, with <c>ask</c> for approval, with <c>nap</c> for a moment, with <c>child</c> for a run of the pipeline <c>other</c>.</summary>
    public static RunCommand.Start Pipeline(params string[] steps) => Pipeline(TimeSpan.FromMilliseconds(10), steps);

    public static RunCommand.Start Pipeline(TimeSpan retryAfter, params string[] steps) => new(
        new PipelineSpec("test", null, [], [.. steps.Select(step => Step(step, retryAfter))]), [], "/tmp", null, null);

    /// <summary>The same, each step of which takes a limit.</summary>
    public static RunCommand.Start Limited(string limit, params string[] steps)
    {
        var start = Pipeline(steps);
        return start with { Spec = start.Spec with { Steps = [.. start.Spec.Steps.Select(step => step with { Limits = [new LimitUse(limit)] })] } };
    }

    /// <summary>The same, of which the whole run takes a limit.</summary>
    public static RunCommand.Start LimitedRun(string limit, params string[] steps)
    {
        var start = Pipeline(steps);
        return start with { Spec = start.Spec with { Limits = [new LimitUse(limit)] } };
    }

    private static StepSpec Step(string line, TimeSpan retryAfter)
    {
        var parts = line.Split(':', StringSplitOptions.TrimEntries);
        var needs = parts.Length > 1 ? parts[1].Split(',', StringSplitOptions.TrimEntries) : [];
        var retry = RetrySpec.Default with { Initial = retryAfter };
        var (kind, with) = new (string Prefix, SpecValue.Map With)[]
        {
            ("light", SpecValue.Map.Empty), ("signal", Text(AwaitFields.Name, "go")), ("ask", Text(AwaitFields.Message, "May I?")),
            ("nap", Text(AwaitFields.For, "20ms")), ("childLeft", new SpecValue.Map([
                new Field(AwaitFields.Pipeline, new SpecValue.Text("other")), new Field(AwaitFields.OnParentEnd, new SpecValue.Text(AwaitFields.Abandon))])),
            ("child", Text(AwaitFields.Pipeline, "other")), ("", SpecValue.Map.Empty),
        }.First(kind => parts[0].StartsWith(kind.Prefix, StringComparison.Ordinal));
        return new StepSpec(
            new StepId(parts[0]), $"test.{kind switch { "" => "step", "childLeft" => "child", _ => kind }}", [.. needs.Select(need => new StepId(need))], with,
            kind.StartsWith("child", StringComparison.Ordinal) ? null : retry);

        static SpecValue.Map Text(string name, string text) => new([new Field(name, new SpecValue.Text(text))]);
    }
}
