using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class StartFenceLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private static RunAppend Begin(int run, int? last, string key = "orders/monday") => Append(Run(run), 0, "started") with
    {
        Row = Row(Run(run)) with { RunKey = "monday" },
        Fence = new StartFence(key, last is { } number ? Run(number) : null),
    };

    private Task<AppendOutcome> Offer(RunAppend append) => Store.Journal.Append(append, Now);

    private async Task Overtaken(RunAppend append) => Assert.IsType<AppendOutcome.Overtaken>(await Offer(append));

    [Fact]
    public async Task A_start_holds_when_no_other_was_started_since_it_looked()
    {
        Assert.Null(await Store.Catalog.LastStarted("orders/monday", Now));
        await Stored(Begin(1, null));
        Assert.Equal(Run(1), await Store.Catalog.LastStarted("orders/monday", Now));
        await Stored(Begin(2, 1));
        Assert.Equal(Run(2), await Store.Catalog.LastStarted("orders/monday", Now));
    }

    [Fact]
    public async Task A_start_that_was_overtaken_leaves_nothing()
    {
        await Stored(Begin(1, null));
        await Overtaken(Begin(2, null) with { Results = [Result(Run(2), "k", Noon)], Published = [Dataset(Run(2), "clean", "v2")] });
        await Stored(Begin(3, 1));
        await Overtaken(Begin(4, 1));
        Assert.Null(await Store.Journal.Read(Run(2), Now));
        Assert.Null(await Store.Catalog.Run(Run(2), Now));
        Assert.Null(await Store.Results.Find("k", Noon, Now));
        Assert.Null(await Store.Catalog.Dataset("clean", null, Now));
        Assert.Equal(Run(3), await Store.Catalog.LastStarted("orders/monday", Now));
    }

    [Fact]
    public async Task Other_keys_and_starts_without_a_fence_are_not_in_the_way()
    {
        await Stored(Begin(1, null));
        await Stored(Begin(2, null, "orders/tuesday"));
        await Stored(Append(Run(3), 0, "started"));
        await Stored(Begin(4, 1));
        await Stored(Begin(5, null, "or\\d\0ers"));
        Assert.Equal(Run(5), await Store.Catalog.LastStarted("or\\d\0ers", Now));
    }

    [Fact]
    public async Task A_start_whose_answer_was_lost_is_stored_once_and_answered_as_the_first_time()
    {
        var begin = Begin(1, null);
        await Stored(begin);
        Assert.Equal(1, await Stored(begin));
        await Stored(Begin(2, 1));
        Assert.Equal(1, await Stored(begin));
        Assert.Equal(1, await Fenced(Begin(1, 2)));
        Assert.Equal(Run(2), await Store.Catalog.LastStarted("orders/monday", Now));
    }

    [Fact]
    public async Task Of_many_starts_at_once_exactly_one_holds()
    {
        var other = Home.Another();
        for (var round = 0; round < 10; round++)
        {
            var last = await Store.Catalog.LastStarted("orders/monday", Now);
            var outcomes = await Task.WhenAll(Enumerable.Range(1, 16).Select(i => (i % 2 == 0 ? Store : other).Journal.Append(
                Begin(round * 100 + i, null) with { Fence = new StartFence("orders/monday", last) }, Now)));
            Assert.Single(outcomes, outcome => outcome is AppendOutcome.Stored);
            Assert.Equal(15, outcomes.Count(outcome => outcome is AppendOutcome.Overtaken));
        }
        Assert.Equal(10, (await Store.Catalog.Runs(new RunQuery("orders") { RunKey = "monday" }, Now)).Items.Length);
    }

    [Fact]
    public async Task A_forgotten_run_is_in_nobodys_way()
    {
        await Stored(Begin(1, null));
        await Stored(End(Run(1), 1));
        await Store.Retention.Forget(Noon.AddDays(1), 10, Now);
        Assert.Null(await Store.Catalog.LastStarted("orders/monday", Now));
        await Stored(Begin(2, 1)); // it looked before
        await Overtaken(Begin(3, null));
    }

    [Fact]
    public async Task Only_the_first_append_has_a_fence()
    {
        await Stored(Begin(1, null));
        await Assert.ThrowsAsync<ArgumentException>(() => Offer(Begin(1, 1) with { ExpectedVersion = 1 }));
    }

    [Fact]
    public async Task Runs_are_listed_by_what_they_are_about()
    {
        await Stored(Begin(1, null));
        await Stored(Append(Run(2), 0, "a"));
        await Stored(Begin(3, 1));
        await Stored(End(Run(3), 1));
        await Stored(Append(Run(4), 0, "a") with { Row = Row(Run(4)) with { RunKey = "tuesday" } });
        await Stored(Append(Run(5), 0, "a") with { Row = Row(Run(5)) with { Pipeline = "others", RunKey = "monday" } });
        var all = new RunQuery("orders") { RunKey = "monday" };
        Assert.Equal([Run(3), Run(1)], (await Store.Catalog.Runs(all, Now)).Items.Select(row => row.Id));
        Assert.Equal([Run(1)], (await Store.Catalog.Runs(all with { UnfinishedOnly = true }, Now)).Items.Select(row => row.Id));
        var first = await Store.Catalog.Runs(all with { Limit = 1 }, Now);
        Assert.Equal([Run(3)], first.Items.Select(row => row.Id));
        Assert.Equal([Run(1)], (await Store.Catalog.Runs(all with { Cursor = first.Next }, Now)).Items.Select(row => row.Id));
        Assert.Equal("monday", (await Store.Catalog.Run(Run(3), Now))!.RunKey);
        Assert.Null((await Store.Catalog.Run(Run(2), Now))!.RunKey);
    }
}
