using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class LetterLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private Task Begins(int run, string? driver) =>
        Stored(Append(Run(run), 0, "a") with { Row = Row(Run(run)) with { Driver = driver } });

    private async Task<string[]> Waiting(string driver, int limit = 10) =>
        [.. (await Drivers.Letters(driver, limit, Now)).Select(letter => $"{letter.Run == Run(1)} {Text(letter.Command)}")];

    [Fact]
    public async Task A_letter_reaches_the_driver_of_its_run_and_nobody_else()
    {
        await Begins(1, "one");
        await Begins(2, "two");
        var other = Home.Another();
        await ((IHomeStore)other).Drivers.Post(Run(1), Bytes("stop"), Noon, Now);
        Assert.Equal(["True stop"], await Waiting("one"));
        Assert.Empty(await Waiting("two"));
    }

    [Fact]
    public async Task A_letter_waits_until_it_is_answered_and_the_first_answer_counts()
    {
        await Begins(1, "one");
        var letter = await Drivers.Post(Run(1), Bytes("stop"), Noon, Now);
        Assert.Null(await Drivers.Answer(letter, Now));
        await Drivers.Reply(letter, Bytes("done"), Now);
        await Drivers.Reply(letter, Bytes("again"), Now);
        Assert.Equal("done", Text((await ((IHomeStore)Home.Another()).Drivers.Answer(letter, Now))!));
        Assert.Empty(await Waiting("one"));
    }

    [Fact]
    public async Task Letters_come_in_the_order_of_their_posting_a_page_at_a_time()
    {
        await Begins(1, "one");
        foreach (var command in (string[])["a", "b", "c"]) await Drivers.Post(Run(1), Bytes(command), Noon, Now);
        Assert.Equal(["True a", "True b"], await Waiting("one", limit: 2));
        Assert.Equal(["True a", "True b", "True c"], await Waiting("one"));
    }

    [Fact]
    public async Task A_letter_follows_its_run_to_the_next_driver()
    {
        await Begins(1, "one");
        await Drivers.Post(Run(1), Bytes("stop"), Noon, Now);
        var two = Driver("two", 2);
        Home.Host.Lives(two);
        await Drivers.Enter(two, Now);
        Assert.IsType<Claim.Taken>(await Drivers.Claim(Run(1), "two", Noon, Now));
        Assert.Equal(["True stop"], await Waiting("two"));
        Assert.Empty(await Waiting("one"));
    }

    [Fact]
    public async Task A_letter_that_came_too_late_may_be_answered_by_any_driver()
    {
        await Begins(1, "one");
        await Drivers.Post(Run(1), Bytes("stop"), Noon, Now);
        await Stored(End(Run(1), 1));
        Assert.Equal(["True stop"], await Waiting("two"));
    }

    [Fact]
    public async Task A_letter_to_nobody_is_refused() =>
        Assert.Equal(FaultKind.NotFound, (await Faults(() => Drivers.Post(Run(1), [1], Noon, Now))).Kind);

    [Fact]
    public async Task The_letterbox_of_a_run_has_a_bound()
    {
        await Begins(1, "one");
        for (var i = 0; i < HomeDriverRules.LettersMax; i++) await Drivers.Post(Run(1), [1], Noon, Now);
        Assert.Equal(FaultKind.Exhausted, (await Faults(() => Drivers.Post(Run(1), [1], Noon, Now))).Kind);
    }

    [Fact]
    public async Task A_letter_that_is_taken_back_is_obeyed_by_nobody_and_an_answered_one_stays()
    {
        await Begins(1, "one");
        var (back, answered) = (await Drivers.Post(Run(1), Bytes("stop"), Noon, Now), await Drivers.Post(Run(1), Bytes("go"), Noon, Now));
        await Drivers.Reply(answered, Bytes("done"), Now);
        Assert.True(await Drivers.Withdraw(back, Now));
        Assert.False(await Drivers.Withdraw(back, Now));
        Assert.False(await Drivers.Withdraw(answered, Now));
        Assert.Empty(await Waiting("one"));
        Assert.Equal("done", Text((await Drivers.Answer(answered, Now))!));
    }
}
