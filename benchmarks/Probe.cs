using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace OrleansEtl.Bench;

/// <summary>Asks one grain again and again and remembers how long each answer took, with all the tries that failed before it.</summary>
internal sealed class Probe(IPipelineGrain grain)
{
    /// <summary>Between an answer and the next question: two hundred grains shall not keep the machine busy.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(50);

    private readonly List<(long Asked, long Answered)> _answers = [];

    public IPipelineGrain Grain => grain;

    public async Task Ask(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var asked = Stopwatch.GetTimestamp();
            while (!await Answers()) await Task.Delay(AfterFailure, CancellationToken.None);
            _answers.Add((asked, Stopwatch.GetTimestamp()));
            await Task.Delay(Rest, CancellationToken.None);
        }
    }

    /// <summary>Seconds from that moment to the next answer. One that was on its way then had been given before.</summary>
    public double AnsweredAgain(long since) => Stopwatch.GetElapsedTime(since, _answers.First(answer =>
        answer.Asked > since || Stopwatch.GetElapsedTime(since, answer.Answered) > OnItsWay).Answered).TotalSeconds;

    /// <summary>The longest wait, in seconds, for an answer that came between those moments.</summary>
    public double LongestStall(long since, long until) => _answers.Where(answer => answer.Answered > since && answer.Answered <= until)
        .Max(answer => Stopwatch.GetElapsedTime(answer.Asked, answer.Answered).TotalSeconds);

    private async Task<bool> Answers()
    {
        try
        {
            await grain.View();
            return true;
        }
        catch (Exception e) when (e is Orleans.Runtime.OrleansException or TimeoutException or FaultException)
        {
            return false;
        }
    }
}

/// <summary>A client that tries nothing again, so that every failed call is seen.</summary>
internal sealed class RawClient(IHost host) : IAsyncDisposable
{
    public IGrainFactory Grains => host.Services.GetRequiredService<IClusterClient>();

    public static async Task<RawClient> Connect(params IPEndPoint[] gateways)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("etl", "etl"));
            client.UseStaticClustering(gateways);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new RawClient(host);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }
}
