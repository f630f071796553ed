using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>What grains ask of their silo.</summary>
public interface IGrainRuntime
{
    /// <summary>The silo address as text.</summary>
    string SiloIdentity { get; }

    /// <summary>The silo.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Makes references.</summary>
    IGrainFactory GrainFactory { get; }

    /// <summary>Makes timers.</summary>
    ITimerRegistry TimerRegistry { get; }

    /// <summary>The services of the silo.</summary>
    IServiceProvider ServiceProvider { get; }

    /// <summary>The clock.</summary>
    TimeProvider TimeProvider { get; }

    /// <summary>Ends an activation once its running requests have ended.</summary>
    void DeactivateOnIdle(IGrainContext grainContext);

    /// <summary>Keeps an activation.</summary>
    void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan);

    /// <summary>The storage of the state of a <see cref="Grain{TState}"/>.</summary>
    IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext);
}

internal sealed class SiloGrainRuntime(SiloNode node) : IGrainRuntime
{
    public string SiloIdentity => node.Address.ToString();

    public SiloAddress SiloAddress => node.Address;

    public IGrainFactory GrainFactory => field ??= node.Services.GetRequiredService<IGrainFactory>();

    public ITimerRegistry TimerRegistry => field ??= node.Services.GetRequiredService<ITimerRegistry>();

    public IServiceProvider ServiceProvider => node.Services;

    public TimeProvider TimeProvider => node.Time;

    public void DeactivateOnIdle(IGrainContext grainContext)
    {
        CheckTurn(grainContext);
        grainContext.Deactivate(
            new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));
    }

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan)
    {
        CheckTurn(grainContext);
        ((Activation)grainContext).Delay(timeSpan);
    }

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) =>
        PersistentStates.OfGrainClass<TGrainState>((Activation)grainContext);

    internal static void CheckTurn(IGrainContext context)
    {
        if (!ReferenceEquals(RuntimeContext.Current, context))
        {
            throw new InvalidOperationException(
                "Activation access violation: this may only be done in a turn of the grain itself, "
                + "not from Task.Run, ConfigureAwait(false) or another thread.");
        }
    }
}
