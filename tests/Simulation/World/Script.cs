using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Tests.Properties;

namespace OrleansEtl.Simulation.Tests;

/// <summary>How each stage of one run would end: after so many transient failures, well or badly. It counts failures that the run has
/// heard of, so that however many attempts are lost, the end is the same.</summary>
internal sealed class Script
{
    private readonly (int Transient, bool Fails, bool RunsOut)[] _stages;

    public Script(PipelineSpec spec, Chance chance, RunCommand.Start start)
    {
        Plan = ((PlanResult.Checked)PlanCheck.Check(spec, Specs.Kinds)).Plan;
        Start = start;
        _stages = [.. Plan.Stages.Select(stage => (
            chance.OneIn(3) ? chance.Below(stage.Retry.Max + 2) : 0, chance.OneIn(8), chance.OneIn(3)))];
        foreach (var stage in Plan.Stages)
            if (IsLight(stage) || Waits(stage)) _stages[stage.Index] = RunsAnother(stage) ? (0, _stages[stage.Index].Fails, false) : default;
    }

    /// <summary>Of a run that a step of another one starts: it fails if that says so.</summary>
    public Script(Birth birth, Chance chance, bool fails) : this(Specs.Other.Spec, chance, new RunCommand.Start(Specs.Other.Spec, [], "/tmp", null, null))
    {
        Birth = birth;
        _stages[0] = (chance.OneIn(4) ? 1 : 0, fails, false);
    }

    public Plan Plan { get; }
    public RunCommand.Start Start { get; }
    public bool IsCancelled { get; set; }
    /// <summary>Which step starts it; null: people do.</summary>
    public Birth? Birth { get; }

    /// <summary>The ends of a run that nothing disturbs.</summary>
    /// <param name="isSkipped">Whether somebody skipped a stage when its turn had come.</param>
    public StepStatus[] Undisturbed(Func<int, bool> isReused, Func<int, bool> isSkipped)
    {
        var ends = NaiveModel.Statuses(Plan, stage => !isReused(stage) && Fails(stage), isSkipped);
        for (var stage = 0; stage < ends.Length; stage++)
            if (isReused(stage)) ends[stage] = StepStatus.Reused;
        return ends;

        bool Fails(int stage) => _stages[stage].Fails || _stages[stage].Transient > Plan.Stages[stage].Retry.Max;
    }

    /// <summary>Whether the run fails that the stage starts, or that item of it: of a stage that fails it is the third.</summary>
    public bool FailsRun(int stage, int? item) => _stages[stage].Fails && item is null or 2;

    public StageOutcome Outcome(StageWork work, int retried, int tries)
    {
        var (transient, fails, runsOut) = _stages[work.Stage];
        if (work.Items is ItemWork.Slice slice) return Items(slice, fails, tries);
        if (work.Items is ItemWork.Gather) (transient, fails) = (0, false);
        if (work.Items is ItemWork.List && retried >= transient) return Listed(work);
        var step = work.Steps[^1].Id;
        if (retried < transient)
            return new StageOutcome.Failed(step, runsOut
                ? new Fault(FaultKind.Exhausted, "ETL9999", "The memory is used up.")
                : new Fault(FaultKind.Unavailable, "ETL9999", "The server does not answer."), []);
        if (fails) return new StageOutcome.Failed(step, new Fault(FaultKind.Invalid, "ETL9999", "There is no such column."), []);
        var isGiven = !RunsAnother(Plan.Stages[work.Stage]) && (work.Items is null || !_stages[work.Stage].Fails);
        return new StageOutcome.Succeeded([.. work.Steps.Select(s => new StepResult(s.Id, 1, 1, 0, isGiven ? [Out(work, s)] : [], []))]);
    }

    private static StageOutcome.Listed Listed(StageWork work) => new(new DatasetVersion(
        new DatasetRef($"{work.Pipeline}/list", work.Run.Value), "list", [], [], Specs.ItemsOf(work.Steps[0].Kind), 10, "list", []), 0);

    /// <summary>The fifth fails once, where it may; the third fails for good when the stage does.</summary>
    private static StageOutcome.Items Items(ItemWork.Slice slice, bool fails, int tries)
    {
        var failures = ImmutableArray.CreateBuilder<ItemFailure>();
        foreach (var item in Enumerable.Range(slice.From, slice.Count))
            if (item == 2 && fails) failures.Add(new ItemFailure(item, new Fault(FaultKind.Invalid, "ETL9999", "There is no such column.")));
            else if (item == 4 && tries == 0 && slice.MayRetry)
                failures.Add(new ItemFailure(item, new Fault(FaultKind.Unavailable, "ETL9999", "The server does not answer.")));
        return new StageOutcome.Items(slice.Count, failures.ToImmutable(), 0, 0, TimeSpan.FromMilliseconds(100 * slice.Count));
    }

    /// <summary>What a stage of steps without effect gives.</summary>
    public static StageOutcome? AtOnce(StageWork work) => work.Steps.All(step => step.Kind == Specs.Light)
        ? new StageOutcome.Succeeded([.. work.Steps.Select(step => new StepResult(step.Id, null, null, null, [], []))])
        : null;

    public bool IsLight(PlannedStage stage) => stage.Steps.All(step => Plan.Steps[step].Spec.Kind == Specs.Light);

    public bool Waits(PlannedStage stage) => Plan.Steps[stage.Steps[0]].Awaits is not null;

    private bool RunsAnother(PlannedStage stage) => Plan.Steps[stage.Steps[0]].Awaits is AwaitKind.Run;

    private static StepOutput Out(StageWork work, StepWork step) => new("out", new DatasetVersion(
        new DatasetRef($"{work.Pipeline}/{step.Id}", work.Run.Value), Folder(work.Run, step.Id, work.Attempt), ["part.parquet"],
        [new Column("a", "INTEGER")], 1, 10, $"hash-{step.Id}", []), null, 1, 10);

    /// <summary>Files are written under their attempt.</summary>
    public static string Folder(RunId run, StepId step, Attempt attempt) => $"{run}/{step}/{attempt}/out";
}

/// <summary>The step that starts a run, and the item for which it does; null: it does so once.</summary>
internal sealed record Birth(RunId Parent, int Stage, int? Item, bool Abandoned);

/// <summary>Pipelines by chance.</summary>
internal static class Specs
{
    /// <summary>A step without effect, which is done at once.</summary>
    public const string Light = "test.light";

    public const string Signal = "test.signal";
    public const string Ask = "test.ask";
    public const string Each = "test.each";
    public const string Another = "test.run";
    public const string AnotherForEach = "test.runs";
    private const string OtherName = "other";

    /// <summary>Of a step that runs for each.</summary>
    public static int ItemsOf(string kind) => kind == AnotherForEach ? 5 : 9;

    public static readonly KindCatalog Kinds = new(
        [Kind("test.step"), Kind(Each), Kind(Light), Kind(Signal) with { Awaits = AwaitKind.Signal }, Kind(Ask) with { Awaits = AwaitKind.Approval },
            Kind(Another) with { Awaits = AwaitKind.Run }, Kind(AnotherForEach) with { Awaits = AwaitKind.Run }]);

    /// <summary>What steps of others run.</summary>
    public static readonly PipelineVersion Other = new(1, "other", new PipelineSpec(OtherName, null, [new ParamSpec("n", ValueType.Integer, new SpecValue.Integer(-1), null)],
    [
        new StepSpec(new StepId("c0"), "test.step", [], SpecValue.Map.Empty, new RetrySpec(1, TimeSpan.FromSeconds(0.5), 2, TimeSpan.FromSeconds(5), 0.2)),
        new StepSpec(new StepId("c1"), Light, [new StepId("c0")], SpecValue.Map.Empty),
    ]), "/tmp", World.Start, null, null);

    private static KindSpec Kind(string name) => new(
        name, StepCategory.Transform, "Does what its script says.", "", InputArity.Any, Fusing.Alone,
        [.. With(name).Fields.Select(field => new FieldSpec(field.Name, new FieldType.Text(), "What for."))],
        name is Signal or Ask or Another or AnotherForEach ? [] : [new PortSpec("out", "Rows.")], [], [], []);

    /// <summary>For a signal without end, for approval ten seconds, so that nobody has to help once the world is calm.</summary>
    private static SpecValue.Map With(string kind) => new(kind switch
    {
        Signal => [Text(AwaitFields.Name, "go")],
        Another or AnotherForEach => [Text(AwaitFields.Pipeline, OtherName), Text(AwaitFields.OnParentEnd, AwaitFields.Cancel)],
        Ask => [Text(AwaitFields.Message, "May I?"), Text(AwaitFields.Timeout, "10s"), Text(AwaitFields.OnTimeout, AwaitFields.Approve)],
        _ => [],
    });

    private static readonly SpecValue.Map Abandoning = new([Text(AwaitFields.Pipeline, OtherName), Text(AwaitFields.OnParentEnd, AwaitFields.Abandon)]);

    private static Field Text(string name, string text) => new(name, new SpecValue.Text(text));

    /// <param name="undoes">Whether there are steps that undo others.</param>
    /// <param name="runsOthers">Whether there are steps that run other pipelines.</param>
    public static RunCommand.Start Start(Chance chance, bool undoes, bool runsOthers)
    {
        var count = 1 + chance.Below(5);
        var steps = Enumerable.Range(0, count).Select(i => Step(
            chance, i, chance.Below(16) switch
            {
                0 or 1 => Light, 2 => Signal, 3 => Ask, 4 or 5 => Each,
                6 or 7 when runsOthers => Another, 8 or 9 when runsOthers => AnotherForEach, _ => "test.step",
            })).ToArray();
        TimeSpan? timeout = chance.OneIn(8) ? chance.Between(3, 40) : null;
        var undoing = steps.Where(step => undoes && step.Kind is (Light or "test.step") && chance.OneIn(3)).Select(step => Undoing(chance, step.Id)).ToArray();
        return new RunCommand.Start(new PipelineSpec("test", null, [], [.. steps, .. undoing]), [], "/tmp", timeout, null);
    }

    private static StepSpec Undoing(Chance chance, StepId step) => new(
        new StepId($"undo_{step}"), "test.step", [], SpecValue.Map.Empty, Retries(chance), Compensates: step);

    private static RetrySpec Retries(Chance chance) => new(chance.Below(3), TimeSpan.FromSeconds(0.5), 2, TimeSpan.FromSeconds(5), 0.2);

    private static StepSpec Step(Chance chance, int i, string kind) => new(
        new StepId($"s{i}"), kind,
        [.. Enumerable.Range(0, i).Where(_ => chance.Below(i) < 2).Select(need => new StepId($"s{need}"))],
        kind is Another or AnotherForEach && chance.OneIn(6) ? Abandoning : With(kind),
        Retries(chance) is var retries && kind is Another or AnotherForEach ? null : retries,
        When: i == 0 ? null : chance.Below(6) switch { 0 => "on_failure", 1 => "always", _ => null },
        ForEach: kind is Each or AnotherForEach ? new ForEachSpec(ItemSource.Range, new SpecValue.Integer(ItemsOf(kind)), Concurrency: 3) : null);
}
