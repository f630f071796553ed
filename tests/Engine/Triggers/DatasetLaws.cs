using OrleansEtl.Engine.Runs;
using OrleansEtl.Engine.Triggers;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Triggers;

/// <summary>Of each version whose content is new one run, of whole runs only, however often and in whatever order they are seen.</summary>
public sealed class DatasetLaws
{
    private static readonly TriggerSource Clean = new TriggerSource.OfDataset("raw/clean");

    [Fact]
    public void A_version_starts_a_run_when_its_content_differs_from_that_of_the_last_that_counted()
    {
        var watch = new Watch(Clean);
        Assert.Equal(Run(1).Value, watch.Tell(2, Seen(Gave(1, "a"))));
        Assert.Equal("", watch.Tell(4, Seen(Gave(2, "a"))));
        Assert.Equal(Run(3).Value, watch.Tell(6, Seen(Gave(3, "b"))));
        Assert.Equal("", watch.Tell(7, Seen(Gave(3, "b"), Gave(1, "a"))));
        Assert.Equal($"{Run(4)}", watch.Tell(8, Seen(Gave(4, "a")))); // it is not that of the last, though it was there before
    }

    [Fact]
    public void Of_several_between_two_looks_each_counts_that_differs_from_the_one_before_it_in_the_order_of_the_ends()
    {
        var watch = new Watch(Clean);
        Assert.Equal(
            $"{Run(9)} {Run(2)} {Run(4)}",
            watch.Tell(9, Seen(Gave(4, "a", at: 6), Gave(2, "b", at: 4), Gave(9, "a", at: 2), Gave(1, "a", at: 3), Gave(3, "b", at: 5))));
        Assert.Equal("", watch.Tell(10, Seen(Gave(5, "a", at: 7))));
    }

    [Fact]
    public void One_whose_end_is_heard_of_late_counts_and_the_next_has_to_differ_from_the_later_one()
    {
        var watch = new Watch(Clean);
        watch.Tell(6, Seen(Gave(5, "c", at: 5)));
        Assert.Equal(Run(4).Value, watch.Tell(7, Seen(Gave(4, "b", at: 4))));
        Assert.Equal("", watch.Tell(8, Seen(Gave(6, "c", at: 7))));
        Assert.Equal(Run(7).Value, watch.Tell(9, Seen(Gave(7, "b", at: 8))));
    }

    [Fact]
    public void What_was_there_when_it_was_made_does_not_count_and_is_what_the_first_has_to_differ_from()
    {
        var watch = new Watch(Clean);
        Assert.Equal("", watch.Tell(0, Seen(Gave(1, "a", at: -5))));
        Assert.StartsWith("the content of raw/clean is that of run_", watch.Trigger.View().Waits);
        Assert.Equal("", watch.Tell(2, Seen(Gave(2, "a", at: 1))));
        Assert.Equal(Run(3).Value, watch.Tell(4, Seen(Gave(3, "b", at: 3))));
    }

    [Fact]
    public void A_run_that_gave_none_or_an_earlier_one_again_gives_nothing_new()
    {
        var watch = new Watch(Clean);
        watch.Tell(2, Seen(Gave(1, "a")));
        Assert.Equal("", watch.Tell(3, Seen(Ended(2) with { Gave = new GivenDataset(null) })));
        Assert.Equal("", watch.Tell(4, Seen(Ended(3, RunStatus.Failed)))); // it may have published a version: half of a run does not count
        watch.Tell(6, Seen(Gave(4, "b")));
        Assert.Equal("", watch.Tell(7, Seen(Gave(6, "a", wholeSince: 1)))); // its run had succeeded
        Assert.Equal("", watch.Tell(8, Seen(Gave(7, "b"))));
    }

    [Fact]
    public void What_a_run_made_before_it_failed_counts_with_the_run_that_took_it_on()
    {
        var watch = new Watch(Clean);
        Assert.Equal("", watch.Tell(2, Seen(Ended(1, RunStatus.Failed))));
        var takenOn = Gave(2, "a", version: Run(1).Value);
        Assert.Equal(Run(1), takenOn.Gave!.Maker(Run(2)));
        Assert.Equal(Run(2).Value, watch.Tell(4, Seen(takenOn)));
        Assert.Equal(Run(1).Value, watch.Trigger.Starting[0].Values["version"]!.ToPlainText());
        // Of two runs that gave it the one counts that succeeded first.
        Assert.Equal(Run(3).Value, watch.Tell(9, Seen(Gave(3, "b", at: 6), Gave(4, "b", at: 7, wholeSince: 6))));
        Assert.Equal(Run(5).Value, watch.Tell(12, Seen(Gave(5, "c", at: 10, wholeSince: 11), Gave(6, "c", at: 11))));
        watch.Pay();
        watch.Trigger = Trigger.Of(watch.Trigger.State());
        Assert.Equal("", watch.Tell(14, Seen(Gave(7, "a", version: Run(1).Value)))); // it counted with the second run
    }

    [Fact]
    public void The_run_is_told_of_the_version_and_of_the_run_that_gave_it()
    {
        var watch = new Watch(Clean);
        watch.Tell(2, Seen(Gave(1, "a")));
        var start = Assert.Single(watch.Trigger.Starting);
        Assert.Equal($"dataset raw/clean@{Run(1)}", start.What);
        Assert.Equal(
            $"run={Run(1)} pipeline=raw status=succeeded ended_at=2026-01-01T12:00:01.000Z dataset=raw/clean version={Run(1)} content_hash=a rows=1",
            string.Join(' ', start.Values.Fields.Select(field => $"{field.Name}={field.Value.ToPlainText()}")));
    }

    [Fact]
    public void It_has_the_same_run_whoever_decides_it_and_whenever_and_a_pause_forgets_no_content()
    {
        var (one, other) = (new Watch(Clean), new Watch(Clean));
        one.Tell(5, Seen(Gave(1, "a")));
        other.Tell(5000, Seen(Gave(1, "a")));
        Assert.Equal(Assert.Single(one.Trigger.Starting).Run, Assert.Single(other.Trigger.Starting).Run);
        one.Trigger = Trigger.Of(one.Trigger.State());
        one.Tell(6, new TriggerCommand.Pause());
        Assert.Equal("", one.Tell(8, Seen(Gave(2, "b", at: 7))));
        one.Tell(9, new TriggerCommand.Resume());
        Assert.Equal("", one.Tell(11, Seen(Gave(3, "a", at: 10))));
        Assert.Equal(Run(4).Value, one.Tell(13, Seen(Gave(4, "b", at: 12))));
    }

    [Fact]
    public void A_version_whose_run_could_not_be_started_has_not_counted()
    {
        var watch = new Watch(Clean);
        watch.Tell(2, Seen(Gave(1, "a")));
        watch.Pay(Invalid);
        Assert.Equal(Run(2).Value, watch.Tell(4, Seen(Gave(2, "a"))));
        watch.Pay();
        Assert.Equal("", watch.Tell(6, Seen(Gave(3, "a"))));
    }

    [Fact]
    public void What_is_more_than_may_be_owed_stays_in_sight_and_runs_that_start_one_another_come_to_an_end()
    {
        var watch = new Watch(Clean);
        EndedRun[] ended = [.. Enumerable.Range(1, 6).Select(i => Gave(i, $"{i}"))];
        watch.Tell(7, Seen(ended));
        Assert.Equal([Run(5), Run(6)], watch.Trigger.Runs.Open.Order());
        watch.Pay();
        Assert.Equal($"{Run(5)} {Run(6)}", watch.Tell(8, Seen(ended[4..])));
        watch.Pay();
        Assert.Equal("", watch.Tell(9, Seen(Gave(7, "7") with { Depth = 3 })));
        Assert.Equal("ETL6707", watch.Trigger.Recent[^1].Fault!.Code);
        Assert.Equal(Run(8).Value, watch.Tell(10, Seen(Gave(8, "7"))));
    }

    [Fact]
    public void Looking_at_another_dataset_begins_anew_and_at_the_same_one_with_other_parameters_does_not()
    {
        var watch = new Watch(Clean);
        watch.Tell(2, Seen(Gave(1, "a")));
        watch.Pay();
        watch.Tell(3, new TriggerCommand.Put(Watch.Id, new TriggerSpec(Clean, "orders", Version: 2), false));
        Assert.Equal("", watch.Tell(5, Seen(Gave(2, "a", at: 4))));
        watch.Tell(6, new TriggerCommand.Put(Watch.Id, new TriggerSpec(new TriggerSource.OfDataset("raw/other"), "orders"), false));
        Assert.Null(watch.Trigger.Dataset);
        Assert.Equal(Run(3).Value, watch.Tell(8, Seen(Gave(3, "a", at: 7))));
    }

    [Fact]
    public void A_circle_through_a_dataset_is_told()
    {
        var spec = new TriggerSpec(new TriggerSource.OfDataset("c/clean.rejects"), "a");
        var circle = TriggerCheck.Cycle(Watch.Id, spec, [("b", "c"), ("a", "b")])!;
        Assert.Contains("a → b → c → a", circle.Message);
        Assert.Equal("dataset", circle.Path);
        Assert.Null(TriggerCheck.Cycle(Watch.Id, spec, [("b", "c")]));
    }

    [Theory]
    [InlineData("orders/clean", "orders/clean"), InlineData("or.ders/clean.out", "or.ders/clean"), InlineData("o/c.rejects", "o/c.rejects")]
    [InlineData("orders", null), InlineData("/clean", null), InlineData("orders/", null), InlineData("orders/clean.", null), InlineData("a/b/c", null)]
    [InlineData("a/b.c/d", null), InlineData("a/1", null), InlineData("", null)]
    public void A_dataset_is_named_by_its_pipeline_its_step_and_its_port(string text, string? name)
    {
        Assert.Equal(name, DatasetName.TryParse(text, out var found) ? found.ToString() : null);
        Assert.Equal(name is null, TriggerCheck.Of(new TriggerSpec(new TriggerSource.OfDataset(text), "x")) is [{ Code: "ETL6703", Path: "dataset" }]);
    }

    [Fact]
    public void What_a_run_gave_is_what_its_step_gave_at_the_port_if_it_succeeded()
    {
        var plan = PlanOf.Lines("raw", "clean: raw", "late: clean when on_failure");
        var run = Given.Run(plan).Then(Succeed(0, 1, Result("raw", 1, "out")), Succeed(1, 1, Result("clean", 1, "out", "rejects"))).After;
        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal("test/clean.rejects", Of(run, "raw/clean.rejects").Version!.Ref.Name);
        Assert.Equal("test/clean.out", Of(run, "raw/clean").Version!.Ref.Name);
        Assert.Null(Of(run, "raw/clean.report").Version);
        Assert.Equal(new GivenDataset(null), Of(run, "raw/late")); // it was skipped
        var lack = Of(run, "raw/claen").Lack!;
        Assert.Equal("ETL6724", lack.Code);
        var watch = new Watch(new TriggerSource.OfDataset("raw/claen"));
        watch.Tell(2, Seen(Ended(1) with { Gave = Of(run, "raw/claen") }));
        Assert.Equal((lack, "the last run of raw that succeeded gives no raw/claen"), (watch.Trigger.View().Fault, watch.Trigger.View().Waits));
    }

    private static GivenDataset Of(Run run, string dataset) =>
        DatasetName.TryParse(dataset, out var name) ? GivenDataset.Of(run, name, new KindCatalog([])) : throw new ArgumentException(dataset);

    private static RunId Run(int number) => RunId.New(Given.Noon.AddSeconds(number), new byte[10]);

    private static EndedRun Ended(int number, RunStatus status = RunStatus.Succeeded, double? at = null) => new(Run(number), status, Watch.At(at ?? number), 0);

    /// <param name="version">Null: that of the run itself.</param>
    /// <param name="wholeSince">When the run that made it succeeded.</param>
    private static EndedRun Gave(int number, string content, double? at = null, string? version = null, double? wholeSince = null) =>
        Ended(number, at: at) with
        {
            Gave = new GivenDataset(
                Dataset("raw/clean", version ?? Run(number).Value) with { ContentHash = content }, null, wholeSince is { } whole ? Watch.At(whole) : null),
        };

    private static TriggerCommand.RunsSeen Seen(params EndedRun[] ended) => new([.. ended], [], ended.Max(run => run.EndedAt));
}
