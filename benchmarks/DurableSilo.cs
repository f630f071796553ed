using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Servers;
using OrleansEtl.Shells;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Bench;

/// <summary>One silo in this process that holds runs over a store; its steps are no-ops.</summary>
internal sealed class DurableSilo : IAsyncDisposable
{
    private static readonly TimeSpan RunPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(10);

    private readonly IHost _host;
    private readonly IGrainFactory _grains;

    private DurableSilo(IHost host) => (_host, _grains) = (host, host.Services.GetRequiredService<IGrainFactory>());

    /// <summary>Five steps, one after another.</summary>
    public static PipelineSpec Sequence { get; } = Spec("seq",
        [("s1", []), ("s2", ["s1"]), ("s3", ["s2"]), ("s4", ["s3"]), ("s5", ["s4"])]);

    /// <summary>One step, then eight beside each other, then one.</summary>
    public static PipelineSpec Dag { get; } = Spec("dag",
        [("first", []), .. Enumerable.Range(1, 8).Select(i => ($"w{i}", new[] { "first" })),
         ("last", [.. Enumerable.Range(1, 8).Select(i => $"w{i}")])]);

    /// <summary>So many steps, one after another.</summary>
    public static PipelineSpec Chain(int steps) => Spec($"chain{steps}",
        Enumerable.Range(0, steps).Select(i => ($"s{i}", i == 0 ? Array.Empty<string>() : [$"s{i - 1}"])));

    /// <summary>So many steps beside each other.</summary>
    public static PipelineSpec Wide(int steps) => Spec($"wide{steps}", Enumerable.Range(0, steps).Select(i => ($"s{i}", Array.Empty<string>())));

    /// <param name="byGrains">Each step by a grain of its own, as steps that do something are; else as no-ops are in earnest.</param>
    /// <param name="runner">What those grains do; null: nothing.</param>
    /// <param name="schedules">Whose schedules it runs, given how it starts runs; null: none.</param>
    public static async Task<DurableSilo> Start(
        IStore store, bool byGrains, IStageRunner? runner = null, int stagesAtOnce = 64, Func<IGrainFactory, ScheduleDesk>? schedules = null)
    {
        var options = new ShellOptions { StagesAtOnce = stagesAtOnce };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(TimeProvider.System).AddLogging()
            .AddSingleton(store.Journal).AddSingleton(store.Catalog).AddSingleton(store.Results)
            .AddRuns(options, new RescueDuty(store.Catalog))
            .AddSingleton(runner ?? new NoOps())
            .AddSingleton(provider => new RunDesk(
                store.Journal, spec => PlanCheck.Check(spec, StepCatalog.Specs), TimeProvider.System,
                provider.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(), Guid.NewGuid, options)
            {
                AtOnce = byGrains ? _ => null : StepKinds.BuiltIn.AtOnce,
            });
        if (schedules is not null)
            builder.Services.AddDueSweep(store.GrainStates).AddSingleton(provider => schedules(provider.GetRequiredService<IGrainFactory>()));
        var (siloPort, gatewayPort) = (FreePorts.Next(), FreePorts.Next());
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort, gatewayPort));
        var host = builder.Build();
        await host.StartAsync();
        return new DurableSilo(host);
    }

    /// <summary>Starts a run and answers when it has ended, durably.</summary>
    public async Task<RunView> Run(PipelineSpec spec)
    {
        var run = _grains.GetGrain<IPipelineGrain>(
            RunId.New(TimeProvider.System.GetUtcNow(), RandomNumberGenerator.GetBytes(10)).Value);
        if (await run.Tell(new RunCommand.Start(spec, [], "/", null, null)) is Answer.Refused refused)
            throw new FaultException(refused.Faults[0]);
        var (view, watch) = (default(RunView), Stopwatch.StartNew());
        while (view is not { EndedAt: not null } && watch.Elapsed < RunPatience) view = await run.Ended(CallPatience, CancellationToken.None);
        return view is { Status: RunStatus.Succeeded } ? view
            : throw new InvalidOperationException($"{view?.Id} is {view?.Status}: {view?.Fault}");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static PipelineSpec Spec(string name, IEnumerable<(string Id, string[] Needs)> steps) => new(name, null, [],
        [.. steps.Select(step => new StepSpec(
            new StepId(step.Id), "flow.noop", [.. step.Needs.Select(need => new StepId(need))], SpecValue.Map.Empty))]);

    private sealed class NoOps : IStageRunner
    {
        public Task<StageOutcome> Run(StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation) =>
            Task.FromResult(StepKinds.BuiltIn.AtOnce(work)!);
    }
}
