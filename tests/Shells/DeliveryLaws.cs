using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;
using static OrleansEtl.Shells.Tests.Support.TriggerHouse;

namespace OrleansEtl.Shells.Tests;

/// <summary>What somebody outside tells is one run, is answered when that is stored, and is refused with a reason when it can be none.</summary>
public sealed class DeliveryLaws
{
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task The_same_delivery_is_the_same_run_also_when_the_trigger_has_long_forgotten_it()
    {
        await using var house = await Open(_store, "/tmp");
        await house.Trigger().Put(OnHook, false);
        var run = await Taken(house, "a");
        Assert.Equal(run, await Taken(house, "a"));
        for (var i = 0; i < Engine.Triggers.Trigger.RecentMax + 1; i++)
        {
            house.Clock.Now = At(i);
            Assert.NotEqual(run, await Taken(house, $"b{i}"));
        }
        house.Clock.Now = At(100_000);
        Assert.Equal(run, await Taken(house, "a"));
        Assert.Equal(Engine.Triggers.Trigger.RecentMax + 2, (await house.Runs()).Length);
    }

    [Fact]
    public async Task Deliveries_that_two_processes_take_at_once_are_one_run_each()
    {
        await using var one = await Open(_store, "/tmp");
        await using var other = await Open(_store, "/tmp");
        await one.Trigger().Put(OnHook, false);
        for (var i = 0; i < 20; i++)
            Assert.Single((await Task.WhenAll(Taken(one, $"d{i}"), Taken(other, $"d{i}"), Taken(one, $"d{i}"), Taken(other, $"d{i}"))).Distinct());
        Assert.Equal(20, (await one.Runs()).Length);
    }

    [Fact]
    public async Task A_delivery_that_is_answered_is_started_though_its_process_dies_before_it_starts_anything()
    {
        RunId run;
        await using (var first = await Open(_store, "/tmp"))
        {
            await first.Trigger().Put(OnHook, false);
            first.BeforeStart = _ => throw new TimeoutException("nobody answers");
            run = await Taken(first, "a");
            Assert.Empty(await first.Runs());
        }
        await using var second = await Open(_store, "/tmp", 10);
        await second.Wake(10);
        Assert.Equal(run, Assert.Single(await second.Runs()).Id);
        Assert.Equal(run, await Taken(second, "a"));
    }

    [Fact]
    public async Task A_store_that_is_away_answers_no_delivery_and_the_next_try_is_the_same_run()
    {
        await using var house = await Open(_store, "/tmp");
        await house.Trigger().Put(OnHook, false);
        for (var write = 0; write < 2; write++) // the claim, and the start
        {
            house.States.FailAfter(1);
            await Assert.ThrowsAsync<FaultException>(() => house.Trigger().Deliver(Delivery("a")));
        }
        house.States.FailAfter(1);
        var run = await Taken(house, "a");
        Assert.Equal(run, await Taken(house, "a"));
        Assert.Equal(run, Assert.Single(await house.Runs()).Id);
    }

    [Fact]
    public async Task What_cannot_be_a_run_is_refused_and_told_and_a_pause_refuses_without_a_trace()
    {
        await using var house = await Open(_store, "/tmp");
        house.Pipelines["test"] = house.Pipelines["test"] with { Params = [new ParamSpec("n", ValueType.Integer, null, null)] };
        var asked = new SpecValue.Map([new Field("n", new SpecValue.Text("{{ run.trigger.body.n }}"))]);
        await house.Trigger().Put(OnHook with { Params = asked }, false);
        Assert.Equal("ETL2022", (await Refused(house, "a")).Code);
        Assert.Equal((TriggerOutcome.Refused, "ETL2022", "delivery a"), Last(await house.View()));
        await house.Trigger().Pause();
        Assert.Equal("ETL6719", (await Refused(house, "b", 1)).Code);
        Assert.Single((await house.View()).Recent);
        await house.Trigger().Resume();
        Assert.IsType<DeliveryAnswer.Taken>(await house.Trigger().Deliver(Delivery("b", 1)));
        Assert.Equal("ETL6700", (await Refused(house, "c", 1, "another")).Code);
        Assert.Equal("ETL6700", Assert.IsType<DeliveryAnswer.Refused>(
            await house.Trigger().Deliver(Delivery("c", 1) with { Kind = "file" })).Fault.Code);

        static (TriggerOutcome, string?, string) Last(TriggerView view) => (view.Recent[0].Outcome, view.Recent[0].Fault?.Code, view.Recent[0].What);
    }

    [Fact]
    public async Task A_pipeline_that_has_not_succeeded_for_too_long_is_started_once()
    {
        await using var house = await Open(_store, "/tmp");
        await house.Trigger().Put(new TriggerSpec(new TriggerSource.OfFreshness(TimeSpan.FromMinutes(1)), "test"), false);
        for (var second = 0; second < 60; second += 10) await house.Wake(second);
        Assert.Empty(await house.Runs());
        await house.Wake(60);
        await house.Cluster.Ended(Assert.Single(await house.Runs()).Id);
        for (var second = 70; second < 120; second += 10) await house.Wake(second);
        Assert.Single(await house.Runs());
        await house.Wake(125);
        Assert.Equal(2, (await house.Runs()).Length);
    }

    private static TriggerSpec OnHook => new(new TriggerSource.OfWebhook("secret"), "test");

    private static TriggerDelivery Delivery(string key, object? n = null) => new("webhook", key, $"delivery {key}", new SpecValue.Map(
        [new Field("body", new SpecValue.Map([new Field("n", n is int number ? new SpecValue.Integer(number) : new SpecValue.Text("many"))]))]));

    private static async Task<RunId> Taken(TriggerHouse house, string key) =>
        Assert.IsType<DeliveryAnswer.Taken>(await house.Trigger().Deliver(Delivery(key))).Run;

    private static async Task<Fault> Refused(TriggerHouse house, string key, object? n = null, string id = "t") =>
        Assert.IsType<DeliveryAnswer.Refused>(await house.Trigger(id).Deliver(Delivery(key, n))).Fault;
}
