using System.Text;
using OrleansEtl.Engine.Limits;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Limits;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What is stored of limits is read for ever, with every field that was ever written.</summary>
public sealed class LimitStates
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly string Stored = (
        """{"spec":{"concurrency":5,"rate":{"count":100,"per":"00:01:00","burst":20},"of":"runs","shares":[{"namespace":"shop","share":3}]}"""
        + ""","pause":{"since":"2026-11-21T12:00:00+00:00","reason":"lunch","by":"ann"}"""
        + ""","full_at":"2026-11-21T12:00:01+00:00","holders":[{"ask":{"ticket":{"run":"RUN","stage":3,"attempt":2}"""
        + ""","weight":2,"priority":-7,"namespace":"shop","since":"2026-11-21T12:00:00+00:00","for":"shop.orders/load"}"""
        + ""","since":"2026-11-21T12:00:02+00:00"}],"acts":[{"at":"2026-11-21T12:00:00+00:00","what":"paused: lunch","by":"ann"}]}""").Replace("RUN", Given.Run.Value);

    [Fact]
    public void The_state_of_a_limit_is_read_as_it_was_written()
    {
        var state = new LimitState(
            new LimitSpec(5, new LimitRate(100, TimeSpan.FromMinutes(1), 20), LimitOf.Runs, [new LimitShare("shop", 3)]),
            new LimitPause(Noon, "lunch", "ann"), Noon.AddSeconds(1),
            [new LimitHolding(new LimitAsk(new LimitTicket(Given.Run, 3, new Attempt(2)), 2, -7, "shop", Noon, "shop.orders/load"), Noon.AddSeconds(2))],
            [new LimitAct(Noon, "paused: lunch", "ann")]);
        Assert.Equal(Stored, Encoding.UTF8.GetString(LimitJson.Write(state)));
        Assert.Equal(Stored, Encoding.UTF8.GetString(LimitJson.Write(LimitJson.Read(Encoding.UTF8.GetBytes(Stored)))));
        Assert.Equal("ETL4213", Assert.Throws<FaultException>(() => LimitJson.Read("[]"u8)).Fault.Code);
    }

    [Fact]
    public void That_a_slice_holds_it_is_stored_and_who_was_stored_before_is_no_slice()
    {
        var ask = new LimitAsk(new LimitTicket(Given.Run, 3, new Attempt(2)), 1, 0, "shop", Noon, "shop.orders/load", IsSlice: true);
        var text = Encoding.UTF8.GetString(LimitJson.Write(LimitState.None with { Holders = [new LimitHolding(ask, Noon)] }));
        Assert.Contains("\"for\":\"shop.orders/load\",\"is_slice\":true}", text);
        Assert.Equal(ask, LimitJson.Read(Encoding.UTF8.GetBytes(text)).Holders.Single().Ask);
        Assert.Null(LimitJson.Read(Encoding.UTF8.GetBytes(Stored)).Holders.Single().Ask.IsSlice);
    }

    [Fact]
    public void A_run_that_is_read_from_its_journal_knows_its_limits()
    {
        var start = Given.Limited("db", "a");
        start = start with { Spec = start.Spec with { Limits = [new LimitUse("nightly", 2)] } };
        var plan = ((PlanResult.Checked)PlanCheck.Check(start.Spec, TestKinds.All)).Plan;
        var events = ((Decision.Accepted)Run.Begin(Run.None, Given.Run, plan, start, Noon)).Events;
        var run = events.Select(one => EventCodec.ReadEvent(EventCodec.Write(one))).Aggregate(Run.None, Run.Apply);
        var work = Run.Of(EventCodec.ReadState(EventCodec.Write(run.State()))).Work(0, new Attempt(1));
        Assert.Equal([new LimitUse("db")], work.Limits!.Value);
        Assert.Equal([new LimitUse("nightly", 2)], work.RunLimits!.Value);
        Assert.False(work.IsUnlimited());
        Assert.Equal(start.Spec.Version(), run.Plan!.Spec.Version());
    }
}
