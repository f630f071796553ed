using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Engine.Tests.Triggers;

/// <summary>Of each file, by its path and what is in it, one run; and of none that is still being written.</summary>
public sealed class FileLaws
{
    [Fact]
    public void A_file_starts_one_run_when_it_has_settled_and_never_again()
    {
        var watch = new Watch();
        Assert.Equal("", watch.Look(0, ("a.csv", "x", 0)));
        Assert.Equal("", watch.Look(9, ("a.csv", "x", 0)));
        Assert.Equal("a.csv", watch.Look(10, ("a.csv", "x", 0)));
        for (var second = 20; second < 100; second += 10) Assert.Equal("", watch.Look(second, ("a.csv", "x", 0)));
        Assert.Single(watch.Trigger.Starting);
    }

    [Fact]
    public void A_file_that_grows_is_not_picked_up_half_written()
    {
        var watch = new Watch();
        for (var second = 0; second < 100; second += 5) Assert.Equal("", watch.Look(second, ("a.csv", new string('x', second), second)));
        Assert.Equal("", watch.Look(104, ("a.csv", new string('x', 95), 95)));
        Assert.Equal("a.csv", watch.Look(105, ("a.csv", new string('x', 95), 95)));
    }

    [Fact]
    public void A_file_that_is_written_while_its_content_is_read_waits_again()
    {
        var watch = new Watch();
        watch.Look(0, ("a.csv", "x", 0));
        watch.See(10, ("a.csv", "xy", 10));
        Assert.Equal("", watch.Identify(10, ("a.csv", "x", 0)));
        Assert.Equal("", watch.Look(19, ("a.csv", "xy", 10)));
        Assert.Equal("a.csv", watch.Look(20, ("a.csv", "xy", 10)));
    }

    [Fact]
    public void A_changed_file_starts_a_run_and_one_that_is_only_touched_does_not()
    {
        var watch = new Watch();
        watch.Look(0, ("a.csv", "x", 0));
        Assert.Equal("a.csv", watch.Look(10, ("a.csv", "x", 0)));
        watch.Look(20, ("a.csv", "x", 20));
        Assert.Equal("", watch.Look(30, ("a.csv", "x", 20)));
        watch.Look(40, ("a.csv", "y", 40));
        Assert.Equal("a.csv", watch.Look(50, ("a.csv", "y", 40)));
        Assert.Equal(2, watch.Trigger.Starting.Select(start => start.Run).Distinct().Count());
    }

    [Fact]
    public void A_folder_that_is_away_for_a_while_makes_no_file_new_but_a_file_in_the_place_of_another_is()
    {
        var watch = new Watch();
        watch.Look(0, ("a.csv", "x", 0));
        watch.Look(10, ("a.csv", "x", 0));
        watch.Look(20);
        Assert.Equal("", watch.Look(30, ("a.csv", "x", 0)) + watch.Look(50, ("a.csv", "x", 0)));
        watch.Look(60);
        watch.Look(70, ("a.csv", "x", 65));
        Assert.Equal("a.csv", watch.Look(80, ("a.csv", "x", 65)));
    }

    [Fact]
    public void A_batch_is_one_run_of_all_that_has_settled()
    {
        var watch = new Watch(Watch.OnFiles with { Runs = FileRuns.PerBatch });
        watch.Look(0, ("a.csv", "x", 0), ("b.csv", "y", 0));
        Assert.Equal("a.csv b.csv", watch.Look(10, ("a.csv", "x", 0), ("b.csv", "y", 0), ("c.csv", "z", 9)));
        var start = Assert.Single(watch.Trigger.Starting);
        Assert.Equal(new SpecValue.Integer(2), start.Values["count"]);
        Assert.Equal("c.csv", watch.Look(20, ("a.csv", "x", 0), ("b.csv", "y", 0), ("c.csv", "z", 9)));
    }

    [Fact]
    public void Files_that_are_there_already_can_be_left_alone_until_they_change()
    {
        var watch = new Watch(Watch.OnFiles with { IncludesExisting = false });
        watch.Look(0, ("a.csv", "x", 0));
        Assert.Equal("", watch.Look(10, ("a.csv", "x", 0), ("b.csv", "y", 5)));
        Assert.Equal("b.csv", watch.Look(20, ("a.csv", "xx", 20), ("b.csv", "y", 5)));
        Assert.Equal("a.csv", watch.Look(30, ("a.csv", "xx", 20), ("b.csv", "y", 5)));
    }

    [Fact]
    public void A_start_that_is_not_made_yet_is_owed_and_bounded_and_the_rest_has_its_turn_later()
    {
        var watch = new Watch();
        var files = Enumerable.Range(0, 7).Select(i => ($"f{i}.csv", "x", 0)).ToArray();
        watch.Look(0, files);
        Assert.Equal("f0.csv f1.csv f2.csv f3.csv", watch.Look(10, files));
        Assert.Equal("", watch.Look(20, files));
        watch.Pay();
        Assert.Equal("f4.csv f5.csv f6.csv", watch.Look(30, files));
        Assert.Equal(7, watch.Trigger.Recent.Count);
    }

    [Fact]
    public void More_files_than_can_be_remembered_are_a_fault_that_says_so_and_start_nothing()
    {
        var watch = new Watch();
        var files = Enumerable.Range(0, Watch.Small.FilesMax + 1).Select(i => ($"f{i}.csv", "x", 0)).ToArray();
        watch.Look(0, files);
        Assert.Equal("", watch.Look(10, files));
        Assert.Equal("ETL6706", watch.Trigger.View().Fault!.Code);
        watch.Look(20, files[..3]);
        Assert.Null(watch.Trigger.View().Fault);
        Assert.Equal("f0.csv f1.csv f2.csv", watch.Look(30, files[..3]));
    }

    [Fact]
    public void What_is_gone_is_forgotten_first_when_there_is_no_room()
    {
        var watch = new Watch();
        watch.Look(0, ("old.csv", "x", 0), ("kept.csv", "x", 0));
        watch.Look(10, ("old.csv", "x", 0), ("kept.csv", "x", 0));
        watch.Pay();
        var files = Enumerable.Range(0, Watch.Small.FilesMax - 1).Select(i => ($"f{i}.csv", "x", 20)).Append(("kept.csv", "x", 0)).ToArray();
        watch.Look(20, files);
        Assert.False(watch.Trigger.Files.All.ContainsKey("old.csv"));
        Assert.DoesNotContain("kept.csv", watch.Look(30, files));
    }

    [Fact]
    public void A_file_whose_run_cannot_be_started_starts_one_when_it_is_touched()
    {
        var watch = new Watch();
        watch.Look(0, ("a.csv", "x", 0));
        watch.Look(10, ("a.csv", "x", 0));
        watch.Pay(new Fault(FaultKind.NotFound, "ETL9003", "It is gone."));
        Assert.Equal((TriggerOutcome.Refused, "ETL9003"), (watch.Trigger.Recent[0].Outcome, watch.Trigger.Recent[0].Fault!.Code));
        Assert.Equal("", watch.Look(20, ("a.csv", "x", 0)));
        watch.Look(30, ("a.csv", "x", 30));
        Assert.Equal("a.csv", watch.Look(40, ("a.csv", "x", 30)));
    }

    [Fact]
    public void What_comes_during_a_pause_starts_after_it()
    {
        var watch = new Watch();
        watch.Tell(0, new TriggerCommand.Pause());
        Assert.Equal("", watch.Look(1, ("a.csv", "x", 0)) + watch.Look(20, ("a.csv", "x", 0)));
        Assert.Null(watch.Trigger.NextLook);
        watch.Tell(30, new TriggerCommand.Resume());
        watch.Look(30, ("a.csv", "x", 0));
        Assert.Equal("a.csv", watch.Look(40, ("a.csv", "x", 0)));
    }

    [Fact]
    public void What_it_knows_it_keeps_over_a_change_that_looks_at_the_same_and_over_the_store()
    {
        var watch = new Watch();
        watch.Look(0, ("a.csv", "x", 0));
        watch.Look(10, ("a.csv", "x", 0));
        watch.Tell(20, new TriggerCommand.Put(Watch.Id, new TriggerSpec(Watch.OnFiles with { Settle = TimeSpan.FromSeconds(1) }, "orders"), true));
        watch.Trigger = Trigger.Of(watch.Trigger.State());
        Assert.Equal("", watch.Look(30, ("a.csv", "x", 0)) + watch.Look(40, ("a.csv", "x", 0)));
        watch.Tell(50, new TriggerCommand.Put(Watch.Id, new TriggerSpec(Watch.OnFiles with { Path = "else/*" }, "orders"), true));
        watch.Look(60, ("a.csv", "x", 0));
        Assert.Equal("a.csv", watch.Look(70, ("a.csv", "x", 0)));
    }

    [Fact]
    public void Looks_that_fail_say_why_and_come_less_often_until_one_does_not()
    {
        var watch = new Watch();
        var fault = new Fault(FaultKind.NotFound, "ETL6705", "The folder is not there.");
        TimeSpan[] waits = [.. Enumerable.Range(0, 5).Select(_ =>
        {
            watch.Tell(0, new TriggerCommand.LookFailed(fault));
            return watch.Trigger.NextLook!.Value - Watch.At(0);
        })];
        Assert.Equal([10, 20, 40, 60, 60], waits.Select(wait => (int)wait.TotalSeconds));
        Assert.Equal(("ETL6705", "the last look failed"), (watch.Trigger.View().Fault!.Code, watch.Trigger.View().Waits));
        watch.Look(60);
        Assert.Equal((null, Watch.At(70)), (watch.Trigger.View().Fault, watch.Trigger.NextLook));
    }
}
