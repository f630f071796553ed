using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Engine.Tests.Triggers;

/// <summary>What somebody outside tells, and what keeps others from telling anything.</summary>
public sealed class DeliveryLaws
{
    private static readonly TriggerSource Queue = new TriggerSource.OfRabbitMq("broker", "orders");

    [Fact]
    public void A_trigger_that_is_told_says_who_listens_and_what_hinders()
    {
        var watch = new Watch(Queue);
        Assert.Null(watch.Trigger.NextLook);
        Assert.Equal("nobody has listened to queue orders yet", watch.Trigger.View().Waits);
        watch.Tell(1, new TriggerCommand.Hindered(null));
        Assert.Equal("no message has come to queue orders since", watch.Trigger.View().Waits);
        watch.Tell(2, new TriggerCommand.Hindered(new Fault(FaultKind.Unavailable, "ETL6721", "The broker is away.")));
        Assert.Equal(("ETL6721", Watch.At(2)), (watch.Trigger.View().Fault!.Code, watch.Trigger.LastLook));
        watch.Tell(3, new TriggerCommand.Hindered(null));
        Assert.Null(watch.Trigger.View().Fault);
    }

    [Fact]
    public void The_same_delivery_again_changes_nothing_and_too_many_are_refused_until_some_are_started()
    {
        var watch = new Watch(Queue);
        for (var i = 0; i < Watch.Small.StartsMax; i++) Assert.Equal($"message {i}", watch.Tell(i, Delivered(i)));
        Assert.Equal("", watch.Tell(9, Delivered(0)));
        Assert.Equal("refused ETL6720", watch.Tell(9, Delivered(9)));
        watch.Pay();
        Assert.Equal("", watch.Tell(10, Delivered(0)));
        Assert.Equal("message 9", watch.Tell(10, Delivered(9)));
        watch.Tell(11, new TriggerCommand.Pause());
        Assert.Equal("refused ETL6719", watch.Tell(12, Delivered(10)));
    }

    [Fact]
    public void A_delivery_whose_run_could_not_be_started_may_come_again()
    {
        var watch = new Watch(Queue);
        watch.Tell(1, Delivered(1));
        watch.Pay(new Fault(FaultKind.Invalid, "ETL2022", "Its day is none."));
        Assert.Equal("message 1", watch.Tell(2, Delivered(1)));
        Assert.Single(watch.Trigger.Recent);
    }

    private static TriggerCommand.Delivered Delivered(int number) => new(
        new TriggerDelivery("rabbitmq", $"{number}", $"message {number}", SpecValue.Map.Empty), RunId.New(Given.Noon.AddSeconds(number), new byte[10]));
}
