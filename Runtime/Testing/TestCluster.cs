using System.Collections.ObjectModel;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>Several silos and a client in this process, configured by types.</summary>
public class TestCluster : IDisposable, IAsyncDisposable
{
    private readonly TestClusterBuilder _builder;
    private readonly TestSilos _silos;

    internal TestCluster(TestClusterBuilder builder)
    {
        _builder = builder;
        _silos = new(builder.MakeSilo, builder.MakeClient, static n => n == 0 ? "Primary" : $"Secondary_{n}");
    }

    /// <summary>What all share.</summary>
    public TestClusterOptions Options => _builder.Options;

    /// <summary>The client.</summary>
    public IClusterClient Client => _silos.Client;

    /// <summary>Makes references, by the client.</summary>
    public IGrainFactory GrainFactory => Client;

    /// <summary>The services of the client.</summary>
    public IServiceProvider ServiceProvider => _silos.ClientHost.Services;

    /// <summary>The first silo.</summary>
    public SiloHandle? Primary => Silos.FirstOrDefault(silo => silo.Name == "Primary");

    /// <summary>The other silos.</summary>
    public IReadOnlyList<SiloHandle> SecondarySilos => [.. Silos.Where(silo => silo.Name != "Primary")];

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<SiloHandle> Silos => _silos.Silos.Cast<SiloHandle>().ToList().AsReadOnly();

    /// <summary>Starts the silos and the client.</summary>
    public void Deploy() => Task.Run(DeployAsync).GetAwaiter().GetResult();

    /// <summary>Starts the silos and the client.</summary>
    public async Task DeployAsync()
    {
        for (var i = 0; i < Options.InitialSilosCount; i++) await _silos.Start();
        if (Options.InitializeClientOnDeploy) await InitializeClientAsync();
        await WaitForLivenessToStabilizeAsync();
    }

    /// <summary>Starts another silo.</summary>
    public SiloHandle StartAdditionalSilo(bool startAdditionalSiloOnNewPort = false) =>
        Task.Run(() => StartAdditionalSiloAsync(startAdditionalSiloOnNewPort)).GetAwaiter().GetResult();

    /// <inheritdoc cref="StartAdditionalSilo"/>
    public async Task<SiloHandle> StartAdditionalSiloAsync(bool startAdditionalSiloOnNewPort = false) =>
        await _silos.Start();

    /// <summary>Starts more silos.</summary>
    public async Task<List<SiloHandle>> StartAdditionalSilosAsync(
        int silosToStart, bool startAdditionalSiloOnNewPort = false)
    {
        var started = new List<SiloHandle>();
        for (var i = 0; i < silosToStart; i++) started.Add(await _silos.Start());
        return started;
    }

    /// <summary>Stops a silo; its grains end in order.</summary>
    public Task StopSiloAsync(SiloHandle instance) => _silos.Stop(instance, gracefully: true);

    /// <summary>Stops a silo at once; its activations are lost.</summary>
    public Task KillSiloAsync(SiloHandle instance) => _silos.Stop(instance, gracefully: false);

    /// <summary>Stops a silo and starts one of its name.</summary>
    public async Task<SiloHandle> RestartSiloAsync(SiloHandle instance) => await _silos.Restart(instance);

    /// <summary>Starts a silo of a name that was stopped.</summary>
    public async Task<SiloHandle> RestartStoppedSecondarySiloAsync(string siloName) =>
        await _silos.RestartStopped(siloName);

    /// <summary>Stops the first silo.</summary>
    public Task StopPrimarySiloAsync() => Primary is { } primary ? StopSiloAsync(primary) : Task.CompletedTask;

    /// <summary>Stops the other silos.</summary>
    public async Task StopSecondarySilosAsync()
    {
        foreach (var silo in SecondarySilos.Reverse()) await StopSiloAsync(silo);
    }

    /// <summary>Stops the client and all silos.</summary>
    public void StopAllSilos() => Task.Run(StopAllSilosAsync).GetAwaiter().GetResult();

    /// <summary>Stops the client and all silos.</summary>
    public Task StopAllSilosAsync() => _silos.StopAll();

    /// <summary>Stops the client.</summary>
    public Task StopClusterClientAsync() => _silos.StopClient(gracefully: true);

    /// <summary>Stops the client at once.</summary>
    public Task KillClientAsync() => _silos.StopClient(gracefully: false);

    /// <summary>Starts the client.</summary>
    public Task InitializeClientAsync() => _silos.StartClient();

    /// <summary>The silos that run.</summary>
    public IEnumerable<SiloHandle> GetActiveSilos() => Silos.Where(silo => silo.IsActive);

    /// <summary>The silo at that address.</summary>
    public SiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
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
    public void Dispose()
    {
        Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _silos.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
