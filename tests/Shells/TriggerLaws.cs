using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;
using static OrleansEtl.Shells.Tests.Support.TriggerHouse;

namespace OrleansEtl.Shells.Tests;

/// <summary>What happens starts one run, whatever dies between its decision and its start, and however many processes look.</summary>
public sealed class TriggerLaws : IDisposable
{
    private readonly MemoryStore _store = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-triggers-").FullName;

    public TriggerLaws() => Directory.CreateDirectory(Path.Combine(_folder, "in"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_that_has_settled_starts_a_run_that_is_told_of_it()
    {
        await using var house = await Open(_store, _folder);
        house.Pipelines["test"] = house.Pipelines["test"] with { Params = [new ParamSpec("file", ValueType.Text, null, null)] };
        var asked = new SpecValue.Map([new Field("file", new SpecValue.Text("{{ run.trigger.name }}"))]);
        Assert.IsType<TriggerAnswer.Done>(await house.Trigger().Put(OnFiles() with { Params = asked }, false));
        var path = Write("a.csv", "1");
        await house.Wake(0);
        Assert.Equal("files have to settle: 1", (await house.View()).Waits);
        await house.Wake(10);
        var view = (await house.Cluster.Run(Assert.Single(await house.Runs()).Id).View())!;
        Assert.Equal([new Field("file", new SpecValue.Text("a.csv"))], view.Params);
        Assert.Equal(("t", "file", path), (view.Occasion!.Trigger!.Id, view.Occasion.Trigger.Kind, view.Occasion.Trigger.Values["path"]!.ToPlainText()));
        Assert.Equal(TriggerOutcome.Started, Assert.Single((await house.View()).Recent).Outcome);
        for (var second = 20; second < 60; second += 10) await house.Wake(second);
        Assert.Single(await house.Runs());
    }

    [Fact]
    public async Task A_pipe_is_no_file_that_has_arrived()
    {
        await using var house = await Open(_store, _folder);
        await house.Trigger().Put(OnFiles(), false);
        using (var made = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "in", "a.csv")])) made.WaitForExit();
        Write("b.csv", "1");
        for (var second = 0; second < 60; second += 10) await house.Wake(second);
        Assert.Equal(["b.csv"], await house.Told("name"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_dies_between_the_decision_and_the_start_starts_one_run_all_the_same(bool isHeard)
    {
        Write("a.csv", "1");
        await using (var first = await Open(_store, _folder))
        {
            await first.Trigger().Put(OnFiles(), false);
            await first.Wake(0);
            Func<RunId, Task> dies = _ => throw new TimeoutException("nobody answers");
            if (isHeard) first.AfterStart = dies;
            else first.BeforeStart = dies;
            await first.Wake(10);
            Assert.Equal(isHeard ? 1 : 0, (await first.Runs()).Length);
            Assert.Equal(TriggerOutcome.Starting, Assert.Single((await first.View()).Recent).Outcome);
        }
        await using var second = await Open(_store, _folder, 15);
        await second.Wake(16);
        await second.Wake(30);
        Assert.Single(await second.Runs());
        Assert.Equal(TriggerOutcome.Started, Assert.Single((await second.View()).Recent).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_is_away_when_it_is_decided_loses_nothing_and_doubles_nothing(bool isStored)
    {
        await using var house = await Open(_store, _folder);
        await house.Trigger().Put(OnFiles(), false);
        Write("a.csv", "1");
        await house.Wake(0);
        if (isStored) house.States.FailAfter(1);
        else house.States.FailBefore(1);
        await Assert.ThrowsAsync<FaultException>(() => house.Wake(10));
        for (var second = 10; second < 60; second += 5) await house.Wake(second);
        Assert.Equal(["a.csv"], await house.Told("name"));
    }

    [Fact]
    public async Task Two_processes_that_look_at_the_same_files_start_each_of_them_once()
    {
        await using var one = await Open(_store, _folder);
        await using var other = await Open(_store, _folder);
        await one.Trigger().Put(OnFiles(), false);
        for (var round = 0; round < 12; round++)
        {
            Write($"{round:00}.csv", $"{round}");
            // Their clocks differ, so that what both decided would be two runs.
            await Task.WhenAll(one.Wake(round * 20), other.Wake(round * 20 + 1), one.Wake(round * 20), other.Wake(round * 20 + 1));
        }
        await one.Wake(300);
        await one.Wake(320);
        Assert.Equal(Enumerable.Range(0, 12).Select(round => $"{round:00}.csv"), await one.Told("name"));
    }

    [Fact]
    public async Task What_came_while_nobody_looked_is_found_and_what_was_known_starts_nothing_again()
    {
        await using (var first = await Open(_store, _folder))
        {
            await first.Trigger().Put(OnFiles(), false);
            Write("a.csv", "1");
            await first.Wake(0);
            await first.Wake(10);
        }
        Write("b.csv", "2");
        await using var second = await Open(_store, _folder, 10_000);
        await second.Wake(10_000);
        await second.Wake(10_010);
        Assert.Equal(["a.csv", "b.csv"], await second.Told("name"));
    }

    [Fact]
    public async Task Only_files_below_the_folders_of_the_pipeline_are_seen_and_links_out_of_them_are_not_followed()
    {
        var outside = Directory.CreateTempSubdirectory("etl-outside-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(outside, "secret.csv"), "1");
            File.CreateSymbolicLink(Path.Combine(_folder, "in", "link.csv"), Path.Combine(outside, "secret.csv"));
            Write("a.csv", "1");
            await using var house = await Open(_store, _folder);
            await house.Trigger().Put(OnFiles(), false);
            await house.Wake(0);
            await house.Wake(10);
            Assert.Equal(["a.csv"], await house.Told("name"));
            await house.Trigger("away").Put(OnFiles() with { On = new TriggerSource.OfFile(outside, default, TimeSpan.FromSeconds(10)) }, false);
            await house.Wake(20, "away");
            await house.Wake(30, "away");
            Assert.Equal("ETL4301", (await house.View("away")).Fault!.Code);
            Assert.Equal(["a.csv"], await house.Told("name"));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told_and_looked_at_again()
    {
        Directory.Delete(Path.Combine(_folder, "in"));
        await using var house = await Open(_store, _folder);
        await house.Trigger().Put(OnFiles() with { On = new TriggerSource.OfFile("in/*.csv", default, TimeSpan.FromSeconds(10)) }, false);
        await house.Wake(0);
        Assert.Equal(("ETL6705", At(10)), ((await house.View()).Fault!.Code, (await house.View()).NextLook));
        Directory.CreateDirectory(Path.Combine(_folder, "in"));
        Write("a.csv", "1");
        await house.Wake(10);
        Assert.Equal(["a.csv"], await house.Told("name"));
    }

    [Fact]
    public async Task What_can_never_be_started_is_told_and_the_next_one_runs()
    {
        await using var house = await Open(_store, _folder);
        await house.Trigger().Put(OnFiles(), false);
        house.Pipelines.Remove("test", out var spec);
        Write("a.csv", "1");
        await house.Wake(0);
        Assert.Equal("ETL9003", (await house.View()).Fault!.Code);
        house.Pipelines["test"] = spec! with { Params = [new ParamSpec("day", ValueType.Date, null, null)] };
        for (var second = 30; second < 60; second += 10) await house.Wake(second);
        Assert.Equal((TriggerOutcome.Refused, "ETL2020"), ((await house.View()).Recent[0].Outcome, (await house.View()).Recent[0].Fault!.Code));
        house.Pipelines["test"] = spec;
        Write("b.csv", "2");
        for (var second = 60; second < 90; second += 10) await house.Wake(second);
        Assert.Equal(["b.csv"], await house.Told("name"));
    }

    [Fact]
    public async Task Each_run_of_another_pipeline_that_ends_starts_one_run_also_when_nobody_looked_while_it_did()
    {
        await using (var first = await Open(_store, _folder))
        {
            await first.Trigger().Put(OnRaw, false);
            await first.Wake(0);
            await Raw(first, 1, "light");
            await Raw(first, 2, "signal");
            await first.Wake(4);
            Assert.Equal([RunOf(1).Value], await first.Told("run"));
            first.BeforeStart = _ => throw new TimeoutException("nobody answers");
            await first.Cluster.Run(RunOf(2)).Tell(new RunCommand.Signal("go", []));
            await first.Cluster.Ended(RunOf(2));
            await first.Wake(8);
        }
        await using var second = await Open(_store, _folder, 5_000);
        await Raw(second, 3, "light");
        await Task.WhenAll(second.Wake(5_000), second.Wake(5_000));
        await second.Wake(5_010);
        Assert.Equal([RunOf(1).Value, RunOf(2).Value, RunOf(3).Value], await second.Told("run"));
    }

    [Fact]
    public async Task A_circle_of_pipelines_is_refused_when_it_is_made_and_a_chain_counts_its_runs()
    {
        await using var house = await Open(_store, _folder);
        await house.ChainHolds(OnRaw, () => Raw(house, 1, "light"));
    }

    [Fact]
    public async Task A_pause_a_change_and_a_deletion_hold()
    {
        await using var house = await Open(_store, _folder);
        await house.Trigger().Put(OnFiles(), false);
        await house.Trigger().Pause();
        await house.Trigger().Put(OnFiles(FileRuns.PerBatch), keepsPause: true);
        Assert.True((await house.View()).Spec is { IsPaused: true, On: TriggerSource.OfFile { Runs: FileRuns.PerBatch } });
        Assert.Empty(await _store.GrainStates.Due(At(1e6), null, 10, default));
        await house.Trigger().Resume();
        Assert.False((await house.View()).Spec.IsPaused);
        Assert.IsType<TriggerAnswer.Done>(await house.Trigger().Delete());
        Assert.Null(await house.Trigger().View());
        Assert.Equal("ETL6700", Assert.IsType<TriggerAnswer.Refused>(await house.Trigger().Delete()).Faults[0].Code);
        Assert.Equal("ETL6700", Assert.IsType<TriggerAnswer.Refused>(await house.Trigger().Pause()).Faults[0].Code);
        await house.Trigger().Wake();
        Assert.Empty(await _store.GrainStates.Due(At(1e6), null, 10, default));
    }

    [Fact]
    public async Task What_is_wrong_with_it_is_said_when_it_is_made()
    {
        await using var house = await Open(_store, _folder);
        Assert.Equal("ETL6701", await Refused("a/b/c", OnFiles()));
        Assert.Equal("ETL9003", await Refused("t", OnFiles() with { Pipeline = "none" }));
        Assert.Equal("ETL6703", await Refused("t", OnFiles() with { On = new TriggerSource.OfFile("in", default, TimeSpan.Zero) }));
        var strange = new SpecValue.Map([new Field("no", new SpecValue.Text("{{ run.trigger.path }}"))]);
        Assert.Equal("ETL2021", await Refused("t", OnFiles() with { Params = strange }));

        async Task<string> Refused(string id, TriggerSpec spec) =>
            Assert.IsType<TriggerAnswer.Refused>(await house.Trigger(id).Put(spec, false)).Faults[0].Code;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, "in", name);
        File.WriteAllText(path, text);
        return PathOf(path);
    }

    private static string PathOf(string path) => OrleansEtl.Data.Files.PathRules.RealPath(path);

    private static RunId RunOf(int number) => RunId.New(At(number), [1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)number]);

    private static async Task Raw(TriggerHouse house, int number, string step)
    {
        var start = Given.Pipeline(step);
        await house.Cluster.Run(RunOf(number)).Tell(start with { Spec = start.Spec with { Name = "raw" } });
        if (step == "light") await house.Cluster.Ended(RunOf(number));
    }
}
