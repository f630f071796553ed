using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Engine.Tests.Triggers;

/// <summary>Of each run of another pipeline that ends one run, however often it is seen to have ended; and no circle turns without end.</summary>
public sealed class RunEndLaws
{
    [Fact]
    public void Each_run_that_ends_starts_one_run_however_often_it_is_seen()
    {
        var watch = new Watch(new TriggerSource.OfPipeline("raw"));
        Assert.Equal("", watch.Tell(1, Seen(1, [], Run(1))));
        Assert.Equal(Run(1).Value, watch.Tell(2, Seen(2, [Ended(1, 2)])));
        Assert.Equal("", watch.Tell(3, Seen(3, [Ended(1, 2)])));
        watch.Pay();
        Assert.Equal("", watch.Tell(4, Seen(4, [Ended(1, 2)])));
        Assert.Empty(watch.Trigger.Runs.Open);
    }

    [Fact]
    public void Its_run_has_the_same_id_whoever_decides_it_and_whenever()
    {
        var (one, other) = (new Watch(new TriggerSource.OfPipeline("raw")), new Watch(new TriggerSource.OfPipeline("raw")));
        one.Tell(5, Seen(5, [Ended(1, 2)]));
        other.Tell(5000, Seen(5000, [Ended(1, 2)]));
        Assert.Equal(Assert.Single(one.Trigger.Starting).Run, Assert.Single(other.Trigger.Starting).Run);
    }

    [Theory]
    [InlineData(RunEnding.Succeeded, RunStatus.Succeeded, true), InlineData(RunEnding.Succeeded, RunStatus.Failed, false)]
    [InlineData(RunEnding.Succeeded, RunStatus.Cancelled, false), InlineData(RunEnding.Failed, RunStatus.Failed, true)]
    [InlineData(RunEnding.Failed, RunStatus.Succeeded, false), InlineData(RunEnding.Any, RunStatus.Cancelled, true)]
    public void Only_ends_that_are_meant_count(RunEnding wanted, RunStatus status, bool starts)
    {
        var watch = new Watch(new TriggerSource.OfPipeline("raw", wanted));
        Assert.Equal(starts ? Run(1).Value : "", watch.Tell(2, Seen(2, [Ended(1, 2, status)])));
    }

    [Fact]
    public void What_ended_before_it_was_made_or_during_a_pause_is_not_its_business()
    {
        var watch = new Watch(new TriggerSource.OfPipeline("raw"));
        Assert.Equal("", watch.Tell(1, Seen(1, [Ended(1, -1)])));
        watch.Tell(2, new TriggerCommand.Pause());
        watch.Tell(10, new TriggerCommand.Resume());
        Assert.Equal(Run(3).Value, watch.Tell(12, Seen(12, [Ended(2, 5), Ended(3, 11)])));
    }

    [Fact]
    public void What_is_more_than_may_be_owed_stays_in_sight_and_has_its_turn()
    {
        var watch = new Watch(new TriggerSource.OfPipeline("raw"));
        EndedRun[] ended = [.. Enumerable.Range(1, 6).Select(i => Ended(i, i))];
        watch.Tell(7, Seen(7, ended));
        Assert.Equal([Run(5), Run(6)], watch.Trigger.Runs.Open.Order());
        watch.Pay();
        Assert.Equal($"{Run(5)} {Run(6)}", watch.Tell(8, Seen(8, ended[4..])));
    }

    [Fact]
    public void Runs_that_start_one_another_come_to_an_end()
    {
        var watch = new Watch(new TriggerSource.OfPipeline("raw"));
        Assert.Equal(Run(1).Value, watch.Tell(2, Seen(2, [Ended(1, 1) with { Depth = 2 }])));
        Assert.Equal(3, watch.Trigger.Starting[0].Depth);
        Assert.Equal("", watch.Tell(3, Seen(3, [Ended(2, 2) with { Depth = 3 }])));
        Assert.Equal((TriggerOutcome.Refused, "ETL6707"), (watch.Trigger.Recent[^1].Outcome, watch.Trigger.Recent[^1].Fault!.Code));
        Assert.Equal("", watch.Tell(4, Seen(4, [Ended(2, 2) with { Depth = 3 }])));
        Assert.Equal(2, watch.Trigger.Recent.Count);
    }

    [Fact]
    public void A_circle_of_triggers_is_told_with_all_its_pipelines()
    {
        var spec = new TriggerSpec(new TriggerSource.OfPipeline("c"), "a");
        Assert.Null(TriggerCheck.Cycle(Watch.Id, spec, [("b", "c")]));
        Assert.Contains("a → b → c → a", TriggerCheck.Cycle(Watch.Id, spec, [("b", "c"), ("x", "b"), ("a", "b")])!.Message);
        Assert.Contains("a → a", TriggerCheck.Cycle(Watch.Id, spec with { On = new TriggerSource.OfPipeline("a") }, [])!.Message);
    }

    private static RunId Run(int number) => RunId.New(Given.Noon.AddSeconds(number), new byte[10]);

    private static EndedRun Ended(int number, double at, RunStatus status = RunStatus.Succeeded) => new(Run(number), status, Watch.At(at), 0);

    private static TriggerCommand.RunsSeen Seen(double at, EndedRun[] ended, params RunId[] unfinished) => new([.. ended], [.. unfinished], Watch.At(at));
}
