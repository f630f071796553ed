using System.Text;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Storage;
using Xunit;
using static OrleansEtl.Shells.Tests.Support.TriggerHouse;

namespace OrleansEtl.Shells.Tests;

/// <summary>A version of a dataset whose content is new starts one run, whatever dies, and one that is not, or that only half of a run has given,
/// none.</summary>
public sealed class DatasetTriggerLaws
{
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Each_version_with_new_content_starts_one_run_that_is_told_of_it_also_when_nobody_looked()
    {
        await using (var first = await House())
        {
            await Raw(first, 1, "a");
            await Put(first, 2);
            await Raw(first, 3, "a");
            await first.Wake(4);
            Assert.Equal($"the content of raw/clean is that of {RunOf(1)}; unfinished runs: 0", (await first.View()).Waits);
            await Raw(first, 5, "b");
            await Raw(first, 6, "b");
            await first.Wake(8);
            Assert.Equal([RunOf(5).Value], await first.Told("version"));
            var trigger = (await first.Cluster.Run(Assert.Single(await first.Runs()).Id).View())!.Occasion!.Trigger!;
            Assert.Equal(("t", "dataset", 1, "raw/clean b 7"), (trigger.Id, trigger.Kind, trigger.Depth,
                string.Join(' ', new[] { "dataset", "content_hash", "rows" }.Select(name => trigger.Values[name]!.ToPlainText()))));
        }
        await using var second = await House(5_000);
        await Raw(second, 5_000, "a");
        await Raw(second, 5_001, "c");
        await Task.WhenAll(second.Wake(5_002), second.Wake(5_002));
        await second.Wake(5_010);
        Assert.Equal([RunOf(5).Value, RunOf(5_000).Value, RunOf(5_001).Value], await second.Told("run"));
    }

    [Theory]
    [InlineData("start unheard"), InlineData("start unanswered"), InlineData("write lost"), InlineData("write unanswered")]
    public async Task Whatever_dies_when_a_version_is_seen_it_starts_one_run_and_its_content_none_again(string point)
    {
        await using (var first = await House())
        {
            await Put(first, 0);
            await Raw(first, 1, "a");
            Func<RunId, Task> dies = _ => throw new TimeoutException("nobody answers");
            if (point == "start unheard") first.BeforeStart = dies;
            if (point == "start unanswered") first.AfterStart = dies;
            if (point == "write lost") first.States.FailBefore(1);
            if (point == "write unanswered") first.States.FailAfter(1);
            await Record.ExceptionAsync(() => first.Wake(2));
        }
        await using var second = await House(10);
        await Raw(second, 11, "a");
        for (var at = 12; at < 40; at += 4) await second.Wake(at);
        Assert.Equal([RunOf(1).Value], await second.Told("run"));
        Assert.Equal(TriggerOutcome.Started, Assert.Single((await second.View()).Recent).Outcome);
    }

    [Fact]
    public async Task Two_processes_that_look_at_once_start_each_new_version_once()
    {
        await using var one = await House();
        await using var other = await House();
        await Put(one, 0);
        for (var round = 1; round <= 12; round++)
        {
            await Raw(one, round * 20, $"content {round / 2}");
            // Their clocks differ, so that what both decided would be two runs.
            await Task.WhenAll(one.Wake(round * 20 + 2), other.Wake(round * 20 + 3), one.Wake(round * 20 + 2), other.Wake(round * 20 + 3));
        }
        await one.Wake(300);
        await other.Wake(320);
        Assert.Equal(Enumerable.Range(0, 7).Select(content => $"content {content}"), await one.Told("content_hash"));
    }

    [Fact]
    public async Task What_a_run_published_before_it_failed_counts_once_a_rerun_that_takes_it_on_succeeds()
    {
        await using var house = await House();
        await Put(house, 0);
        var runner = house.Cluster.Runner;
        runner.On("late", (work, _) => Task.FromResult<StageOutcome>(new StageOutcome.Failed(
            work.Steps[0].Id, new Fault(FaultKind.Invalid, "ETL5040", "Not so."), [])));
        await Raw(house, 1, "a", "clean", "late: clean");
        Assert.Equal(RunStatus.Failed, (await _store.Catalog.Run(RunOf(1), default))!.Status);
        Assert.NotNull(await _store.Catalog.Dataset("raw/clean", RunOf(1).Value, default)); // it is there, and does not count
        await house.Wake(2);
        Assert.Empty(await house.Runs());
        runner.On("late", (work, _) => Task.FromResult(ScriptedRunner.Succeeded(work)));
        await Again(house, 3, RunOf(1));
        await house.Wake(4);
        Assert.Equal([RunOf(3).Value], await house.Told("run"));
        Assert.Equal([RunOf(1).Value], await house.Told("version"));
        await Raw(house, 5, "b", "clean", "late: clean");
        await Again(house, 6, RunOf(3)); // uses again what a run that succeeded gave before
        await house.Wake(8);
        Assert.Equal([RunOf(3).Value, RunOf(5).Value], await house.Told("run"));
    }

    [Fact]
    public async Task A_run_whose_step_was_skipped_gives_nothing_new()
    {
        await using var house = await House();
        await Put(house, 0);
        var start = Given.Pipeline("light", "clean: light");
        var skips = start.Spec with { Name = "raw", Steps = [start.Spec.Steps[0], start.Spec.Steps[1] with { When = "on_failure" }] };
        await house.Cluster.Run(RunOf(1)).Tell(start with { Spec = skips });
        Assert.Equal(RunStatus.Succeeded, (await house.Cluster.Ended(RunOf(1))).Status);
        await house.Wake(2);
        Assert.Empty(await house.Runs());
        Assert.Equal((null, "no version of raw/clean has come yet; unfinished runs: 0"), ((await house.View()).Fault, (await house.View()).Waits));
    }

    [Fact]
    public async Task What_was_there_when_it_was_made_is_found_behind_runs_that_gave_none()
    {
        await using var house = await House();
        await Raw(house, 1, "a");
        await Raw(house, 2, "b");
        await Raw(house, 3, "", "light");
        house.Clock.Now = At(4);
        await Put(house, 4);
        await Raw(house, 5, "b");
        await house.Wake(6);
        Assert.Empty(await house.Runs());
        await Raw(house, 7, "a");
        await house.Wake(8);
        Assert.Equal([RunOf(7).Value], await house.Told("run"));
    }

    [Fact]
    public async Task A_run_in_sight_that_ended_before_it_was_made_by_a_slower_clock_starts_nothing_and_is_what_the_next_has_to_differ_from()
    {
        await using var house = await House();
        house.Cluster.Runner.On("clean", (work, _) => Task.FromResult(Gives(work, "a", "raw/clean")));
        var start = Given.Pipeline("signal", "clean: signal");
        await house.Cluster.Run(RunOf(1)).Tell(start with { Spec = start.Spec with { Name = "raw" } });
        await Put(house, 5);
        house.Clock.Now = At(4);
        await house.Cluster.Run(RunOf(1)).Tell(new RunCommand.Signal("go", []));
        await house.Cluster.Ended(RunOf(1));
        await house.Wake(8);
        await Raw(house, 9, "a");
        await house.Wake(12);
        Assert.Empty(await house.Runs());
        Assert.Equal($"the content of raw/clean is that of {RunOf(1)}; unfinished runs: 0", (await house.View()).Waits);
    }

    [Fact]
    public async Task A_dataset_that_cannot_come_is_refused_with_what_is_near_and_told_when_it_becomes_known_later()
    {
        await using var house = await House();
        var near = await Refused("t", "raw/claen");
        Assert.Equal(("ETL6724", "dataset", "Did you mean `raw/clean`?"), (near.Code, near.Path, near.Hint));
        Assert.Equal("ETL6703", (await Refused("t", "raw")).Code);
        await Put(house, 0, "new/sums");
        Assert.Null((await house.View()).Fault);
        house.Pipelines["new"] = Given.Pipeline("sum").Spec with { Name = "new" };
        Assert.Equal(("ETL6724", "Did you mean `new/sum`?"), ((await house.View()).Fault!.Code, (await house.View()).Fault!.Hint));
        house.Cluster.Runner.On("clean", (work, _) => Task.FromResult(Gives(work, "a", "shop/scores")));
        await Raw(house, 1, null);
        Assert.Equal("Name the step: `raw/clean`.", (await Refused("t", "shop/scores")).Hint);

        async Task<Fault> Refused(string id, string dataset) =>
            Assert.Single(Assert.IsType<TriggerAnswer.Refused>(await house.Trigger(id).Put(On(dataset), false)).Faults);
    }

    [Fact]
    public async Task A_circle_through_a_dataset_is_refused_and_a_chain_counts_its_runs()
    {
        await using var house = await House();
        await house.ChainHolds(On("raw/clean"), () => Raw(house, 1, "a"));
    }

    /// <summary>As the release before wrote it.</summary>
    private const string Stored = """
        {"form":1,"due_at":"2026-03-01T12:00:02+00:00","trigger":{"id":"t","spec":{"on":{"type":"pipeline","pipeline":"raw","ending":"succeeded"},
        "pipeline":"test","is_paused":false},"since":"2026-03-01T12:00:00+00:00","last_look":"2026-03-01T12:00:00+00:00",
        "next_look":"2026-03-01T12:00:02+00:00","failures":0,"starting":[],"recent":[],"open_runs":[],"heard_runs":[],
        "runs_through":"2026-03-01T12:00:00+00:00"}}
        """;

    [Fact]
    public async Task A_trigger_that_was_stored_before_there_were_datasets_goes_on()
    {
        await _store.GrainStates.Write(
            new StateWrite(Guid.NewGuid(), new StateKey("trigger/t", "trigger"), 0, Encoding.UTF8.GetBytes(Stored), At(2)), default);
        await using var house = await House();
        await Raw(house, 1, "a");
        await house.Wake(2);
        Assert.Equal([RunOf(1).Value], await house.Told("run"));
        Assert.Null(TriggerCodec.Read((await _store.GrainStates.Read(new StateKey("trigger/t", "trigger"), default))!.Value).Trigger.Dataset);
    }

    private async Task<TriggerHouse> House(double second = 0)
    {
        var house = await Open(_store, "/tmp", second);
        house.Pipelines["raw"] = Given.Pipeline("clean").Spec with { Name = "raw" };
        return house;
    }

    private static TriggerSpec On(string dataset) => new(new TriggerSource.OfDataset(dataset), "test");

    /// <summary>Makes the trigger at that time, and lets it look.</summary>
    private static async Task Put(TriggerHouse house, double second, string dataset = "raw/clean")
    {
        house.Clock.Now = At(second);
        Assert.IsType<TriggerAnswer.Done>(await house.Trigger().Put(On(dataset), false));
        await house.Wake(second);
    }

    private static RunId RunOf(int number) => RunId.New(At(number), [1, 2, 3, 4, 5, 6, 7, 8, (byte)(number >> 8), (byte)number]);

    /// <summary>A run of the pipeline raw, from then until then.</summary>
    /// <param name="content">What the step clean gives; null: what was said last.</param>
    private static async Task Raw(TriggerHouse house, int number, string? content, params string[] steps)
    {
        house.Clock.Now = At(number);
        if (content is not null) house.Cluster.Runner.On("clean", (work, _) => Task.FromResult(Gives(work, content, "raw/clean")));
        var start = Given.Pipeline(steps is [] ? ["clean"] : steps);
        await house.Cluster.Run(RunOf(number)).Tell(start with { Spec = start.Spec with { Name = "raw" } });
        await house.Cluster.Ended(RunOf(number));
    }

    private async Task Again(TriggerHouse house, int number, RunId past)
    {
        house.Clock.Now = At(number);
        var plan = RerunPlan.Of((await _store.Journal.Read(past, default))!.Replay(), null, []);
        await house.Cluster.Run(RunOf(number)).Tell(plan.Command!);
        Assert.Equal(RunStatus.Succeeded, (await house.Cluster.Ended(RunOf(number))).Status);
    }

    private static StageOutcome Gives(StageWork work, string content, string dataset) => new StageOutcome.Succeeded(
        [.. ((StageOutcome.Succeeded)ScriptedRunner.Succeeded(work)).Results.Select(result => result with
        {
            Outputs = [.. result.Outputs.Select(output => output with
            {
                Dataset = output.Dataset! with { Ref = new DatasetRef(dataset, work.Run.Value), ContentHash = content, Rows = 7 },
            })],
        })]);
}
