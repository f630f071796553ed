using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>Measures the embedded store: <c>figures [seconds]</c>, one JSON object a line.</summary>
internal static class StorageFigures
{
    public const string Name = "figures";
    private static readonly byte[] Event = new byte[300];

    public static async Task<int> Measure(string[] arguments)
    {
        var seconds = arguments is [var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 3;
        Event.AsSpan().Fill((byte)'e');
        foreach (var writers in (int[])[1, 100, 1_000])
        {
            using var folder = new TemporaryFolder();
            await using var store = EmbeddedStore.Open(folder.At("store.db"), TimeProvider.System);
            await AppendFor(store, writers, TimeSpan.FromSeconds(0.5), firstRun: 0); // warm
            var rate = await AppendFor(store, writers, TimeSpan.FromSeconds(seconds), firstRun: writers);
            Console.WriteLine($$"""{"bench":"engine","case":"journal_{{writers}}_writers","figure":"appends_per_second","value":{{rate:0}},"unit":"1/s"}""");
        }
        return 0;
    }

    /// <summary>Appends a second, each a 300-byte event with the rows that a finished step changes.</summary>
    private static async Task<double> AppendFor(EmbeddedStore store, int writers, TimeSpan duration, int firstRun)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(firstRun, writers).Select(number => Task.Run(async () =>
        {
            var run = Run(number);
            var row = Row(run);
            var count = 0;
            ImmutableArray<byte[]> events = [Event];
            for (; clock.Elapsed < duration; count++)
            {
                var append = new RunAppend(Guid.NewGuid(), run, count, events, null, row with { StepsDone = count },
                    [Step(run, "load", 0) with { Attempts = count }], [], Noon);
                if (await store.Journal.Append(append, default) is not AppendOutcome.Stored) throw new InvalidOperationException();
            }
            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }
}
