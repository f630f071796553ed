using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Silo.Hosting;

/// <summary>Hears when the other silos have given this one up. Then it must not go on: whatever it held is theirs.</summary>
internal sealed class DeathNotice(ISiloStatusOracle silos) : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _leaving;

    /// <summary>Completes when this silo was declared dead.</summary>
    public Task Told => _told.Task;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(DeathNotice), ServiceLifecycleStage.ApplicationServices,
        _ =>
        {
            silos.SubscribeToSiloStatusEvents(this);
            return Task.CompletedTask;
        },
        _ =>
        {
            _leaving = true;
            return Task.CompletedTask;
        });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (!_leaving && status == SiloStatus.Dead && updatedSilo.Equals(silos.SiloAddress)) _told.TrySetResult();
    }
}
