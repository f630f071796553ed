using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Channels;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Logs;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Shells;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Silo.Queues;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Hosting;

/// <summary>The wiring, one method a room.</summary>
internal static class Rooms
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IStore store) =>
        services.AddSingleton(store.Journal).AddSingleton(store.Catalog).AddSingleton(store.GrainStates).AddSingleton(store.Results);

    /// <summary>The engine takes a while to open, so it begins at once, beside everything else that starts.</summary>
    /// <param name="copies">Of datasets of shared storage; null: none are made.</param>
    public static IServiceCollection AddData(
        this IServiceCollection services, string datasets, string logs, DuckEngine engine, LocalCache? copies)
    {
        _ = engine.Warm();
        return services.AddSingleton(_ => new DatasetStore(datasets, copies)).AddSingleton(_ => engine)
            .AddSingleton(provider => new LogStore(logs, new LogBounds(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<RunLogs>().AddSingleton<Sweeper>();
    }

    /// <param name="rulesOf">Which files a pipeline of a folder may touch.</param>
    public static IServiceCollection AddSteps(
        this IServiceCollection services, Func<string, PathRules> rulesOf, AllowedPrograms programs, StepKinds kinds) => services
        .AddSingleton(rulesOf)
        .AddSingleton(programs)
        .AddSingleton(kinds)
        .AddSingleton(new StepOptions())
        .AddSingleton(HostConnections.Of(Environment.GetEnvironmentVariables))
        .AddSingleton<IStageRunner, StageRunner>();

    /// <param name="driver">Names this process as the driver of its runs.</param>
    public static IServiceCollection AddShells(
        this IServiceCollection services, Func<IServiceProvider, string> driver, ShellOptions options, RescueDuty duty, StepKinds kinds) => services
        .AddRuns(options, duty)
        .AddSingleton(provider => Definitions(
            provider.GetRequiredService<IGrainStates>(), provider.GetRequiredService<TimeProvider>(), kinds,
            provider.GetRequiredService<AlertDesk>().Registering))
        .AddSingleton(provider => new RunDesk(
            provider.GetRequiredService<IRunJournal>(),
            spec => PlanCheck.Check(spec, kinds.Specs),
            provider.GetRequiredService<TimeProvider>(),
            driver(provider), Guid.NewGuid, options)
        {
            AtOnce = kinds.AtOnce,
            Pauses = provider.GetRequiredService<PauseBoard>(),
            Alerts = provider.GetRequiredService<AlertDesk>().UnderWay,
            Children = provider.GetRequiredService<ChildRuns>(),
        })
        .AddSingleton(provider => ChildRuns.OnCluster(
            provider.GetRequiredService<DefinitionDesk>().Version, provider.GetRequiredService<IGrainFactory>()));

    /// <summary>Runs are paused with their pipelines.</summary>
    public static IServiceCollection AddPauses(this IServiceCollection services, IGrainStates states, TimeProvider clock) => services
        .AddSingleton(new PauseStore(states, clock, Guid.NewGuid))
        .AddSingleton<PauseWatch>()
        .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<PauseWatch>());

    /// <summary>Schedules over a store; who pays for them is said elsewhere.</summary>
    public static ScheduleDesk Schedules(IStore store, TimeProvider clock, StepKinds kinds) =>
        new(store.GrainStates, store.Catalog, Definitions(store.GrainStates, clock, kinds).Version, clock, Guid.NewGuid);

    /// <summary>Alerts over a store, sent to the channels of this process.</summary>
    public static AlertDesk Alerts(IStore store, ScheduleDesk schedules, TimeProvider clock, ISender sender) => new(
        store.GrainStates, store.Catalog, store.Journal, schedules.Find, schedules, new PauseStore(store.GrainStates, clock, Guid.NewGuid),
        new HostChannels(Environment.GetEnvironmentVariables), sender, clock, Guid.NewGuid);
    /// <summary>Triggers over a store; who looks and pays for them is said elsewhere.</summary>
    public static TriggerDesk Triggers(IStore store, TimeProvider clock, StepKinds kinds) => new(
        store.GrainStates, store.Catalog, store.Journal, Definitions(store.GrainStates, clock, kinds).Version, clock, Guid.NewGuid, kinds.Specs);

    /// <summary>This process listens to the queues of triggers.</summary>
    public static QueueListeners Queues(IServiceProvider silo, TimeProvider clock, ILogger log) => new(
        new TriggerShare(silo.GetRequiredService<TriggerDesk>(), silo.GetRequiredService<ISiloStatusOracle>()),
        silo.GetRequiredService<IGrainFactory>(), new QueueSettings(), clock, log);

    /// <summary>The registry of pipelines.</summary>
    /// <param name="before">See <see cref="DefinitionDesk.Before"/>.</param>
    public static DefinitionDesk Definitions(
        IGrainStates states, TimeProvider clock, StepKinds kinds, Func<string, DefinitionCommand, Task>? before = null) =>
        new(states, spec => PlanCheck.Check(spec, kinds.Specs), clock, Guid.NewGuid) { Before = before ?? ((_, _) => Task.CompletedTask) };

    /// <param name="named">Absolute paths, or names that are on this process' PATH.</param>
    public static AllowedPrograms Programs(IEnumerable<string> named) =>
        AllowedPrograms.Of(named, Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>An engine of which everything that is not given has its default.</summary>
    public static DuckEngine Engine(DuckOptions options, long? memoryBytes, int? threads) => new(options with
    {
        MemoryBytes = memoryBytes ?? options.MemoryBytes,
        Threads = threads ?? options.Threads,
    });
}
