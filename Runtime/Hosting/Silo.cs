using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.Hosting;

/// <summary>The life of a silo: joins, starts stage by stage, is active, lets its grains go, leaves.</summary>
internal sealed class Silo(
    SiloNode node, ICluster cluster, SiloLifecycle lifecycle, TimeProvider time,
    IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants, IOptions<SiloOptions> options,
    IHostEnvironment environment, ILogger<Silo> log)
    : IHostedService
{
    private DateTime _started;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Manifest.Current.IncludeLoaded();
        if (environment.IsDevelopment()) ManifestCheck.Run(Manifest.Current.Requests);
        CheckAges();
        _started = time.GetUtcNow().UtcDateTime;
        await cluster.Connect(node, cancellationToken);
        await Announce(SiloStatus.Joining, cancellationToken);
        lifecycle.Subscribe(nameof(Silo), ServiceLifecycleStage.BecomeActive, BecomeActive, LetGo);
        foreach (var participant in participants) participant.Participate(lifecycle);
        try
        {
            await lifecycle.OnStart(cancellationToken);
        }
        catch
        {
            await StopAsync(cancellationToken);
            throw;
        }

        log.LogInformation("{Silo} is active.", node.Address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) await Die();
        await lifecycle.OnStop(cancellationToken);
        await Die();
    }

    private Task BecomeActive(CancellationToken cancellationToken) => Announce(SiloStatus.Active, cancellationToken);

    private async Task LetGo(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || node.IsDead) return;
        await Announce(SiloStatus.ShuttingDown, cancellationToken);
        node.IsStopping = cluster.Membership.ActiveSilos().All(silo => silo.Equals(node.Address));
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is shutting down.");
        try
        {
            // Who did not know yet that this silo goes may have started something meanwhile.
            while (Grains() is { Length: > 0 } grains)
            {
                foreach (var grain in grains) grain.Deactivate(reason, cancellationToken);
                await Task.WhenAll(grains.Select(grain => grain.Deactivated)).WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("{Silo} stops although some grains have not ended.", node.Address);
        }
    }

    // Others may ask the parts of the runtime up to the end.
    private Activation[] Grains() =>
        [.. node.Catalog.All.Where(static activation => !SystemGrains.Is(activation.GrainId))];

    // Whoever waits for this silo must not wait for the timeout.
    private async Task Die()
    {
        if (node.IsDead) return;
        node.IsStopping = true;
        await cluster.Disconnect(node);
        node.IsDead = true;
        await Announce(SiloStatus.Dead, CancellationToken.None);
        node.Catalog.Clear();
        node.FailCalls(new SiloUnavailableException($"{node.Address} has stopped."));
        node.Dispose();
    }

    private Task Announce(SiloStatus status, CancellationToken cancellation) =>
        cluster.Membership.Announce(new(node.Address, options.Value.SiloName!, status, _started), cancellation);

    private void CheckAges()
    {
        var quantum = node.Collection.CollectionQuantum;
        Check("GrainCollectionOptions.CollectionAge", node.Collection.CollectionAge);
        foreach (var grainClass in Manifest.Current.Classes)
        {
            if (grainClass.HasOwnAge && grainClass.Traits.CollectionAge is { } age)
                Check($"[CollectionAgeLimit] of {grainClass.Type}", age);
        }

        void Check(string what, TimeSpan age)
        {
            if (age != Timeout.InfiniteTimeSpan && age <= quantum)
            {
                throw new OrleansConfigurationException(
                    $"{what} is {age}; it must be longer than GrainCollectionOptions.CollectionQuantum, {quantum}.");
            }
        }
    }
}
