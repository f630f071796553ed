using System.Diagnostics;
using System.Globalization;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>Measures the embedded store, <c>figures [seconds]</c>, and that on Postgres, <c>figures postgres [seconds]</c>, one JSON
/// object a line.</summary>
internal static partial class StorageFigures
{
    public const string Name = "figures";
    private const string Lists = "lists";
    private static readonly byte[] Event = new byte[300];

    public static async Task<int> Measure(string[] arguments)
    {
        if (arguments is [Lists, var runs]) return await ListsOf(int.Parse(runs, CultureInfo.InvariantCulture));
        if (arguments is [Postgres, .. var rest]) return await OnPostgres(rest);
        var seconds = arguments is [var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 3;
        Event.AsSpan().Fill((byte)'e');
        await Cold();
        Say("journal_bare", BareFor(TimeSpan.FromSeconds(seconds)));
        foreach (var writers in (int[])[1, 100, 1_000])
        {
            using var folder = new TemporaryFolder();
            await using var store = EmbeddedStore.Open(folder.At("store.db"), TimeProvider.System);
            await AppendFor(store, writers, TimeSpan.FromSeconds(0.5), firstRun: 0); // warm
            var rate = await AppendFor(store, writers, TimeSpan.FromSeconds(seconds), firstRun: writers);
            Say($"journal_{writers}_writers", rate);
        }
        return 0;
    }

    /// <summary>How long a page takes in a store of so many runs: the newest, and one from the middle.</summary>
    private static async Task<int> ListsOf(int runs)
    {
        using var folder = new TemporaryFolder();
        using (var connection = StoreFile.Open(folder.At("store.db")))
            connection.Write(() => { for (var i = 0; i < runs; i++) Fill(new ProjectionRows(connection), i, runs); return 0; });
        await using var store = EmbeddedStore.Open(folder.At("store.db"), TimeProvider.System);
        foreach (var (name, query) in new[]
        {
            ("newest", new RunQuery()), ("middle", new RunQuery(Cursor: Run(runs / 2).Value)),
            ("unfinished", new RunQuery(UnfinishedOnly: true)), ("failed_of_pipeline", new RunQuery("orders", Status: RunStatus.Failed)),
        })
        {
            await store.Catalog.Runs(query, default);
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < 100; i++) await store.Catalog.Runs(query, default);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $$"""{"bench":"lists","case":"{{runs}}_runs","figure":"{{name}}","value":{{clock.Elapsed.TotalMicroseconds / 100:0}},"unit":"us"}"""));
        }
        return 0;
    }

    private static void Fill(ProjectionRows rows, int number, int runs)
    {
        var status = number % 1_000 == 0 ? RunStatus.Running : number % 777 == 0 ? RunStatus.Failed : RunStatus.Succeeded;
        rows.Store(Row(Run(number), status) with { Pipeline = number % 3 == 0 ? "orders" : $"pipeline {number % 50}" }, isNew: true);
    }

    /// <summary>What a process that has just started pays for the store, first without and then with one in its place.</summary>
    private static async Task Cold()
    {
        using var folder = new TemporaryFolder();
        foreach (var store in (string[])["new_store", "known_store"])
        {
            var clock = Stopwatch.StartNew();
            var opened = EmbeddedStore.Open(folder.At("store.db"), TimeProvider.System);
            SayMilliseconds(store, "open", clock);
            var version = (await opened.Journal.Read(Run(1), default))?.Version ?? 0;
            SayMilliseconds(store, "first_read", clock);
            await opened.Journal.Append(OneStep(1, (int)version), default);
            SayMilliseconds(store, "first_append", clock);
            await opened.DisposeAsync();
            SayMilliseconds(store, "close", clock);
        }
    }

    private static void SayMilliseconds(string store, string figure, Stopwatch clock)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $$"""{"bench":"store","case":"{{store}}","figure":"{{figure}}","value":{{clock.Elapsed.TotalMilliseconds:0.0}},"unit":"ms"}"""));
        clock.Restart();
    }

    private static void Say(string name, double rate) => Console.WriteLine(
        $$"""{"bench":"engine","case":"{{name}}","figure":"appends_per_second","value":{{rate:0}},"unit":"1/s"}""");

    /// <summary>The same rows, one transaction each, on one thread without any queue: what the disk and SQLite give.</summary>
    private static double BareFor(TimeSpan duration)
    {
        using var folder = new TemporaryFolder();
        using var connection = StoreFile.Open(folder.At("store.db"));
        var rows = new AppendRows(connection);
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (; clock.Elapsed < duration; count++) connection.Write(() => rows.Store(OneStep(0, count)));
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Appends a second, each a 300-byte event with the rows that a finished step changes.</summary>
    private static async Task<double> AppendFor(EmbeddedStore store, int writers, TimeSpan duration, int firstRun)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(firstRun, writers).Select(number => Task.Run(async () =>
        {
            var count = 0;
            for (; clock.Elapsed < duration; count++)
                if (await store.Journal.Append(OneStep(number, count), default) is not AppendOutcome.Stored)
                    throw new InvalidOperationException("An append was fenced.");
            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static RunAppend OneStep(int number, int version)
    {
        var run = Run(number);
        return new RunAppend(Guid.NewGuid(), run, version, [Event], null, Row(run) with { StepsDone = version },
            [Step(run, "load", 0) with { Attempts = version }], [], Noon);
    }
}
