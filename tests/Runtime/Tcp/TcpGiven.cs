using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService;
using OrleansEtl.Runtime.Tests.Clusters;
using OrleansEtl.Servers;

namespace OrleansEtl.Runtime.Tests.Tcp;

public interface IFarGrain : IGrainWithStringKey
{
    Task<int> Add(int number);
    Task<byte[]> Echo(byte[] bytes);
    Task<int> LengthOf(byte[] bytes);
    Task<byte[]> Make(int bytes);
    Task<SiloAddress> Where();
    Task<string> Hang(CancellationToken cancellation);
    Task Block(string meeting);
    Task Tell(IFarObserver observer, int times);
    Task Fail(string words);
}

public interface IFarObserver : IGrainObserver
{
    Task Hear(int number);
}

public sealed class FarGrain(ILocalSiloDetails silo) : Grain, IFarGrain
{
    private int _sum;

    public Task<int> Add(int number) => Task.FromResult(_sum += number);

    public Task<byte[]> Echo(byte[] bytes) => Task.FromResult(bytes);

    public Task<int> LengthOf(byte[] bytes) => Task.FromResult(bytes.Length);

    public Task<byte[]> Make(int bytes) => Task.FromResult(new byte[bytes]);

    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

    public async Task<string> Hang(CancellationToken cancellation)
    {
        Signals.Set($"{this.GetPrimaryKeyString()} hangs");
        await Task.WhenAny(
            Task.Delay(Timeout.Infinite, cancellation), Signals.Wait($"{this.GetPrimaryKeyString()} may go"));
        Signals.Set($"{this.GetPrimaryKeyString()} was cancelled");
        return "cancelled";
    }

    public Task Block(string meeting)
    {
        Signals.Set($"{meeting} is near");
        Signals.Meet(meeting);
        return Task.CompletedTask;
    }

    public async Task Tell(IFarObserver observer, int times)
    {
        for (var i = 0; i < times; i++) await observer.Hear(i);
    }

    public Task Fail(string words) => throw new InvalidOperationException(words);
}

/// <summary>Hosts that are connected by TCP although they are in one process.</summary>
internal static class TcpGiven
{
    public static IPEndPoint FreeEndpoint() => new(IPAddress.Loopback, FreePorts.Next());

    public static async Task<IHost> Silo(
        IPEndPoint gateway, Dictionary<string, string?>? settings = null, Action<ISiloBuilder>? configure = null,
        int? port = null)
    {
        var silo = new IPEndPoint(IPAddress.Loopback, port ?? FreePorts.Next());
        var builder = Builder(settings);
        builder.UseOrleans(orleans =>
        {
            orleans.ConfigureEndpoints(IPAddress.Loopback, silo.Port, gateway.Port);
            orleans.UseDevelopmentClustering(silo);
            configure?.Invoke(orleans);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Silos of one cluster; a given endpoint is told to the others instead of the one where the silo listens.</summary>
    public static async Task<IHost> Member(
        FakeTable table, IPEndPoint gateway, IPEndPoint? told = null, int? port = null)
    {
        var silo = new IPEndPoint(IPAddress.Loopback, port ?? FreePorts.Next());
        var builder = Builder(null);
        builder.UseOrleans(orleans =>
        {
            orleans.ConfigureEndpoints(IPAddress.Loopback, (told ?? silo).Port, gateway.Port);
            orleans.Configure<EndpointOptions>(options => options.SiloListeningEndpoint = silo);
            orleans.Services.AddSingleton<IMembershipTable>(table);
            orleans.Services.Replace(ServiceDescriptor.Singleton<SiloExit>(new ExitSeen()));
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static async Task<IHost> Client(
        IPEndPoint[] gateways, Dictionary<string, string?>? settings = null, Action<IClientBuilder>? configure = null)
    {
        var builder = Builder(settings);
        builder.UseOrleansClient(orleans =>
        {
            orleans.UseStaticClustering(gateways);
            configure?.Invoke(orleans);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static IFarGrain Grain(this IHost host, string key) =>
        host.Services.GetRequiredService<IGrainFactory>().GetGrain<IFarGrain>(key);

    public static SiloAddress Address(this IHost silo) =>
        silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    /// <summary>A grain that lives on that silo, seen from the other host.</summary>
    public static async Task<IFarGrain> GrainOn(this IHost from, IHost silo, string key)
    {
        for (var i = 0; ; i++)
        {
            var grain = from.Grain($"{key}-{i}");
            if (silo.Address().Equals(await grain.Where())) return grain;
        }
    }

    private static HostApplicationBuilder Builder(Dictionary<string, string?>? settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        return builder;
    }
}
