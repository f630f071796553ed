using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>A run knows the time that it is for, for as long as it is known itself.</summary>
public sealed class OccasionLaws
{
    private static readonly RunOccasion Day = new(
        new DateTimeOffset(2026, 1, 30, 2, 30, 0, TimeSpan.Zero), new DateTimeOffset(2026, 1, 31, 2, 30, 0, TimeSpan.Zero), "eu", "test/daily", "b1");

    [Fact]
    public async Task Its_steps_get_the_time_and_so_does_whoever_looks()
    {
        await using var cluster = await Cluster.Start();
        await cluster.Run(Given.Run).Tell(Asking("{{ run.interval.start }} {{ run.interval.end | date }} {{ run.scheduled_at }} {{ run.partition }}", Day));
        var view = (await cluster.Run(Given.Run).View())!;
        Assert.Equal("2026-01-30T02:30:00.000Z 2026-01-31 2026-01-31T02:30:00.000Z eu", view.Steps[0].Awaits!.Message);
        Assert.Equal(Day, view.Occasion);
    }

    [Fact]
    public async Task It_is_stored_with_the_start_and_with_a_snapshot_and_a_rerun_is_for_the_same()
    {
        await using var cluster = await Cluster.Start();
        await cluster.Run(Given.Run).Tell(Given.Pipeline("light") with { Occasion = Day });
        var run = (await cluster.Store.Journal.Read(Given.Run, default))!.Replay();
        Assert.Equal(Day, run.Occasion);
        Assert.Equal(Day, RunSnapshot.Read(RunSnapshot.Write(run)).Occasion);
        Assert.Equal(Day, RerunPlan.Of(run, null, []).Command!.Occasion);
    }

    [Theory]
    [InlineData("since {{ run.interval.start }}", "ETL3830")]
    [InlineData("{{ run.scheduled_at | date }}", "ETL3830")]
    [InlineData("{{ run.partition }}", "ETL3831")]
    public async Task A_run_that_is_for_no_time_says_so_before_anything_starts(string asks, string code)
    {
        await using var cluster = await Cluster.Start();
        var start = Asking(asks, null);
        start = start with { Spec = start.Spec with { Steps = start.Spec.Steps.Insert(0, Given.Pipeline("a").Spec.Steps[0]) } };
        var refused = Assert.IsType<Answer.Refused>(await cluster.Run(Given.Run).Tell(start));
        Assert.Equal((code, "steps[1].with.message"), (refused.Faults[0].Code, refused.Faults[0].Path));
        Assert.Empty(cluster.Runner.Ran);
        Assert.Null(await cluster.Store.Catalog.Run(Given.Run, default));
    }

    [Fact]
    public async Task What_has_a_default_may_be_missing()
    {
        await using var cluster = await Cluster.Start();
        await cluster.Run(Given.Run).Tell(Asking("{{ run.interval.start | default(\"ever\") }} {{ run.partition | default(\"all\") | upper }}", null));
        Assert.Equal("ever ALL", (await cluster.Run(Given.Run).View())!.Steps[0].Awaits!.Message);
    }

    [Fact]
    public async Task An_interval_that_ends_before_it_starts_is_refused()
    {
        await using var cluster = await Cluster.Start();
        var refused = await cluster.Run(Given.Run).Tell(
            Given.Pipeline("light") with { Occasion = Day with { IntervalStart = Day.IntervalEnd.AddSeconds(1) } });
        Assert.Equal("ETL3832", Assert.IsType<Answer.Refused>(refused).Faults[0].Code);
    }

    private static RunCommand.Start Asking(string message, RunOccasion? occasion)
    {
        var start = Given.Pipeline("ask");
        var step = start.Spec.Steps[0] with { With = new SpecValue.Map([new Field(AwaitFields.Message, new SpecValue.Text(message))]) };
        return start with { Spec = start.Spec with { Steps = [step] }, Occasion = occasion };
    }
}
