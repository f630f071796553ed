using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>What only a store on a disk, shared by processes, can get wrong.</summary>
public sealed class EmbeddedStoreLaws : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Connection _connection;
    private readonly Writer _writer;
    private readonly Readers _readers;
    private readonly EmbeddedRunJournal _journal;

    private static readonly GroupCommitBounds Bounds = GroupCommitBounds.Default with { Patience = TimeSpan.FromSeconds(1) };
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public EmbeddedStoreLaws()
    {
        _connection = StoreFile.Open(_folder.At("store.db"));
        _writer = new Writer(_connection.Path);
        _readers = new Readers(_connection);
        _journal = new EmbeddedRunJournal(_writer, _readers, Bounds, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.Close();
        _writer.Dispose();
        _readers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task On_a_full_disk_nothing_is_acknowledged_and_nothing_is_there_by_half()
    {
        await _journal.Append(Append(Run(1), 0, "a"), Now);
        await _writer.Write(connection => connection.Prepare("PRAGMA max_page_count = 60").Begin().First(row => row.Long(0)), Now);
        var large = new string('x', 200_000);
        var full = await Assert.ThrowsAsync<FaultException>(() => _journal.Append(Append(Run(1), 1, "b", large), Now));
        Assert.Equal((FaultKind.Exhausted, "ETL4106"), (full.Fault.Kind, full.Fault.Code));
        Assert.Equal(1, (await _journal.Read(Run(1), Now))!.Version);

        await _writer.Write(connection => connection.Prepare("PRAGMA max_page_count = 100000").Begin().First(row => row.Long(0)), Now);
        Assert.Equal(new AppendOutcome.Stored(3), await _journal.Append(Append(Run(1), 1, "b", large), Now));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // by another process that began afresh
    public async Task A_store_that_was_taken_away_takes_nothing_more_and_does_when_it_is_back(bool replaced)
    {
        await _journal.Append(Append(Run(1), 0, "a"), Now);
        var path = _connection.Path;
        File.Move(path, path + ".away");
        if (replaced) File.Copy(path + ".away", path);
        var gone = await Assert.ThrowsAsync<FaultException>(() => _journal.Append(Append(Run(1), 1, "b"), Now));
        Assert.Equal((FaultKind.NotFound, "ETL4118"), (gone.Fault.Kind, gone.Fault.Code));

        File.Move(path + ".away", path, overwrite: true);
        Assert.Equal(new AppendOutcome.Stored(2), await _journal.Append(Append(Run(1), 1, "b"), Now));
    }

    [Fact]
    public async Task An_append_waits_for_the_transaction_of_another_process()
    {
        using var other = new Connection(_connection.Path);
        var append = other.Write(() => _journal.Append(Append(Run(1), 0, "a"), Now));
        Assert.Equal(new AppendOutcome.Stored(1), await append);
    }

    [Fact]
    public async Task A_read_neither_waits_for_a_writer_nor_sees_what_it_has_not_committed()
    {
        await _journal.Append(Append(Run(1), 0, "a"), Now);
        using var other = new Connection(_connection.Path);
        other.Run("BEGIN IMMEDIATE; DELETE FROM journal; DELETE FROM run_heads;");
        Assert.Equal(1, (await _journal.Read(Run(1), Now))!.Version);
        other.Run("ROLLBACK");
    }

    [Fact]
    public async Task Readers_take_turns_and_one_that_was_cancelled_leaves_its_place()
    {
        await _journal.Append(Append(Run(1), 0, "a"), Now);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _journal.Read(Run(1), cancelled.Token));
        var reads = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => _journal.Read(Run(1), Now)));
        Assert.All(reads, read => Assert.Equal(1, read!.Version));
    }

    [Fact]
    public async Task A_write_that_the_store_refuses_fails_alone_in_a_batch_of_good_ones()
    {
        await _writer.Write(connection =>
        {
            connection.Run("CREATE TRIGGER refuses BEFORE INSERT ON runs WHEN new.pipeline = 'bad' BEGIN SELECT raise(ABORT, 'no'); END");
            return 0;
        }, Now);
        var bad = Append(Run(7), 0, "bad") with { Row = Row(Run(7)) with { Pipeline = "bad" } };
        var appends = Enumerable.Range(1, 20).Select(number => number == 7 ? bad : Append(Run(number), 0, "good"));
        var tasks = appends.Select(append => _journal.Append(append, Now)).ToArray();
        var failed = await Assert.ThrowsAsync<FaultException>(() => Task.WhenAll(tasks));
        Assert.Equal((FaultKind.Bug, "ETL4109"), (failed.Fault.Kind, failed.Fault.Code));
        Assert.Equal(19, tasks.Count(task => task.IsCompletedSuccessfully));
        Assert.Null(await _journal.Read(Run(7), Now));
    }

    [Fact]
    public async Task History_keeps_the_numbers_where_older_events_are_gone()
    {
        await _journal.Append(Append(Run(1), 0, "a", "b", "c", "d") with { Snapshot = Bytes("abcd") }, Now);
        await _writer.Write(connection => connection.Prepare("DELETE FROM journal WHERE seq <= 2").Begin().Execute(), Now);
        Assert.Equal([3L, 4L], (await _journal.History(Run(1), 0, 10, Now)).Select(one => one.Number));
        Assert.Equal([3L], (await _journal.History(Run(1), 1, 1, Now)).Select(one => one.Number));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = EmbeddedStore.Open(_folder.At("other.db"), TimeProvider.System);
        await store.DisposeAsync();
        foreach (var act in (Func<Task>[])
        [
            () => store.Journal.Append(Append(Run(1), 0, "a"), Now), () => store.Journal.Read(Run(1), Now),
            () => store.Drivers.Leave("one", Now), () => store.Catalog.Due(Noon, 1, Now),
        ])
            Assert.Equal("ETL4111", (await Assert.ThrowsAsync<FaultException>(act)).Fault.Code);
    }

    [Fact]
    public async Task No_question_walks_the_whole_store()
    {
        var catalog = new EmbeddedRunCatalog(_readers);
        foreach (var pipeline in (string?[])[null, "orders"])
        {
            await catalog.Runs(new RunQuery(pipeline), Now);
            await catalog.Runs(new RunQuery(pipeline, UnfinishedOnly: true), Now);
        }
        await catalog.Run(Run(1), Now);
        await catalog.Steps(Run(1), Now);
        await catalog.Datasets("a", "b", 10, Now);
        await catalog.Versions("a", "7", 10, Now);
        await catalog.Dataset("a", null, Now);
        await catalog.Dataset("a", "v1", Now);
        await catalog.Due(Noon, 10, Now);
        await _journal.Read(Run(1), Now);
        await _journal.History(Run(1), 7, 10, Now);
        var drivers = new EmbeddedHomeDrivers(_writer, _readers, Liveness.OfThisHost());
        await drivers.Letters("one", 10, Now);
        await drivers.Answer(1, Now);
        await drivers.Holder(Run(1), Noon, Now);
        Assert.Empty(_connection.Texts.Where(text => text.StartsWith("SELECT", StringComparison.Ordinal)
            || text.StartsWith("WITH", StringComparison.Ordinal)).SelectMany(Walks));
    }

    /// <summary>Where SQLite would read rows that the answer does not need, or sort what an index has sorted.</summary>
    private IEnumerable<string> Walks(string sql)
    {
        // The names of one page, the letters that wait, and the steps of one run are what was asked for.
        string[] fine = ["SCAN TABLE names", "SCAN TABLE letters AS l USING INDEX letters_waiting"];
        var sortsOnePage = sql.Contains("FROM steps") || sql.Contains("FROM names");
        return _connection.Prepare("EXPLAIN QUERY PLAN " + sql).Begin().All(row => row.Text(3))
            .Where(line => line.StartsWith("SCAN TABLE", StringComparison.Ordinal) || line.Contains("TEMP B-TREE"))
            .Where(line => !fine.Contains(line) && !(sortsOnePage && line.Contains("TEMP B-TREE")))
            .Select(line => $"{line}: {sql}");
    }
}
