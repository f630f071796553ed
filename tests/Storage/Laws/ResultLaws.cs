using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class ResultLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private Task Gives(int run, string key, DateTimeOffset at, string results = "results") =>
        Stored(Append(Run(run), 0, "a") with { Results = [Result(Run(run), key, at, results)] });

    private Task<ResultRow?> Find(string key, DateTimeOffset notBefore) => Store.Results.Find(key, notBefore, Now);

    [Fact]
    public async Task What_a_run_gave_is_found_by_its_name_as_long_as_it_is_young_enough()
    {
        await Gives(1, "k", Noon);
        var found = (await Find("k", Noon))!;
        Assert.Equal(("k", Run(1), Noon, "results"), (found.ReuseKey, found.Run, found.DoneAt, Text(found.Results)));
        Assert.NotNull(await Find("k", Noon.AddDays(-1)));
        Assert.Null(await Find("k", Noon.AddMicroseconds(1)));
        Assert.Null(await Find("other", Noon.AddDays(-1)));
        Assert.NotNull(await Home.Another().Results.Find("k", Noon, Now));
    }

    [Fact]
    public async Task Of_two_that_did_the_same_the_newer_is_found()
    {
        await Gives(1, "k", Noon, "old");
        await Gives(2, "k", Noon.AddHours(1), "new");
        await Gives(3, "k", Noon.AddMinutes(1), "late");
        var found = (await Find("k", Noon))!;
        Assert.Equal((Run(2), Noon.AddHours(1), "new"), (found.Run, found.DoneAt, Text(found.Results)));
    }

    [Fact]
    public async Task What_was_fenced_gives_nothing()
    {
        await Stored(Append(Run(1), 0, "a", "b"));
        await Fenced(Append(Run(1), 1, "late") with { Results = [Result(Run(1), "k", Noon)] });
        Assert.Null(await Find("k", Noon));
    }

    [Fact]
    public async Task One_append_may_give_many_and_several_at_once_the_same()
    {
        await Stored(Append(Run(1), 0, "a") with
        {
            Results = [.. Enumerable.Range(0, 300).Select(i => Result(Run(1), $"k{i}", Noon, $"{i}"))],
        });
        for (var i = 0; i < 300; i += 50) Assert.Equal($"{i}", Text((await Find($"k{i}", Noon))!.Results));
        await Task.WhenAll(Enumerable.Range(2, 40).Select(run => Stored(Append(Run(run), 0, "a") with
        {
            Results = [.. (run % 2 == 0 ? new[] { "x", "y", "z" } : ["z", "y", "x"]).Select(key => Result(Run(run), key, Noon.AddSeconds(run)))],
        })));
        foreach (var key in new[] { "x", "y", "z" }) Assert.Equal(Run(41), (await Find(key, Noon))!.Run);
    }

    [Fact]
    public async Task They_are_forgotten_with_the_run_that_gave_them_and_with_no_other()
    {
        await Gives(1, "mine", Noon);
        await Gives(2, "shared", Noon);
        await Stored(End(Run(1), 1) with { Results = [Result(Run(1), "shared", Noon.AddSeconds(1))] });
        await Stored(End(Run(2), 1) with { Results = [Result(Run(2), "kept", Noon)] });
        Assert.Equal(1, await Store.Retention.Forget(Row(Run(1), RunStatus.Succeeded).EndedAt!.Value.AddMilliseconds(1), 10, Now));
        Assert.Null(await Find("mine", Noon));
        Assert.Null(await Find("shared", Noon));
        Assert.Equal(Run(2), (await Find("kept", Noon))!.Run);
    }
}
