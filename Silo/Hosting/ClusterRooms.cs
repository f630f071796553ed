using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansEtl.Channels;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Shells;
using OrleansEtl.Shells.Limits;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Shells.Statistics;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Hosting;

/// <summary>What a silo of a cluster is made of, besides its store.</summary>
/// <param name="Folders">Null: it does not hold data.</param>
/// <param name="Programs">What steps may run on it.</param>
internal sealed record SiloParts(
    string Name, ImmutableArray<string> Roles, SiloFolders? Folders, AllowedPrograms Programs, ShellOptions Shells, long? MemoryBytes,
    int? Threads)
{
    public StepKinds Kinds { get; init; } = StepKinds.BuiltIn;
}

/// <summary>The rooms of a silo of a cluster.</summary>
internal static class ClusterRooms
{
    public static ISiloBuilder AddRooms(this ISiloBuilder silo, SiloParts parts, IStore store, TimeProvider clock)
    {
        silo.Services.AddSingleton(clock).AddStorage(store)
            .AddShells(services => services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(), parts.Shells,
                new RescueDuty(store.Catalog), parts.Kinds)
            .AddDueSweep(store.GrainStates)
            .AddPauses(store.GrainStates, clock)
            .AddSingleton(services => Rooms.Schedules(store, clock, parts.Kinds) with
            {
                Pays = RunsOf(services.GetRequiredService<IGrainFactory>()),
            })
            .AddSingleton(services => Rooms.Triggers(store, clock, parts.Kinds) with
            {
                Pays = RunsOf(services.GetRequiredService<IGrainFactory>()).Start,
            })
            .AddSingleton<Sender>()
            .AddSingleton(services =>
                Rooms.Alerts(store, services.GetRequiredService<ScheduleDesk>(), clock, services.GetRequiredService<Sender>()) with
                {
                    View = run => services.GetRequiredService<IGrainFactory>().GetGrain<IRunCatalogGrain>(0).View(run),
                });
        if (parts.Folders is { } folders)
            silo.Services
                .AddData(
                    folders.Datasets, folders.Logs, Rooms.Engine(folders.EngineOptions, parts.MemoryBytes, parts.Threads),
                    folders.CopiesBytes > 0 ? LocalCache.Open(folders.Copies, folders.CopiesBytes, clock) : null)
                .AddSteps(folders.RulesOf, parts.Programs, parts.Kinds);
        return silo.AddStoreGrainStorageAsDefault(store.GrainStates, Guid.NewGuid).AddLimits(store.GrainStates, Guid.NewGuid)
            .AddStatistics(parts, clock);
    }

    private static RunsOfSchedules RunsOf(IGrainFactory grains) => new(
        (run, start) => grains.GetGrain<IPipelineGrain>(run.Value).Tell(start),
        (run, reason) => grains.GetGrain<IPipelineGrain>(run.Value).Tell(new RunCommand.Cancel(reason)));

    private static ISiloBuilder AddStatistics(this ISiloBuilder silo, SiloParts parts, TimeProvider clock)
    {
        silo.Services.AddSingleton<CallBook>().AddSingleton(new SiloReport(parts.Name, parts.Roles, clock.GetUtcNow(), Version));
        return silo.AddPlacementDirector<OnSilo, OnSiloDirector>().AddIncomingGrainCallFilter<CallCounting>();
    }

    private static string Version { get; } =
        typeof(ClusterRooms).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
