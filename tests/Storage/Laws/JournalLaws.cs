using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class JournalLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private readonly RunId _run = Run(1);

    [Fact]
    public async Task A_run_that_nobody_started_is_null_and_has_no_history()
    {
        Assert.Null(await Store.Journal.Read(_run, Now));
        Assert.Empty(await Store.Journal.History(_run, 0, 10, Now));
    }

    [Fact]
    public async Task Appended_events_are_read_in_their_order()
    {
        Assert.Equal(2, await Stored(Append(_run, 0, "a", "b")));
        Assert.Equal(3, await Stored(Append(_run, 2, "c")));
        var stored = (await Store.Journal.Read(_run, Now))!;
        Assert.Equal(["a", "b", "c"], Texts(stored.Events));
        Assert.Equal((3L, 0L, null), (stored.Version, stored.SnapshotVersion, stored.Snapshot));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(3), InlineData(100)]
    public async Task An_append_that_expects_another_version_is_fenced_and_changes_nothing(long expected)
    {
        await Stored(Append(_run, 0, "a", "b"));
        var late = Append(_run, expected, "late") with
        {
            Snapshot = Bytes("late"), Row = Row(_run, RunStatus.Failed), Steps = [Step(_run, "late", 0)],
            Published = [Dataset(_run, "late", "v1")], WakeAt = Noon,
        };
        Assert.Equal(2, await Fenced(late));
        var stored = (await Store.Journal.Read(_run, Now))!;
        Assert.Equal(["a", "b"], Texts(stored.Events));
        Assert.Null(stored.Snapshot);
        Assert.Equal(RunStatus.Running, (await Store.Catalog.Run(_run, Now))!.Status);
        Assert.Empty(await Store.Catalog.Steps(_run, Now));
        Assert.Null(await Store.Catalog.Dataset("late", null, Now));
        Assert.Empty(await Store.Catalog.Due(Noon.AddYears(1), 10, Now));
    }

    [Fact]
    public async Task A_run_cannot_begin_in_the_middle()
    {
        Assert.Equal(0, await Fenced(Append(_run, 1, "b")));
        Assert.Null(await Store.Journal.Read(_run, Now));
        Assert.Null(await Store.Catalog.Run(_run, Now));
    }

    [Fact]
    public async Task Of_two_writers_that_expect_the_same_version_one_wins()
    {
        var other = Home.Another();
        for (var version = 0; version < 50; version++)
        {
            var mine = Append(_run, version, "mine");
            var theirs = Append(_run, version, "theirs");
            var outcomes = await Task.WhenAll(
                Task.Run(() => Store.Journal.Append(mine, Now)), Task.Run(() => other.Journal.Append(theirs, Now)));
            var winner = Assert.Single(outcomes.OfType<AppendOutcome.Stored>());
            var loser = Assert.Single(outcomes.OfType<AppendOutcome.Fenced>());
            Assert.Equal((version + 1, version + 1), (winner.Version, loser.Version));
            var last = Text((await Store.Journal.History(_run, version, 10, Now)).Single().Bytes);
            Assert.Equal(outcomes[0] == winner ? "mine" : "theirs", last);
        }
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_is_answered_again_as_the_first_time_and_stored_once()
    {
        var first = Append(_run, 0, "a", "b");
        Assert.Equal(2, await Stored(first));
        Assert.Equal(2, await Stored(first));
        await Stored(Append(_run, 2, "c"));
        Assert.Equal(2, await Stored(first));
        Assert.Equal(["a", "b", "c"], Texts(await Store.Journal.History(_run, 0, 10, Now)));
    }

    [Fact]
    public async Task A_lost_answer_is_settled_by_another_process_too()
    {
        var append = Append(_run, 0, "a");
        await Stored(append);
        Assert.Equal(new AppendOutcome.Stored(1), await Home.Another().Journal.Append(append, Now));
    }

    [Fact]
    public async Task An_append_offered_twice_at_once_is_stored_once()
    {
        var append = Append(_run, 0, "a", "b");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Store.Journal.Append(append, Now)));
        Assert.All(outcomes, outcome => Assert.Equal(new AppendOutcome.Stored(2), outcome));
        Assert.Equal(2, (await Store.Journal.Read(_run, Now))!.Version);
    }

    [Fact]
    public async Task The_same_content_under_a_new_id_is_another_append()
    {
        var first = Append(_run, 0, "a");
        await Stored(first);
        Assert.Equal(1, await Fenced(first with { Id = Guid.NewGuid() }));
    }

    [Fact]
    public async Task What_was_answered_another_process_sees()
    {
        var other = Home.Another();
        for (var version = 0; version < 10; version++)
        {
            await Stored(Append(_run, version, "e"));
            Assert.Equal(version + 1, (await other.Journal.Read(_run, Now))!.Version);
            Assert.NotNull(await other.Catalog.Run(_run, Now));
        }
    }

    [Fact]
    public async Task Reading_starts_from_the_newest_snapshot_and_history_keeps_everything()
    {
        await Stored(Append(_run, 0, "a", "b") with { Snapshot = Bytes("ab") });
        await Stored(Append(_run, 2, "c", "d") with { Snapshot = Bytes("abcd") });
        await Stored(Append(_run, 4, "e"));
        var stored = (await Store.Journal.Read(_run, Now))!;
        Assert.Equal(("abcd", 4L, 5L), (Text(stored.Snapshot!), stored.SnapshotVersion, stored.Version));
        Assert.Equal(["e"], Texts(stored.Events));
        Assert.Equal(["a", "b", "c", "d", "e"], Texts(await Store.Journal.History(_run, 0, 10, Now)));
    }

    [Fact]
    public async Task History_is_read_in_pages()
    {
        await Stored(Append(_run, 0, "a", "b", "c", "d"));
        Assert.Equal(["a", "b"], Texts(await Store.Journal.History(_run, 0, 2, Now)));
        Assert.Equal(["c", "d"], Texts(await Store.Journal.History(_run, 2, 2, Now)));
        Assert.Empty(await Store.Journal.History(_run, 4, 2, Now));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(7), InlineData(500)]
    public async Task Pages_of_any_size_give_every_event_once_under_its_number(int page)
    {
        string[] all = [.. Enumerable.Range(1, 40).Select(number => $"e{number}")];
        for (var (at, length) = (0, 1); at < all.Length; at += length, length = length % 6 + 1)
            await Stored(Append(_run, at, all[at..Math.Min(at + length, all.Length)]));
        var read = new List<StoredEvent>();
        while (true)
        {
            var some = await Store.Journal.History(_run, read.Count == 0 ? 0 : read[^1].Number, page, Now);
            read.AddRange(some);
            if (some.Length < page) break;
        }
        Assert.Equal(all, read.Select(one => Text(one.Bytes)));
        Assert.Equal(Enumerable.Range(1, 40).Select(number => (long)number), read.Select(one => one.Number));
        Assert.Empty(await Store.Journal.History(_run, long.MaxValue - 1, page, Now));
    }

    [Fact]
    public async Task Runs_do_not_hear_of_each_other()
    {
        await Stored(Append(_run, 0, "a"));
        await Stored(Append(Run(2), 0, "b", "c"));
        Assert.Equal(["a"], Texts((await Store.Journal.Read(_run, Now))!.Events));
        Assert.Equal(["b", "c"], Texts((await Store.Journal.Read(Run(2), Now))!.Events));
    }

    [Fact]
    public async Task Any_bytes_come_back_as_they_were()
    {
        byte[][] events = [[], [0], [0, 255, 0, 10], new byte[1 << 20]];
        events[3].AsSpan().Fill(0xA7);
        await Stored(Append(_run, 0) with { Events = [.. events], Snapshot = [] });
        Assert.Equal(events, (await Store.Journal.History(_run, 0, 10, Now)).Select(one => one.Bytes));
        Assert.Empty((await Store.Journal.Read(_run, Now))!.Snapshot!);
    }

    [Fact]
    public async Task An_append_without_events_is_refused_because_the_fence_would_not_move() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Journal.Append(Append(_run, 0), Now));

    [Fact]
    public async Task Many_writers_at_once_all_get_their_own_answer()
    {
        await Task.WhenAll(Enumerable.Range(1, 200).Select(async number =>
        {
            for (var version = 0; version < 5; version++) await Stored(Append(Run(number), version, $"{number}.{version}"));
        }));
        foreach (var number in Enumerable.Range(1, 200))
        {
            var events = Texts((await Store.Journal.Read(Run(number), Now))!.Events);
            Assert.Equal(Enumerable.Range(0, 5).Select(version => $"{number}.{version}"), events);
        }
    }
}
