namespace OrleansEtl.Storage.Tests;

public sealed class GroupCommitLaws
{
    private readonly ScriptedStore _store = new();
    private readonly GroupCommit<ScriptedWrite, string> _commits;

    private static readonly GroupCommitBounds Bounds = new(
        BatchRowsMax: 4, BatchBytesMax: 100, QueueWritesMax: 10, QueueBytesMax: 1_000, WriteBytesMax: 500,
        Patience: TimeSpan.FromMilliseconds(50));

    public GroupCommitLaws() => _commits = With(Bounds);

    private GroupCommit<ScriptedWrite, string> With(GroupCommitBounds bounds) =>
        new(_store, bounds, TimeProvider.System, pump => Task.Run(pump));

    private Task<string> Offer(string key, string? text = null, int rows = 1, long bytes = 1) =>
        _commits.Offer(new ScriptedWrite(key, text ?? key, rows, bytes), TestContext.Current.CancellationToken);

    private Task<string> Withdrawable(string key, CancellationToken cancellation) =>
        _commits.Offer(new ScriptedWrite(key, key), cancellation);

    /// <summary>One write stands at the gate, so that what is offered now waits for the next batch.</summary>
    private async Task<Task<string>> InFlight(string key = "first")
    {
        var first = Offer(key);
        await _store.CommitArrives();
        return first;
    }

    [Fact]
    public async Task A_writer_alone_is_committed_at_once_and_alone()
    {
        var first = await InFlight();
        Assert.False(first.IsCompleted);
        _store.Open();
        Assert.Equal("stored first", await first);
        Assert.Equal(["first"], Assert.Single(_store.Batches));
    }

    [Fact]
    public async Task What_arrives_during_a_commit_is_the_next_batch_sorted_by_key()
    {
        var first = await InFlight();
        var others = new[] { Offer("c"), Offer("a"), Offer("b") };
        _store.Open();
        await first;
        Assert.Equal(["stored c", "stored a", "stored b"], await Task.WhenAll(others));
        Assert.Equal([["first"], ["a", "b", "c"]], _store.Batches);
    }

    [Fact]
    public async Task No_caller_is_answered_before_its_commit()
    {
        var first = await InFlight();
        var second = Offer("second");
        _store.LetOnePass();
        await first;
        await _store.CommitArrives();
        Assert.False(second.IsCompleted);
        _store.Open();
        await second;
    }

    [Fact]
    public async Task Writes_of_one_key_are_stored_in_their_order_one_a_batch()
    {
        var first = await InFlight();
        var others = new[] { Offer("k", "k1"), Offer("k", "k2"), Offer("l", "l1"), Offer("k", "k3") };
        _store.Open();
        await Task.WhenAll([first, .. others]);
        Assert.Equal([["first"], ["k1", "l1"], ["k2"], ["k3"]], _store.Batches);
    }

    [Fact]
    public async Task Keys_take_turns_however_many_writes_one_of_them_has()
    {
        var first = await InFlight();
        var greedy = Enumerable.Range(0, 5).Select(i => Offer("greedy", $"greedy{i}", rows: 4)).ToArray();
        var modest = Offer("modest", rows: 4);
        _store.Open();
        await Task.WhenAll([first, modest, .. greedy]);
        Assert.Equal(["first", "greedy0", "modest", "greedy1", "greedy2", "greedy3", "greedy4"], _store.Stored);
    }

    [Fact]
    public async Task A_batch_is_bounded_in_rows_and_in_bytes()
    {
        var first = await InFlight();
        var rows = Enumerable.Range(0, 5).Select(i => Offer($"r{i}", rows: 2)).ToArray();
        var bytes = Enumerable.Range(0, 3).Select(i => Offer($"s{i}", bytes: 60)).ToArray();
        _store.Open();
        await Task.WhenAll([first, .. rows, .. bytes]);
        Assert.Equal([["first"], ["r0", "r1"], ["r2", "r3"], ["r4", "s0"], ["s1"], ["s2"]], _store.Batches);
    }

    [Fact]
    public async Task A_write_larger_than_a_batch_goes_alone_and_one_larger_than_the_bound_is_refused()
    {
        var first = await InFlight();
        var (large, small) = (Offer("large", bytes: 500), Offer("small"));
        _store.Open();
        await Task.WhenAll(first, large, small);
        Assert.Equal([["first"], ["large"], ["small"]], _store.Batches);
        var refused = await Assert.ThrowsAsync<FaultException>(() => Offer("huge", bytes: 501));
        Assert.Equal("ETL4110", refused.Fault.Code);
    }

    [Fact]
    public async Task Only_one_commit_is_in_flight()
    {
        _store.Open();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => Offer($"k{i % 17}", $"w{i}"))));
        Assert.Equal(1, _store.InFlightMax);
        Assert.Equal(200, _store.Stored.Count);
    }

    [Fact]
    public async Task One_write_that_the_store_chokes_on_fails_alone()
    {
        _store.Before = batch =>
        {
            if (batch.Any(write => write.Text == "bad")) throw new InvalidOperationException("choked");
        };
        var first = await InFlight();
        var good = new[] { Offer("a"), Offer("c"), Offer("d") };
        var bad = Offer("bad");
        _store.Open();
        await Task.WhenAll([first, .. good]);
        Assert.Equal("choked", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.Equal(["first", "a", "c", "d"], _store.Stored);
    }

    [Fact]
    public async Task After_a_failure_the_next_write_of_the_key_gets_its_turn()
    {
        _store.Before = batch =>
        {
            if (batch.Any(write => write.Text == "bad")) throw new InvalidOperationException("choked");
        };
        var bad = Offer("k", "bad");
        await _store.CommitArrives();
        var good = Offer("k", "good");
        _store.Open();
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal("stored good", await good);
    }

    [Fact]
    public async Task A_batch_whose_answer_was_lost_is_offered_again_and_stored_once()
    {
        var lost = 0;
        _store.After = _ =>
        {
            if (lost++ == 0) throw Unavailable;
        };
        _store.Open();
        Assert.Equal("stored first", await Offer("first"));
        Assert.Equal(2, _store.Batches.Count);
        Assert.Equal(["first"], _store.Stored);
    }

    [Fact]
    public async Task While_the_store_is_away_a_write_waits_within_its_patience_then_fails_as_unavailable()
    {
        _store.Before = _ => throw Unavailable;
        _store.Open();
        var fault = (await Assert.ThrowsAsync<FaultException>(() => Offer("first"))).Fault;
        Assert.Equal((FaultKind.Unavailable, "ETL4108"), (fault.Kind, fault.Code));
        Assert.True(_store.Batches.Count > 1);
        _store.Before = _ => { };
        Assert.Equal("stored second", await Offer("second"));
    }

    [Fact]
    public async Task A_full_disk_fails_the_whole_batch_at_once_and_nothing_is_acknowledged()
    {
        _store.Before = _ => throw new FaultException(new Fault(FaultKind.Exhausted, "ETL4106", "full"));
        var writes = new[] { await InFlight(), Offer("a"), Offer("b") };
        _store.Open();
        foreach (var write in writes)
            Assert.Equal(FaultKind.Exhausted, (await Assert.ThrowsAsync<FaultException>(() => write)).Fault.Kind);
        Assert.Equal(2, _store.Batches.Count);
        Assert.Empty(_store.Stored);
    }

    [Fact]
    public async Task A_full_queue_makes_its_writers_wait_outside()
    {
        var first = await InFlight();
        using var patience = new CancellationTokenSource();
        var inside = Enumerable.Range(0, 9).Select(i => Offer($"in{i}")).ToArray();
        var outside = Withdrawable("outside", patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outside);
        var next = Offer("next");
        _store.Open();
        await Task.WhenAll([first, next, .. inside]);
        Assert.DoesNotContain("outside", _store.Stored);
        Assert.Equal(11, _store.Stored.Count);
    }

    [Fact]
    public async Task A_write_that_waits_can_be_withdrawn_and_one_in_flight_cannot()
    {
        using var source = new CancellationTokenSource();
        var flying = Withdrawable("flying", source.Token);
        await _store.CommitArrives();
        var (waiting, behind) = (Withdrawable("waiting", source.Token), Offer("waiting", "behind"));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _store.Open();
        Assert.Equal("stored flying", await flying);
        Assert.Equal("stored behind", await behind);
        Assert.Equal(["flying", "behind"], _store.Stored);
    }

    [Fact]
    public async Task Closing_answers_what_was_taken_and_takes_no_more()
    {
        var first = await InFlight();
        var second = Offer("second");
        var closing = _commits.DisposeAsync().AsTask();
        Assert.Equal("ETL4111", (await Assert.ThrowsAsync<FaultException>(() => Offer("third"))).Fault.Code);
        Assert.False(closing.IsCompleted);
        _store.Open();
        await closing;
        Assert.Equal("stored first", await first);
        Assert.Equal("stored second", await second);
    }

    private static FaultException Unavailable => new(new Fault(FaultKind.Unavailable, "ETL4107", "away"));
}
