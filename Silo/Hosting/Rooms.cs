using Microsoft.Extensions.DependencyInjection;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Shells;
using OrleansEtl.Silo.Embedded;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Hosting;

/// <summary>The wiring, one method a room.</summary>
internal static class Rooms
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IStore store) =>
        services.AddSingleton(store.Journal).AddSingleton(store.Catalog);

    /// <summary>The engine takes a while to open, so it begins at once, beside everything else that starts.</summary>
    public static IServiceCollection AddData(this IServiceCollection services, HomeFolders folders, EmbeddedOptions options)
    {
        var engine = Engine(folders, options);
        _ = engine.Warm();
        return services.AddSingleton(_ => new DatasetStore(folders.Data)).AddSingleton(_ => engine);
    }

    public static IServiceCollection AddSteps(this IServiceCollection services, HomeFolders folders) => services
        .AddSingleton<Func<string, PathRules>>(folders.RulesOf)
        .AddSingleton(new StepOptions())
        .AddSingleton(HostConnections.Of(Environment.GetEnvironmentVariables))
        .AddSingleton<IStageRunner, StageRunner>();

    public static IServiceCollection AddShells(this IServiceCollection services, string driver, ShellOptions options) => services
        .AddSingleton(options)
        .AddSingleton<Closing>()
        .AddSingleton<Sweeper>()
        .AddSingleton(_ => SlotGate.Of(options))
        .AddSingleton(provider => new RunDesk(
            provider.GetRequiredService<IRunJournal>(),
            spec => PlanCheck.Check(spec, StepCatalog.Specs),
            provider.GetRequiredService<TimeProvider>(),
            driver, Guid.NewGuid, options));

    public static DuckEngine Engine(HomeFolders folders, EmbeddedOptions options)
    {
        var duck = new DuckOptions(folders.Spill, folders.EngineRoots);
        return new DuckEngine(duck with
        {
            MemoryBytes = options.MemoryBytes ?? duck.MemoryBytes,
            Threads = options.Threads ?? duck.Threads,
        });
    }
}
