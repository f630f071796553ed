using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansEtl.Shells.Limits;

namespace OrleansEtl.Shells;

/// <summary>What a silo needs to hold runs and steps.</summary>
public static class RunsOnSilo
{
    /// <summary>The services still need a <see cref="RunDesk"/>, an <see cref="Steps.IStageRunner"/>, a
    /// <see cref="Storage.IStepResults"/> and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services, ShellOptions options, RescueDuty duty)
    {
        services.AddPlacementDirector<ControlPlacement, RoleDirector>();
        services.AddPlacementDirector<DataPlacement, RoleDirector>();
        return services
            .AddSingleton(options)
            .AddSingleton(duty)
            .AddSingleton<Closing>()
            .AddSingleton<PauseBoard>()
            .AddSingleton<Catalog.RunHistory>()
            .AddSingleton(_ => SlotGate.Of(options))
            .AddSingleton<LimitReturns>()
            .AddSingleton<LimitGate>()
            .AddSingleton<StageReuse>()
            .AddSingleton<Pulse>()
            .AddSingleton<Rescuer>()
            .AddSingleton<Departure>()
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<Pulse>())
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<Rescuer>())
            .AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<Departure>());
    }
}
