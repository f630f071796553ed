using System.Collections.Immutable;
using OrleansEtl.Shells.Catalog;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What happened to a run, read by people out of the store.</summary>
public sealed class HistoryLaws : IAsyncLifetime
{
    private const int Steps = 30;
    private const int Events = 2 * Steps + 2;
    private Cluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.Start(options: Cluster.NoPatience with { SnapshotEvents = 10 });
        await _cluster.Run(Given.Run).Tell(Given.Pipeline(
            [.. Enumerable.Range(0, Steps).Select(i => i == 0 ? "light0" : $"light{i}: light{i - 1}")]));
        await _cluster.Journal.End(Given.Run);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private RunHistory History => new(_cluster.Store.Journal);

    [Theory]
    [InlineData(1), InlineData(7), InlineData(31), InlineData(Events), InlineData(500)]
    public async Task Pages_of_any_size_tell_everything_once_and_in_order(int limit)
    {
        var entries = await All(History, new HistoryFilter(Given.Run, Limit: limit));
        Assert.Equal(Enumerable.Range(1, Events).Select(number => (long)number), entries.Select(entry => entry.Number));
        Assert.Equal(("run_started", "run_ended"), (entries[0].What, entries[^1].What));
        Assert.Equal(RunStatus.Succeeded, entries[^1].Status);
    }

    [Theory]
    [InlineData(1, 500), InlineData(500, 500), InlineData(2, 3)]
    public async Task The_history_of_one_step_is_found_however_many_events_are_looked_at_at_once(int limit, int lookedAtMax)
    {
        var history = new RunHistory(_cluster.Store.Journal) { LookedAtMax = lookedAtMax };
        var entries = await All(history, new HistoryFilter(Given.Run, Limit: limit, Step: new StepId("light20")));
        Assert.Equal(["step_dispatched", "step_succeeded"], entries.Select(entry => entry.What));
        Assert.All(entries, entry => Assert.Equal("light20", Assert.Single(entry.Steps).Value));
    }

    [Fact]
    public async Task No_more_than_a_page_of_the_journal_is_read_at_once()
    {
        var journal = new FoldedJournal(_cluster.Store.Journal, 0);
        await All(new RunHistory(journal), new HistoryFilter(Given.Run, Limit: 5, Step: new StepId("light20")));
        await All(new RunHistory(journal), new HistoryFilter(Given.Run, Limit: 5));
        Assert.InRange(journal.CountMax, 1, Paging.LimitMax);
        Assert.Equal(0, journal.Reads);
    }

    [Theory]
    [InlineData(20), InlineData(Events)]
    public async Task Events_that_were_folded_away_are_counted_and_not_passed_over(int gone)
    {
        var history = new RunHistory(new FoldedJournal(_cluster.Store.Journal, gone));
        var page = (await history.Read(new HistoryFilter(Given.Run, Limit: 5), default))!;
        Assert.Equal(gone, page.Missing);
        Assert.Equal(Enumerable.Range(gone + 1, Math.Min(5, Events - gone)).Select(number => (long)number), page.Entries.Select(entry => entry.Number));
        Assert.Equal(0, (await history.Read(new HistoryFilter(Given.Run, page.Next), default))!.Missing);
        Assert.Equal(gone - 3, (await history.Read(new HistoryFilter(Given.Run, After: 3), default))!.Missing);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_and_a_run_that_never_was_is_null()
    {
        Assert.Null(await History.Read(new HistoryFilter(Given.Other(1)), default));
        Assert.Equal("ETL4113", (await Refused(new HistoryFilter(Given.Run, Limit: 501))).Code);
        Assert.Equal("ETL4224", (await Refused(new HistoryFilter(Given.Run, Step: new StepId("nobody")))).Code);
        Assert.Equal((0, Events, true), (await History.Read(new HistoryFilter(Given.Run, Events), default))! is var end
            ? (end.Entries.Length, (int)end.Next, end.IsLast) : default);

        async Task<Fault> Refused(HistoryFilter filter) =>
            (await Assert.ThrowsAsync<FaultException>(() => History.Read(filter, default))).Fault;
    }

    private static async Task<List<HistoryEntry>> All(RunHistory history, HistoryFilter filter)
    {
        var entries = new List<HistoryEntry>();
        while (true)
        {
            var page = (await history.Read(filter, default))!;
            Assert.InRange(page.Entries.Length, 0, filter.Limit);
            entries.AddRange(page.Entries);
            if (page.IsLast) return entries;
            Assert.True(page.Next > filter.After, "a page that leads nowhere");
            filter = filter with { After = page.Next };
        }
    }

    /// <summary>A journal whose first events are only in the snapshot any more.</summary>
    private sealed class FoldedJournal(IRunJournal inner, int gone) : IRunJournal
    {
        public int CountMax { get; private set; }
        public int Reads { get; private set; }

        public Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation) => inner.Append(append, cancellation);

        public Task HandOver(string driver, CancellationToken cancellation) => inner.HandOver(driver, cancellation);

        public async Task<StoredRun?> Read(RunId run, CancellationToken cancellation)
        {
            Reads++;
            var stored = await inner.Read(run, cancellation);
            if (stored is null || stored.SnapshotVersion >= gone) return stored;
            var all = await inner.History(run, 0, Events, cancellation);
            var folded = all.Take(gone).Aggregate(Engine.Runs.Run.None, (state, one) => Engine.Runs.Run.Apply(state, EventCodec.ReadEvent(one.Bytes)));
            return stored with { Snapshot = RunSnapshot.Write(folded), SnapshotVersion = gone, Events = [.. all.Skip(gone).Select(one => one.Bytes)] };
        }

        public async Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation)
        {
            CountMax = Math.Max(CountMax, countMax);
            return await inner.History(run, Math.Max(after, gone), countMax, cancellation);
        }
    }
}
