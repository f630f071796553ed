using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class RetentionLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private async Task Ends(int run, TimeSpan after)
    {
        await Stored(Append(Run(run), 0, "a") with
        {
            Snapshot = Bytes("s"), Steps = [Step(Run(run), "load", 0)], Published = [Dataset(Run(run), "clean", $"v{run}")],
        });
        if (Store is IHomeStore) await Drivers.Post(Run(run), [1], Noon, Now);
        await Stored(End(Run(run), 1) with { Row = Row(Run(run), RunStatus.Failed) with { EndedAt = Noon + after } });
    }

    [Fact]
    public async Task Ended_runs_are_forgotten_oldest_first_a_bounded_number_at_a_time()
    {
        await Ends(1, TimeSpan.FromHours(3));
        await Ends(2, TimeSpan.FromHours(1));
        await Ends(3, TimeSpan.FromHours(2));
        await Ends(4, TimeSpan.FromHours(9));
        Assert.Equal(2, await Store.Retention.Forget(Noon.AddHours(5), 2, Now));
        Assert.Equal([Run(4), Run(1)], (await Store.Catalog.Runs(new RunQuery(), Now)).Items.Select(row => row.Id));
        Assert.Equal(1, await Store.Retention.Forget(Noon.AddHours(5), 2, Now));
        Assert.Equal([Run(4)], (await Store.Catalog.Runs(new RunQuery(), Now)).Items.Select(row => row.Id));
    }

    [Fact]
    public async Task Nothing_of_a_forgotten_run_is_left_but_its_datasets()
    {
        await Ends(1, TimeSpan.Zero);
        await Store.Retention.Forget(Noon.AddDays(1), 10, Now);
        Assert.Null(await Store.Journal.Read(Run(1), Now));
        Assert.Empty(await Store.Journal.History(Run(1), 0, 10, Now));
        Assert.Null(await Store.Catalog.Run(Run(1), Now));
        Assert.Empty(await Store.Catalog.Steps(Run(1), Now));
        if (Store is IHomeStore) Assert.Empty(await Drivers.Letters("one", 10, Now));
        Assert.Equal(0, await Fenced(Append(Run(1), 2, "late")));
        Assert.NotNull(await Store.Catalog.Dataset("clean", "v1", Now));
    }

    [Fact]
    public async Task A_run_that_goes_on_is_never_forgotten()
    {
        await Stored(Append(Run(1), 0, "a") with { WakeAt = Noon });
        Assert.Equal(0, await Store.Retention.Forget(DateTimeOffset.MaxValue, 500, Now));
        Assert.Equal(1, (await Store.Journal.Read(Run(1), Now))!.Version);
        Assert.Equal([Run(1)], await Store.Catalog.Due(Noon, 10, Now));
    }
}
