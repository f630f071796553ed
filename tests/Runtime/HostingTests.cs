using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Xunit;

namespace OrleansEtl.Runtime.Tests;

public interface IKeyedByGuid : IGrainWithGuidKey
{
    Task<Guid> Key();
}

public sealed class KeyedByGuidGrain : Grain, IKeyedByGuid
{
    public Task<Guid> Key() => Task.FromResult(this.GetPrimaryKey());
}

public interface IKeyedByNumber : IGrainWithIntegerCompoundKey
{
    Task<string> Key();
}

[GrainType("numbered")]
public sealed class KeyedByNumberGrain : Grain, IKeyedByNumber
{
    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyLong(out var extension) + extension);
}

public interface INobody : IGrainWithStringKey
{
    Task Touch();
}

public sealed class IdentityTests(SharedCluster shared)
{
    [Fact]
    public void A_grain_id_is_type_and_key_and_is_read_back()
    {
        var id = ((IAddressable)shared.Client.GetGrain<ICallGrain>("a/b")).GetGrainId();
        Assert.Equal("call/a/b", id.ToString());
        Assert.Equal(id, GrainId.Parse("call/a/b", null));
        Assert.Equal(("call", "a/b"), (id.Type.ToString(), id.Key.ToString()));
    }

    [Fact]
    public async Task Keys_of_all_kinds_arrive()
    {
        var guid = Guid.NewGuid();
        Assert.Equal(guid, await shared.Client.GetGrain<IKeyedByGuid>(guid).Key());
        Assert.Equal("-7x", await shared.Client.GetGrain<IKeyedByNumber>(-7, "x").Key());
        var numbered = (IAddressable)shared.Client.GetGrain<IKeyedByNumber>(255, "ext");
        Assert.Equal("numbered/FF+ext", numbered.GetGrainId().ToString());
        Assert.Equal(255, numbered.GetPrimaryKeyLong(out var extension));
        Assert.Equal("ext", extension);
    }

    [Fact]
    public void Impossible_keys_and_interfaces_without_a_class_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => shared.Client.GetGrain<ICallGrain>(null!));
        Assert.Throws<ArgumentException>(() => shared.Client.GetGrain<ICallGrain>(" "));
        Assert.Throws<ArgumentException>(() => shared.Client.GetGrain<INobody>("a"));
        Assert.Throws<ArgumentException>(() => shared.Client.GetGrain<ITurnGrain>("several classes"));
        Assert.Throws<ArgumentNullException>(() => ((IAddressable)null!).GetGrainId());
    }

    [Fact]
    public async Task A_reference_is_only_its_own_interface_until_it_is_cast()
    {
        object reference = shared.Silo.GetGrain<ILifeGrain>(Signals.NewKey());
        Assert.False(reference is ICallGrain);
        var wrong = ((IAddressable)reference).Cast<ICallGrain>();
        await Assert.ThrowsAnyAsync<Exception>(() => wrong.Kept());
        Assert.Equal(reference, wrong);
    }

    [Fact]
    public void Silo_addresses_are_written_and_read_back()
    {
        var address = SiloAddress.New(System.Net.IPAddress.Loopback, 11111, 7);
        Assert.Equal("127.0.0.1:11111@7", address.ToParsableString());
        Assert.Equal("S127.0.0.1:11111@7", address.ToString());
        Assert.Equal(address, SiloAddress.FromParsableString("127.0.0.1:11111@7"));
    }
}

public sealed class HostingTests
{
    [Fact]
    public async Task Startup_tasks_and_participants_run_in_order_and_stop_in_reverse()
    {
        var seen = new List<string>();
        var host = Host(silo =>
        {
            silo.AddStartupTask((_, _) => Note("active"));
            silo.AddStartupTask((_, _) => Note("storage"), ServiceLifecycleStage.RuntimeStorageServices);
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new Participant(seen));
        });
        await host.StartAsync();
        await host.StopAsync();
        Assert.Equal(["storage", "start", "active", "stop"], seen);

        Task Note(string what)
        {
            lock (seen) seen.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_failing_startup_task_fails_the_start()
    {
        var host = Host(silo => silo.AddStartupTask((_, _) => throw new InvalidOperationException("no")));
        await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
    }

    [Fact]
    public async Task A_startup_task_may_call_grains()
    {
        var sum = 0;
        var host = Host(silo => silo.AddStartupTask(async (services, _) =>
            sum = await services.GetRequiredService<IGrainFactory>().GetGrain<ICallGrain>("x").Add(1, 2)));
        await host.StartAsync();
        Assert.Equal(3, sum);
        await host.StopAsync();
    }

    [Fact]
    public void A_host_is_not_silo_and_client_at_once()
    {
        Assert.ThrowsAny<Exception>(() =>
        {
            var builder = Builder();
            builder.UseOrleans(silo => silo.UseLocalhostClustering());
            builder.UseOrleansClient(client => client.UseLocalhostClustering());
            builder.Build().Start();
        });
    }

    [Fact]
    public async Task A_silo_without_clustering_does_not_start()
    {
        var builder = Builder();
        builder.UseOrleans(_ => { });
        await Assert.ThrowsAnyAsync<OrleansConfigurationException>(async () => await builder.Build().StartAsync());
    }

    [Fact]
    public async Task An_age_that_is_not_longer_than_the_quantum_fails_the_start()
    {
        var host = Host(silo => silo.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromMinutes(1)));
        await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());
    }

    [Fact]
    public void Ids_come_from_configuration()
    {
        var builder = Builder();
        builder.Configuration["Orleans:ClusterId"] = "c";
        builder.Configuration["Orleans:ServiceId"] = "s";
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        var options = builder.Build().Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        Assert.Equal(("c", "s"), (options.ClusterId, options.ServiceId));
    }

    [Fact]
    [Trait("category", "runtime-only")]
    public async Task A_client_finds_the_silo_of_its_process_by_the_gateway_port()
    {
        var host = Host(_ => { }, siloPort: 12001, gatewayPort: 32001);
        await host.StartAsync();
        var client = Builder();
        client.UseOrleansClient(c => c.UseLocalhostClustering(gatewayPort: 32001));
        var clientHost = client.Build();
        await clientHost.StartAsync();
        var grains = clientHost.Services.GetRequiredService<IClusterClient>();
        Assert.Equal(3, await grains.GetGrain<ICallGrain>("x").Add(1, 2));
        await clientHost.StopAsync();
        await host.StopAsync();
    }

    [Fact]
    public async Task A_call_to_a_stopped_host_fails()
    {
        var host = Host(_ => { });
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICallGrain>("x");
        await grain.Add(1, 2);
        await host.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(
            async () => await grain.Add(1, 2).AsTask().WaitAsync(TimeSpan.FromSeconds(35)));
    }

    [Fact]
    public async Task A_test_cluster_is_configured_by_types()
    {
        var builder = new TestClusterBuilder(1);
        builder.Properties["word"] = "hello";
        builder.AddSiloBuilderConfigurator<Configurator>();
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        Assert.Equal(3, await cluster.GrainFactory!.GetGrain<ICallGrain>("x").Add(1, 2));
        Assert.Equal("Primary", cluster.Primary!.Name);
        var services = ((InProcessSiloHandle)cluster.Primary).ServiceProvider;
        Assert.Equal("hello", services.GetRequiredService<IConfiguration>()["word"]);
        Assert.Equal("configured", services.GetRequiredService<string>());
    }

    private static HostApplicationBuilder Builder() =>
        new(new HostApplicationBuilderSettings { DisableDefaults = true });

    private static IHost Host(Action<ISiloBuilder> configure, int siloPort = 11111, int gatewayPort = 30000)
    {
        var builder = Builder();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort);
            configure(silo);
        });
        return builder.Build();
    }

    public sealed class Configurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.Services.AddSingleton("configured");
    }

    private sealed class Participant(List<string> seen) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
            nameof(Participant), ServiceLifecycleStage.ApplicationServices, _ => Note("start"), _ => Note("stop"));

        private Task Note(string what)
        {
            lock (seen) seen.Add(what);
            return Task.CompletedTask;
        }
    }
}
