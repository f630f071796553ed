using System.Collections.ObjectModel;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Placement;

namespace Orleans.TestingHost;

/// <summary>The silos and the client of one test cluster; both kinds of cluster are made of it.</summary>
internal sealed class TestSilos(
    Func<InProcessCluster, string, int, IHost> makeSilo, Func<InProcessCluster, IHost> makeClient,
    Func<int, string> nameOf)
{
    private static readonly TimeSpan LivenessMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LivenessPoll = TimeSpan.FromMilliseconds(5);
    private static int _ports = 20000;

    private readonly InProcessCluster _cluster = new();
    private readonly List<InProcessSiloHandle> _silos = [];
    private readonly List<string> _stoppedNames = [];
    private IHost? _client;
    private short _started;

    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_silos) return _silos.AsReadOnly();
        }
    }

    public IHost ClientHost =>
        _client ?? throw new InvalidOperationException("The client of this cluster is not started.");

    public IClusterClient Client => ClientHost.Services.GetRequiredService<IClusterClient>();

    public async Task<InProcessSiloHandle> Start(string? name = null)
    {
        var number = _started++;
        var host = makeSilo(_cluster, name ?? nameOf(number), Interlocked.Increment(ref _ports));
        await host.StartAsync();
        var handle = new InProcessSiloHandle(host, number);
        lock (_silos) _silos.Add(handle);
        return handle;
    }

    public async Task StartClient()
    {
        _client = makeClient(_cluster);
        await _client.StartAsync();
    }

    public async Task StopClient(bool gracefully)
    {
        if (_client is null) return;
        var client = _client;
        _client = null;
        try
        {
            await client.StopAsync(new CancellationToken(canceled: !gracefully));
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        client.Dispose();
    }

    public async Task Stop(SiloHandle silo, bool gracefully)
    {
        lock (_silos) _silos.Remove((InProcessSiloHandle)silo);
        _stoppedNames.Add(silo.Name);
        await silo.StopSiloAsync(gracefully);
        await silo.DisposeAsync();
    }

    public async Task<InProcessSiloHandle> Restart(SiloHandle silo)
    {
        await Stop(silo, gracefully: true);
        return await RestartStopped(silo.Name);
    }

    public Task<InProcessSiloHandle> RestartStopped(string name)
    {
        if (!_stoppedNames.Remove(name))
            throw new ArgumentException($"No silo of the name \"{name}\" has been stopped.");
        return Start(name);
    }

    public IServiceProvider ServicesOf(SiloAddress? silo) =>
        (silo is null ? Silos.FirstOrDefault() : Silos.FirstOrDefault(s => s.SiloAddress.Equals(silo)))?.ServiceProvider
        ?? throw new ArgumentException($"{silo?.ToString() ?? "No silo"} is not running.");

    public bool TryGetContext(GrainId grain, out IGrainContext? context)
    {
        context = Silos.Select(silo => silo.ServiceProvider.GetRequiredService<SiloNode>().Catalog.Find(grain))
            .FirstOrDefault(found => found is not null);
        return context is not null;
    }

    public async Task Deactivate(GrainId grain)
    {
        if (!TryGetContext(grain, out var context)) return;
        context!.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "The test asked."));
        await context.Deactivated;
    }

    public Task WaitForDeactivation(GrainId grain) =>
        TryGetContext(grain, out var context) ? context!.Deactivated : Task.CompletedTask;

    public async Task WaitForLiveness()
    {
        var waited = Stopwatch.StartNew();
        while (Misjudged().Any())
        {
            if (waited.Elapsed > LivenessMax)
                throw new TimeoutException($"Not everybody knows whether {string.Join(" and ", Misjudged().Distinct())} lives.");
            await Task.Delay(LivenessPoll);
        }
    }

    // Whom a node takes for a peer though no such silo runs, and whom a silo does not know yet.
    private IEnumerable<SiloAddress> Misjudged()
    {
        var silos = Silos;
        SiloAddress[] running = [.. silos.Select(silo => silo.SiloAddress)];
        var known = silos.Select(silo => Known(ClusterOf(silo.ServiceProvider))).ToArray();
        return known.Append(_client is null ? [] : ClusterOf(_client.Services).Membership.ActiveSilos())
            .SelectMany(peers => peers.Except(running))
            .Concat(known.SelectMany(running.Except));
    }

    private static IEnumerable<SiloAddress> Known(ICluster silo) =>
        silo.Directory is RingDirectory ring ? ring.Members : silo.Membership.ActiveSilos();

    private static ICluster ClusterOf(IServiceProvider services) => services.GetRequiredService<ICluster>();

    public async Task StopAll()
    {
        await StopClient(gracefully: true);
        foreach (var silo in Silos.Reverse().ToArray()) await Stop(silo, gracefully: true);
    }

    public async ValueTask DisposeAsync()
    {
        await StopClient(gracefully: false);
        foreach (var silo in Silos.ToArray()) await Stop(silo, gracefully: false);
    }
}
