using System.Collections.ObjectModel;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.TestingHost;

/// <summary>Several silos and a client in this process; what goes between them goes as bytes.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly InProcessTestClusterBuilder _builder;
    private readonly TestSilos _silos;

    internal InProcessTestCluster(InProcessTestClusterBuilder builder)
    {
        _builder = builder;
        _silos = new(MakeSilo, MakeClient, static number => $"Silo_{number}");
    }

    /// <summary>The client.</summary>
    public IClusterClient Client => _silos.Client;

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos => _silos.Silos;

    /// <summary>What all share.</summary>
    public InProcessTestClusterOptions Options => _builder.Options;

    /// <summary>Starts the silos and the client.</summary>
    public async Task DeployAsync()
    {
        await StartSilosAsync(Options.InitialSilosCount);
        if (Options.InitializeClientOnDeploy) await InitializeClientAsync();
        await WaitForLivenessToStabilizeAsync();
    }

    /// <summary>Starts another silo.</summary>
    public InProcessSiloHandle StartAdditionalSilo() =>
        Task.Run(StartAdditionalSiloAsync).GetAwaiter().GetResult();

    /// <inheritdoc cref="StartAdditionalSilo"/>
    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => _silos.Start();

    /// <summary>Starts more silos.</summary>
    public async Task<List<InProcessSiloHandle>> StartSilosAsync(int silosToStart)
    {
        var started = new List<InProcessSiloHandle>();
        for (var i = 0; i < silosToStart; i++) started.Add(await _silos.Start());
        return started;
    }

    /// <summary>Stops a silo; its grains end in order.</summary>
    public Task StopSiloAsync(SiloHandle silo) => _silos.Stop(silo, gracefully: true);

    /// <summary>Stops a silo at once; its activations are lost.</summary>
    public Task KillSiloAsync(SiloHandle silo) => _silos.Stop(silo, gracefully: false);

    /// <summary>Stops a silo and starts one of its name.</summary>
    public async Task<SiloHandle> RestartSiloAsync(SiloHandle silo) => await _silos.Restart(silo);

    /// <summary>Starts a silo of a name that was stopped.</summary>
    public async Task<SiloHandle> RestartStoppedSecondarySiloAsync(string siloName) =>
        await _silos.RestartStopped(siloName);

    /// <summary>Stops all silos.</summary>
    public async Task StopSilosAsync()
    {
        foreach (var silo in Silos.Reverse().ToArray()) await StopSiloAsync(silo);
    }

    /// <summary>Stops the client and all silos.</summary>
    public Task StopAllSilosAsync() => _silos.StopAll();

    /// <summary>Stops the client.</summary>
    public Task StopClusterClientAsync() => _silos.StopClient(gracefully: true);

    /// <summary>Stops the client at once.</summary>
    public Task KillClientAsync() => _silos.StopClient(gracefully: false);

    /// <summary>Starts the client.</summary>
    public Task InitializeClientAsync() => _silos.StartClient();

    /// <summary>The silos that run.</summary>
    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos.Where(silo => silo.IsActive);

    /// <summary>The silo at that address.</summary>
    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
        Silos.FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    /// <summary>The services of that silo, or of some silo.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) => _silos.ServicesOf(silo);

    /// <summary>Waits until every silo knows all that run, and nobody takes one that has gone for one that is there.</summary>
    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => _silos.WaitForLiveness();

    /// <summary>The activation of a grain, if it has one.</summary>
    public bool TryGetGrainContext(GrainId grainId, out IGrainContext? context) =>
        _silos.TryGetContext(grainId, out context);

    /// <summary>Ends the activation of a grain.</summary>
    public Task DeactivateAsync(GrainId grainId) => _silos.Deactivate(grainId);

    /// <inheritdoc cref="DeactivateAsync(GrainId)"/>
    public Task DeactivateAsync(IAddressable grain) => _silos.Deactivate(grain.GetGrainId());

    /// <summary>Waits until the activation of a grain has ended.</summary>
    public Task WaitForDeactivationAsync(GrainId grainId) => _silos.WaitForDeactivation(grainId);

    /// <inheritdoc cref="WaitForDeactivationAsync(GrainId)"/>
    public Task WaitForDeactivationAsync(IAddressable grain) => _silos.WaitForDeactivation(grain.GetGrainId());

    /// <inheritdoc/>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _silos.DisposeAsync();

    private IHost MakeSilo(InProcessCluster cluster, string name, int port)
    {
        var host = TestHosts.Empty();
        var options = new InProcessTestSiloSpecificOptions
        {
            SiloName = name,
            SiloPort = port,
            GatewayPort = port + 10000,
        };
        host.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(SetIds);
            TestHosts.Configure(silo, cluster, name, port);
        });
        foreach (var configure in _builder.AllHosts) configure(host);
        foreach (var configure in _builder.SiloHosts) configure(options, host);
        return host.Build();
    }

    private IHost MakeClient(InProcessCluster cluster)
    {
        var host = TestHosts.Empty();
        host.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(SetIds);
            TestHosts.Configure(client, cluster);
        });
        foreach (var configure in _builder.AllHosts) configure(host);
        foreach (var configure in _builder.ClientHosts) configure(host);
        return host.Build();
    }

    private void SetIds(ClusterOptions options) =>
        (options.ClusterId, options.ServiceId) = (Options.ClusterId, Options.ServiceId);
}
