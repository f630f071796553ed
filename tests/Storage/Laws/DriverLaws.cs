using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

public abstract class DriverLaws<THome> : Laws<THome> where THome : IHome, new()
{
    private readonly Driver _one = Driver("one", 100);
    private readonly Driver _two = Driver("two", 200);
    private readonly Driver _far = Driver("far", 100, host: "elsewhere");

    private async Task Enters(Driver driver)
    {
        Home.Host.Lives(driver);
        await Drivers.Enter(driver, Now);
    }

    private Task<Claim> Claims(Driver driver, TimeSpan later = default) =>
        Drivers.Claim(Run(1), driver.Id, Noon + later, Now);

    private Task Begins(string? driver) => Stored(Append(Run(1), 0, "a") with { Row = Row(Run(1)) with { Driver = driver } });

    [Fact]
    public async Task A_run_that_nobody_holds_is_taken()
    {
        await Enters(_one);
        await Begins(driver: null);
        Assert.IsType<Claim.Taken>(await Claims(_one));
        Assert.Equal("one", (await Store.Catalog.Run(Run(1), Now))!.Driver);
        Assert.IsType<Claim.Taken>(await Claims(_one));
    }

    [Fact]
    public async Task Who_drives_a_run_is_told_while_it_lives_and_asking_changes_nothing()
    {
        Assert.Null(await Drivers.Holder(Run(1), Noon, Now));
        await Begins(driver: null);
        Assert.Null(await Drivers.Holder(Run(1), Noon, Now));
        await Enters(_one);
        await Claims(_one);
        Assert.Equal(_one, await Drivers.Holder(Run(1), Noon + TimeSpan.FromDays(1), Now));
        Home.Host.Dies(_one);
        Assert.Null(await Drivers.Holder(Run(1), Noon, Now));
        Home.Host.Lives(_one);
        Assert.Equal(_one, await Drivers.Holder(Run(1), Noon, Now));
        await Drivers.Leave("one", Now);
        Assert.Null(await Drivers.Holder(Run(1), Noon, Now));
        Assert.Equal("one", (await Store.Catalog.Run(Run(1), Now))!.Driver);
    }

    [Fact]
    public async Task Who_takes_a_run_hears_whose_death_it_was_taken_after_and_nothing_of_one_who_left_in_good_order()
    {
        await Enters(_one);
        await Begins("one");
        Home.Host.Dies(_one);
        await Enters(_two);
        Assert.Equal(new Claim.Taken("one"), await Claims(_two));
        Assert.Equal(new Claim.Taken(), await Claims(_two));
        await Store.Journal.HandOver("two", Now);
        await Drivers.Leave("two", Now);
        await Enters(_far);
        Assert.Equal(new Claim.Taken(), await Claims(_far));
    }

    [Fact]
    public async Task A_run_of_a_living_process_is_held_however_old_its_lease()
    {
        await Enters(_one);
        await Enters(_two);
        await Begins("one");
        var held = Assert.IsType<Claim.Held>(await Claims(_two, later: TimeSpan.FromDays(1)));
        Assert.Equal(_one, held.Holder);
    }

    [Fact]
    public async Task A_run_of_a_dead_process_is_taken_at_once()
    {
        await Enters(_one);
        await Enters(_two);
        await Begins("one");
        Home.Host.Dies(_one);
        Assert.IsType<Claim.Taken>(await Claims(_two));
        Home.Host.Lives(_one);
        Assert.IsType<Claim.Held>(await Claims(_one));
    }

    [Fact]
    public async Task A_process_that_got_the_number_of_a_dead_one_does_not_hold_its_runs()
    {
        await Enters(_one);
        await Enters(_two);
        await Begins("one");
        Home.Host.NumberIsUsedAgain(_one);
        Assert.IsType<Claim.Taken>(await Claims(_two));
    }

    [Fact]
    public async Task A_run_of_another_host_is_held_until_the_lease_runs_out()
    {
        await Enters(_two);
        await Drivers.Enter(_far, Now);
        await Begins("far");
        Assert.IsType<Claim.Held>(await Claims(_two, later: Liveness.Lease));
        await Drivers.Renew("far", Noon + TimeSpan.FromSeconds(10), Now);
        Assert.IsType<Claim.Held>(await Claims(_two, later: Liveness.Lease + TimeSpan.FromSeconds(10)));
        Assert.IsType<Claim.Taken>(await Claims(_two, later: Liveness.Lease + TimeSpan.FromSeconds(11)));
    }

    [Fact]
    public async Task A_driver_that_left_holds_nothing()
    {
        await Enters(_one);
        await Enters(_two);
        await Begins("one");
        await Drivers.Leave("one", Now);
        Assert.IsType<Claim.Taken>(await Claims(_two));
    }

    [Fact]
    public async Task Of_two_drivers_that_claim_at_once_one_gets_the_run()
    {
        await Enters(_one);
        await Enters(_two);
        await Begins(driver: null);
        var other = Home.Another();
        var claims = await Task.WhenAll(
            Task.Run(() => Drivers.Claim(Run(1), "one", Noon, Now)),
            Task.Run(() => ((IHomeStore)other).Drivers.Claim(Run(1), "two", Noon, Now)));
        Assert.Single(claims.OfType<Claim.Taken>());
        Assert.Single(claims.OfType<Claim.Held>());
    }

    [Fact]
    public async Task A_run_that_ended_or_never_began_is_not_taken()
    {
        await Enters(_one);
        Assert.IsType<Claim.NoSuchRun>(await Claims(_one));
        await Begins(driver: null);
        await Stored(End(Run(1), 1, RunStatus.Cancelled));
        Assert.Equal(new Claim.Ended(RunStatus.Cancelled), await Claims(_one));
    }

    [Fact]
    public async Task A_driver_that_others_took_for_dead_learns_it()
    {
        await Drivers.Enter(_far, Now);
        await Begins(driver: null);
        Home.Host.Lives(_one);
        await Drivers.Enter(_one with { RenewedAt = Noon + Liveness.Lease * 2 }, Now);
        Assert.Equal(FaultKind.Fenced, (await Faults(() => Drivers.Renew("far", Noon, Now))).Kind);
        Assert.Equal(FaultKind.Fenced, (await Faults(() => Claims(_far))).Kind);
        Assert.Equal(FaultKind.Fenced, (await Faults(() => Claims(_two))).Kind);
    }

    [Fact]
    public async Task A_run_that_is_given_back_is_anybodys_and_nobody_gives_back_anothers()
    {
        await Enters(_one);
        await Enters(_two);
        await Begins("one");
        await Drivers.Release(Run(1), "two", Now);
        Assert.IsType<Claim.Held>(await Claims(_two));
        await Drivers.Release(Run(1), "one", Now);
        Assert.IsType<Claim.Taken>(await Claims(_two));
    }
}
