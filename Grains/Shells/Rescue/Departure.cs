using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Shells;

/// <summary>A silo that leaves says so to the store once its grains are gone and before the others hear of it, so that nobody takes it for
/// dead. Where the store is away, it is taken for dead.</summary>
public sealed class Departure(RunDesk desk) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(Departure), ServiceLifecycleStage.ApplicationServices, _ => Task.CompletedTask, HandOver);

    private async Task HandOver(CancellationToken cancellation)
    {
        if (desk.Driver is not { } driver) return;
        try
        {
            await desk.Journal.HandOver(driver, cancellation);
        }
        catch (Exception e) when (e is FaultException or OperationCanceledException)
        {
        }
    }
}
