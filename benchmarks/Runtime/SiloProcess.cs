using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;

namespace OrleansEtl.Bench.Runtime;

/// <summary>A grain that only answers.</summary>
public interface IAnswerGrain : IGrainWithIntegerKey
{
    /// <summary>The number again.</summary>
    Task<int> Answer(int number);
}

/// <inheritdoc/>
public sealed class AnswerGrain : Grain, IAnswerGrain
{
    /// <inheritdoc/>
    public Task<int> Answer(int number) => Task.FromResult(number);
}

/// <summary>A silo in a process of its own.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;

    private SiloProcess(Process process, IPEndPoint gateway)
    {
        _process = process;
        Gateway = gateway;
    }

    public IPEndPoint Gateway { get; }

    public static SiloProcess Start()
    {
        var (silo, gateway) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true };
        foreach (var argument in (string[])["silo", $"{silo}", $"{gateway}"]) start.ArgumentList.Add(argument);
        return new(Process.Start(start)!, new(IPAddress.Loopback, gateway));
    }

    /// <summary>What the process does: it is a silo until its parent is gone.</summary>
    public static async Task<int> Run(int silo, int gateway)
    {
        using var host = Host(silo, gateway);
        await host.StartAsync();
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static IHost Host(int silo, int gateway)
    {
        var builder = Quiet();
        builder.UseOrleans(orleans => orleans
            .ConfigureEndpoints(IPAddress.Loopback, silo, gateway)
            .UseDevelopmentClustering(new IPEndPoint(IPAddress.Loopback, silo)));
        return builder.Build();
    }

    /// <summary>A client that knocks until somebody opens.</summary>
    public static async Task<IHost> Client(IPEndPoint gateway)
    {
        var builder = Quiet();
        builder.UseOrleansClient(orleans => orleans
            .UseStaticClustering(gateway)
            .UseConnectionRetryFilter(async (_, stop) =>
            {
                await Task.Delay(5, stop);
                return true;
            }));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static HostApplicationBuilder Quiet()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        return builder;
    }
}
