using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace OrleansEtl.Bench.Runtime;

/// <summary>How many calls a second, and how long one takes: inside a silo, and from a client in another process.</summary>
internal static class Calls
{
    private const int StartRounds = 7;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);

    public static async Task Measure(string[] cases)
    {
        if (Wanted("in_silo")) await InSilo();
        if (Wanted("client_1") || Wanted("client_100"))
        {
            using var silo = SiloProcess.Start();
            using var client = await SiloProcess.Client(silo.Gateway);
            var factory = client.Services.GetRequiredService<IGrainFactory>();
            if (Wanted("client_1")) await Run("client_1", factory, 1);
            if (Wanted("client_100")) await Run("client_100", factory, 100);
            await client.StopAsync();
        }

        if (Wanted("start")) await Start();

        bool Wanted(string name) => cases.Length == 0 || cases.Contains(name);
    }

    private static async Task InSilo()
    {
        using var host = SiloProcess.Host(SiloProcess.FreePort(), 0);
        await host.StartAsync();
        await Run("in_silo", host.Services.GetRequiredService<IGrainFactory>(), 100);
        await host.StopAsync();
    }

    /// <summary>From the start of a silo's process to its first answer to a client; the client is warm.</summary>
    private static async Task Start()
    {
        var seconds = new List<double>();
        for (var i = 0; i <= StartRounds; i++)
        {
            var watch = Stopwatch.StartNew();
            using var silo = SiloProcess.Start();
            using var client = await SiloProcess.Client(silo.Gateway);
            await client.Services.GetRequiredService<IGrainFactory>().GetGrain<IAnswerGrain>(1).Answer(1);
            if (i > 0) seconds.Add(watch.Elapsed.TotalSeconds);
            await client.StopAsync();
        }

        Figure.Print("runtime", "start", "start_seconds", Figure.Median(seconds), "s");
    }

    private static async Task Run(string name, IGrainFactory factory, int callers)
    {
        await Call(factory, callers, WarmUp);
        var watch = Stopwatch.StartNew();
        var ticks = await Call(factory, callers, Span);
        var seconds = watch.Elapsed.TotalSeconds;
        Array.Sort(ticks);
        Figure.Print("runtime", name, "calls_per_second", ticks.Length / seconds, "calls/s");
        Figure.Print("runtime", name, "p50_ms", Milliseconds(ticks[ticks.Length / 2]), "ms");
        Figure.Print("runtime", name, "p99_ms", Milliseconds(ticks[ticks.Length / 100 * 99]), "ms");
    }

    private static async Task<int[]> Call(IGrainFactory factory, int callers, TimeSpan span)
    {
        var until = Stopwatch.GetTimestamp() + (long)(span.TotalSeconds * Stopwatch.Frequency);
        var all = await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            var grain = factory.GetGrain<IAnswerGrain>(i);
            var ticks = new List<int>(1_000_000 / callers);
            for (var begun = Stopwatch.GetTimestamp(); begun < until;)
            {
                await grain.Answer(1);
                var ended = Stopwatch.GetTimestamp();
                ticks.Add((int)(ended - begun));
                begun = ended;
            }

            return ticks;
        })));
        return [.. all.SelectMany(ticks => ticks)];
    }

    private static double Milliseconds(int ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
