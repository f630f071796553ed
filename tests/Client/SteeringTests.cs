using System.Collections.Immutable;
using OrleansEtl.Clusters;

namespace OrleansEtl.Client.Tests;

/// <summary>What the client says to a run while it goes on; every call may be repeated.</summary>
public sealed class SteeringTests : IAsyncLifetime
{
    private SmallCluster _cluster = null!;
    private ClusterEtl _etl = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await SmallCluster.Start();
        _etl = _cluster.Connect();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    private static readonly PipelineSpec Asking = new("asking", null, [],
    [
        Step("uploaded", "flow.signal", [], ("name", "uploaded")),
        Step("ok", "flow.approval", ["uploaded"], ("message", "Shall it go on?")),
        Step("audit", "flow.noop", ["ok"]),
        Step("done", "flow.noop", ["ok"]) with { When = "{{ steps.ok.values.approved }}" },
    ]);

    private static StepSpec Step(string id, string kind, string[] needs, params (string Name, string Text)[] with) => new(
        new StepId(id), kind, [.. needs.Select(need => new StepId(need))],
        new SpecValue.Map([.. with.Select(field => new Field(field.Name, new SpecValue.Text(field.Text)))]));

    [Fact]
    public async Task A_run_is_paused_signalled_approved_and_resumed()
    {
        var run = Assert.IsType<Begun.Run>(await _etl.Start(new StartRequest(Asking, []), Patience)).Id;
        Done(await _etl.Pause(run, "lunch", "ann", Patience));
        Done(await _etl.Pause(run, "again", "bob", Patience));
        Assert.Equal("lunch", (await _etl.View(run, Patience))!.Paused!.Reason);
        Done(await _etl.Signal(run, "uploaded", [], null, Patience));
        Refused("ETL4270", await _etl.Review(run, new StepId("ok"), true, "ann", null, Patience));
        Assert.Equal(run, Assert.Single((await _etl.Runs(new RunFilter(Status: RunStatus.Paused), Patience)).Items).Id);
        Done(await _etl.Skip(run, new StepId("audit"), "not today", "ann", false, Patience));

        Assert.IsType<Begun.Run>(await _etl.Resume(run, Patience));
        Done(await _etl.Review(run, new StepId("ok"), true, "ann", "fine", Patience));
        Done(await _etl.Review(run, new StepId("ok"), true, "bob", null, Patience));
        Refused("ETL4268", await _etl.Review(run, new StepId("ok"), false, "bob", null, Patience));
        var last = await _etl.End(run, Patience);
        Assert.Equal(
            [StepStatus.Succeeded, StepStatus.Succeeded, StepStatus.Skipped, StepStatus.Succeeded], last.Steps.Select(step => step.Status));
        Assert.Equal("ann", last.Steps[1].Values.Single(value => value.Name == "by").Value.ToPlainText());
        Refused("ETL4203", await _etl.Pause(run, "late", null, Patience));
    }

    [Fact]
    public async Task A_step_is_marked_as_succeeded_with_values()
    {
        var run = Assert.IsType<Begun.Run>(await _etl.Start(new StartRequest(Asking, []), Patience)).Id;
        Done(await _etl.Succeed(run, new StepId("uploaded"), "by hand", [new Field("n", new SpecValue.Integer(1))], "ann", false, Patience));
        var step = (await _etl.View(run, Patience))!.Steps[0];
        Assert.Equal(("by hand", "ann", "1"), (step.ByHand!.Reason, step.ByHand.By, Assert.Single(step.Values).Value.ToJson()));
        Done(await _etl.Cancel(run, "enough", "ann", Patience));
        var cancelled = await _etl.End(run, Patience);
        Assert.Equal(("enough", "ann"), (cancelled.Cancelled!.Reason, cancelled.Cancelled.By));
        Assert.Contains(cancelled.Steps, one => one is { Status: StepStatus.Cancelled, Waiting: "cancelled by ann: enough" });
        Refused("ETL4201", await _etl.Signal(
            RunId.New(DateTimeOffset.UnixEpoch, new byte[10]), "uploaded", ImmutableArray<Field>.Empty, null, Patience));
    }

    [Fact]
    public async Task A_pipeline_is_paused_with_the_runs_that_it_has_and_will_have()
    {
        var before = Assert.IsType<Begun.Run>(await _etl.Start(new StartRequest(Asking, []), Patience)).Id;
        var other = Assert.IsType<Begun.Run>(await _etl.Start(new StartRequest(Asking with { Name = "other" }, []), Patience)).Id;
        var pause = await _etl.PausePipeline("asking", "the source is away", "ann", Patience);
        Assert.Equal(("asking", "the source is away", "ann"), (pause.Pipeline, pause.Reason, pause.By));
        Assert.Equal(pause, await _etl.PausePipeline("asking", "again", "bob", Patience));
        await Reaches(before, view => view.Paused is { WithPipeline: true, Reason: "the source is away" });
        var later = Assert.IsType<Begun.Run>(await _etl.Start(new StartRequest(Asking, []), Patience)).Id;
        await Reaches(later, view => view.Status == RunStatus.Paused); // at once, or a moment later on a silo that has not heard of it yet
        Assert.Equal("ETL4273", Assert.IsType<Begun.Refused>(await _etl.Resume(later, Patience)).Faults[0].Code);

        await _etl.PausePipeline(null, "maintenance", null, Patience);
        await Reaches(other, view => view.Paused is { WithPipeline: true });
        Assert.Equal(pause, await _etl.ResumePipeline("asking", Patience));
        Assert.Equal([null], (await _etl.PausedPipelines(Patience)).Select(paused => paused.Pipeline));
        Assert.NotNull(await _etl.ResumePipeline(null, Patience));
        foreach (var run in (RunId[])[before, later, other])
            await Reaches(run, view => view is { Status: RunStatus.Running, Paused: null, Steps: [{ Status: StepStatus.Awaiting }, ..] });
        Assert.Null(await _etl.ResumePipeline(null, Patience));
        Assert.Equal("ETL4274", (await Assert.ThrowsAsync<FaultException>(() => _etl.PausePipeline("no name", "", null, Patience))).Fault.Code);
    }

    private async Task<RunView> Reaches(RunId run, Func<RunView, bool> state)
    {
        await foreach (var view in _etl.Watch(run, Patience))
            if (state(view)) return view;
        throw new InvalidOperationException($"{run} ended first");
    }

    private static void Done(Answer answer) => Assert.IsType<Answer.Done>(answer);

    private static void Refused(string code, Answer answer) => Assert.Equal(code, Assert.IsType<Answer.Refused>(answer).Faults[0].Code);
}
