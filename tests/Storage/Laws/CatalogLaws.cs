using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class CatalogLaws<THome> : Laws<THome> where THome : IHome, new()
{
    [Fact]
    public async Task A_run_is_listed_as_its_last_append_says()
    {
        var row = new RunRow(Run(1), "orders", "v7", RunStatus.Running, Noon, null, 5, 1, null, null, Run(0), "driver 1");
        await Stored(Append(Run(1), 0, "a") with { Row = row });
        Assert.Equal(row, await Store.Catalog.Run(Run(1), Now));
        var more = row with { StepsDone = 2, Driver = "driver 2" };
        await Stored(Append(Run(1), 1, "b") with { Row = more });
        Assert.Equal(more, await Store.Catalog.Run(Run(1), Now));
        var ended = more with
        {
            Status = RunStatus.Failed, EndedAt = Noon.AddHours(1), StepsDone = 3, FaultCode = "ETL2001",
            FaultMessage = "zero \0 and \u00fcml\u00e4ut", Driver = null,
        };
        await Stored(Append(Run(1), 2, "c") with { Row = ended });
        Assert.Equal(ended, await Store.Catalog.Run(Run(1), Now));
        Assert.Equal([ended], (await Store.Catalog.Runs(new RunQuery(Status: RunStatus.Failed), Now)).Items);
        Assert.Empty((await Store.Catalog.Runs(new RunQuery(Status: RunStatus.Running), Now)).Items);
    }

    [Fact]
    public async Task Steps_are_listed_in_their_places_as_they_are_now()
    {
        var steps = new[] { Step(Run(1), "b", 1), Step(Run(1), "a", 2), Step(Run(1), "z", 0) };
        await Stored(Append(Run(1), 0, "a") with { Steps = [.. steps] });
        Assert.Equal([steps[2], steps[0], steps[1]], await Store.Catalog.Steps(Run(1), Now));
        var done = steps[0] with
        {
            Status = StepStatus.Succeeded, Attempts = 3, EndedAt = Noon.AddSeconds(5), RowsIn = 9, RowsOut = 0, RowsRejected = 1,
            FaultCode = "ETL1",
        };
        await Stored(Append(Run(1), 1, "b") with { Steps = [done] });
        Assert.Equal([steps[2], done, steps[1]], await Store.Catalog.Steps(Run(1), Now));
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_and_filtered()
    {
        for (var number = 1; number <= 12; number++)
        {
            var status = (RunStatus)(number % 5);
            await Stored(Append(Run(number), 0, "a") with
            {
                Row = Row(Run(number), status) with { Pipeline = number % 2 == 0 ? "even" : "odd" },
            });
        }
        await Lists(new RunQuery(), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        await Lists(new RunQuery(Pipeline: "even"), [12, 10, 8, 6, 4, 2]);
        await Lists(new RunQuery(Pipeline: "none"), []);
        await Lists(new RunQuery(UnfinishedOnly: true), [11, 10, 6, 5, 1]);
        await Lists(new RunQuery(Status: RunStatus.Cancelling), [11, 6, 1]);
        await Lists(new RunQuery(Pipeline: "odd", UnfinishedOnly: true), [11, 5, 1]);
        await Lists(new RunQuery(Pipeline: "even", Status: RunStatus.Succeeded), [12, 2]);
    }

    private async Task Lists(RunQuery query, int[] numbers)
    {
        var all = await Pages(query with { Limit = 500 });
        Assert.Equal(numbers.Select(Run), all);
        Assert.Equal(numbers.Select(Run), await Pages(query with { Limit = 1 }));
        Assert.Equal(numbers.Select(Run), await Pages(query with { Limit = 2 }));
    }

    private async Task<List<RunId>> Pages(RunQuery query)
    {
        var runs = new List<RunId>();
        do
        {
            var page = await Store.Catalog.Runs(query, Now);
            Assert.InRange(page.Items.Length, 0, query.Limit);
            runs.AddRange(page.Items.Select(row => row.Id));
            query = query with { Cursor = page.Next };
        } while (query.Cursor is not null);
        return runs;
    }

    [Fact]
    public async Task Paging_neither_skips_nor_repeats_while_runs_begin_and_end()
    {
        for (var number = 1; number <= 10; number++) await Stored(Append(Run(number), 0, "a"));
        var seen = new List<RunId>();
        string? cursor = null;
        for (var number = 11; ; number++)
        {
            var page = await Store.Catalog.Runs(new RunQuery(Cursor: cursor, Limit: 3), Now);
            seen.AddRange(page.Items.Select(row => row.Id));
            if ((cursor = page.Next) is null) break;
            await Stored(Append(Run(number), 0, "a"));
            await Stored(End(page.Items[^1].Id, 1));
        }
        Assert.Equal(Enumerable.Range(1, 10).Reverse().Select(Run), seen);
    }

    [Fact]
    public async Task A_version_of_a_dataset_is_published_once()
    {
        await Stored(Append(Run(1), 0, "a") with { Published = [Dataset(Run(1), "clean", "v1", "first")] });
        await Stored(Append(Run(2), 0, "a") with { Published = [Dataset(Run(2), "clean", "v1", "second")] });
        var row = (await Store.Catalog.Dataset("clean", "v1", Now))!;
        Assert.Equal((Run(1), "first"), (row.Run, Text(row.Manifest)));
        Assert.Single((await Store.Catalog.Versions("clean", null, 10, Now)).Items);
    }

    [Fact]
    public async Task A_dataset_is_visible_with_the_append_that_publishes_it()
    {
        Assert.Null(await Store.Catalog.Dataset("clean", null, Now));
        var dataset = Dataset(Run(1), "clean", "v1");
        await Stored(Append(Run(1), 0, "a") with { Published = [dataset] });
        var read = (await Home.Another().Catalog.Dataset("clean", null, Now))!;
        Assert.Equal(dataset with { Manifest = read.Manifest }, read);
        Assert.Equal(dataset.Manifest, read.Manifest);
    }

    [Fact]
    public async Task The_versions_of_a_dataset_are_listed_in_the_order_of_publication()
    {
        var run = 0;
        foreach (var version in (string[])["v9", "v1", "v5"])
            await Stored(Append(Run(++run), 0, "a") with { Published = [Dataset(Run(run), "clean", version)] });
        await Stored(Append(Run(9), 0, "a") with { Published = [Dataset(Run(9), "other", "v0")] });
        Assert.Equal("v5", (await Store.Catalog.Dataset("clean", null, Now))!.Version);
        var first = await Store.Catalog.Versions("clean", null, 2, Now);
        Assert.Equal(["v5", "v1"], first.Items.Select(row => row.Version));
        await Stored(Append(Run(10), 0, "a") with { Published = [Dataset(Run(10), "clean", "v10")] });
        var second = await Store.Catalog.Versions("clean", first.Next, 2, Now);
        Assert.Equal(["v9"], second.Items.Select(row => row.Version));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Datasets_are_listed_by_name_each_with_its_newest_version()
    {
        var run = 0;
        foreach (var name in (string[])["b/x", "a", "b/y", "b/x", "b", "c", "b/\u00e9"])
            await Stored(Append(Run(++run), 0, "a") with { Published = [Dataset(Run(run), name, $"v{run}")] });
        Assert.Equal(["a v2", "b v5", "b/x v4", "b/y v3", "b/\u00e9 v7", "c v6"], await DatasetPages("", 500));
        Assert.Equal(["b/x v4", "b/y v3", "b/\u00e9 v7"], await DatasetPages("b/", 1));
        Assert.Equal(["b v5", "b/x v4", "b/y v3", "b/\u00e9 v7"], await DatasetPages("b", 2));
        Assert.Empty(await DatasetPages("d", 2));
    }

    private async Task<List<string>> DatasetPages(string prefix, int limit)
    {
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Store.Catalog.Datasets(prefix, cursor, limit, Now);
            names.AddRange(page.Items.Select(row => $"{row.Name} {row.Version}"));
            cursor = page.Next;
        } while (cursor is not null);
        return names;
    }

    [Fact]
    public async Task Runs_are_due_when_their_last_append_says_so()
    {
        await Stored(Append(Run(1), 0, "a") with { WakeAt = Noon.AddSeconds(2) });
        await Stored(Append(Run(2), 0, "a") with { WakeAt = Noon.AddSeconds(1) });
        await Stored(Append(Run(3), 0, "a"));
        Assert.Empty(await Store.Catalog.Due(Noon, 10, Now));
        Assert.Equal([Run(2)], await Store.Catalog.Due(Noon.AddSeconds(1), 10, Now));
        Assert.Equal([Run(2), Run(1)], await Store.Catalog.Due(Noon.AddSeconds(2), 10, Now));
        Assert.Equal([Run(2)], await Store.Catalog.Due(Noon.AddSeconds(2), 1, Now));
        await Stored(Append(Run(2), 1, "b") with { WakeAt = Noon.AddSeconds(3) });
        await Stored(Append(Run(1), 1, "b"));
        Assert.Equal([Run(2)], await Store.Catalog.Due(Noon.AddSeconds(3), 10, Now));
        await Stored(End(Run(2), 2) with { WakeAt = Noon });
        Assert.Empty(await Store.Catalog.Due(Noon.AddYears(1), 10, Now));
    }

    [Fact]
    public async Task A_quarantined_run_is_unfinished_but_nobodys_orphan()
    {
        await Stored(Append(Run(1), 0, "a") with { Row = Row(Run(1)) with { Status = RunStatus.Quarantined, Driver = null } });
        Assert.Empty(await Store.Catalog.Orphans([], null, 10, Now));
        Assert.Equal([Run(1)], (await Store.Catalog.Runs(new RunQuery(Status: RunStatus.Quarantined), Now)).Items.Select(row => row.Id));
        Assert.Equal([Run(1)], (await Store.Catalog.Runs(new RunQuery(UnfinishedOnly: true), Now)).Items.Select(row => row.Id));
    }

    [Fact]
    public async Task Who_leaves_in_good_order_is_named_no_more_as_a_driver()
    {
        await Stored(Append(Run(1), 0, "a") with { Row = Row(Run(1)) with { Driver = "here" } });
        await Stored(Append(Run(2), 0, "a") with { Row = Row(Run(2)) with { Driver = "there" } });
        await Store.Journal.HandOver("here", Now);
        Assert.Equal((null, "there"), ((await Store.Catalog.Run(Run(1), Now))!.Driver, (await Store.Catalog.Run(Run(2), Now))!.Driver));
    }

    [Fact]
    public async Task Orphans_are_the_unfinished_runs_that_none_of_the_drivers_drives()
    {
        await Stored(Driven(1, "here"));
        await Stored(Driven(2, "gone"));
        await Stored(Driven(3, null));
        await Stored(Driven(4, "gone", RunStatus.Failed));
        await Stored(Driven(5, "gone", RunStatus.Cancelling));
        await Stored(Driven(6, "there"));
        Assert.Equal([Run(2), Run(3), Run(5)], await Store.Catalog.Orphans(["here", "there"], null, 10, Now));
        Assert.Equal([Run(2), Run(3)], await Store.Catalog.Orphans(["here", "there"], null, 2, Now));
        Assert.Equal([Run(5)], await Store.Catalog.Orphans(["here", "there"], Run(3), 2, Now));
        Assert.Equal([Run(1), Run(2), Run(3), Run(5), Run(6)], await Store.Catalog.Orphans([], null, 10, Now));
        await Stored(Append(Run(2), 1, "b") with { Row = Row(Run(2)) with { Driver = "here" } });
        Assert.Equal([Run(3), Run(5)], await Store.Catalog.Orphans(["here", "there"], null, 10, Now));
        Assert.Equal("ETL4113", (await Faults(() => Store.Catalog.Orphans([], null, 501, Now))).Code);
    }

    private static RunAppend Driven(int run, string? driver, RunStatus status = RunStatus.Running) =>
        Append(Run(run), 0, "a") with { Row = Row(Run(run), status) with { Driver = driver } };

    [Fact]
    public async Task A_foreign_cursor_or_a_limit_out_of_bounds_is_refused()
    {
        Assert.Equal("ETL4112", (await Faults(() => Store.Catalog.Runs(new RunQuery(Cursor: "rubbish"), Now))).Code);
        Assert.Equal("ETL4112", (await Faults(() => Store.Catalog.Versions("a", "-1", 10, Now))).Code);
        Assert.Equal("ETL4113", (await Faults(() => Store.Catalog.Runs(new RunQuery(Limit: 0), Now))).Code);
        Assert.Equal("ETL4113", (await Faults(() => Store.Catalog.Datasets("", null, 501, Now))).Code);
    }
}
