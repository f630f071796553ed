using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>What people do to a run while it goes on. Whoever asks for the same again is answered that it is done: an answer may have been
/// lost on its way.</summary>
public sealed partial record Run
{
    /// <summary>A reason, a comment, a name: it stands in the journal for ever.</summary>
    public const int SaidMax = 2_000;
    /// <summary>Values that come from outside, in bytes of JSON: as much as a step may give.</summary>
    public const int ValuesBytesMax = 64 << 10;

    private static Decision DecidePause(Run run, RunCommand.Pause pause, DateTimeOffset now)
    {
        if (run.Status == RunStatus.Paused) return Decision.Nothing;
        if ((Closed(run) ?? IsLeftAlone(run) ?? IsBeingUndone(run)) is { } closed) return closed;
        if (TooLong(pause.Reason, pause.By) is { } tooLong) return tooLong;
        var draft = new Draft(run);
        draft.Add(new RunEvent.RunPaused(now, pause.Reason, pause.By, pause.WithPipeline));
        return draft.Done();
    }

    private static Decision DecideResume(Run run, RunCommand.Resume resume, DateTimeOffset now)
    {
        if (run.Status == RunStatus.Running) return Decision.Nothing;
        if (resume.WithPipeline && run.Pause is not { WithPipeline: true }) return Decision.Nothing;
        if ((Closed(run) ?? IsLeftAlone(run) ?? IsBeingUndone(run) ?? TooLong(resume.By)) is { } refused) return refused;
        if (run.Pause is { WithPipeline: true } pause && !resume.WithPipeline)
            return Decision.Refuse(FaultKind.Conflict, "ETL4273", $"Run {run.Id} is paused with its pipeline: {pause.Reason}",
                $"Let the pipeline go on with: etl resume --pipeline {run.Plan!.Spec.Name}, or all with: etl resume --all");
        var draft = new Draft(run);
        draft.Add(new RunEvent.RunResumed(now, resume.By, resume.WithPipeline));
        GoOn(draft, run.Ready, now);
        return draft.Done();
    }

    /// <summary>Starts what waited while the run was held.</summary>
    private static void GoOn(Draft draft, IEnumerable<int> ready, DateTimeOffset now)
    {
        foreach (var stage in ready)
            if (Advance(draft, stage, now)) AdvanceFed(draft, stage, now);
        TryAgain(draft, now);
        foreach (var stage in draft.Run.Mapped) GoOnWithItems(draft, stage, now);
        EndIfAllEnded(draft, now);
    }

    private static Decision DecideSkip(Run run, RunCommand.Skip skip, DateTimeOffset now)
    {
        if (Find(run, skip.Step, out var stage) is { } unknown) return unknown;
        if (run.Stages[stage] is { Status: StepStatus.Skipped, ByHand: not null }) return Decision.Nothing;
        if ((Untouchable(run, skip.Step, stage, skip.WholeStage, "skip") ?? TooLong(skip.Reason, skip.By)) is { } refused) return refused;
        var draft = new Draft(run);
        draft.Add(new RunEvent.StageSkippedByHand(now, stage, skip.Reason, skip.By));
        AdvanceFed(draft, stage, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static Decision DecideSucceed(Run run, RunCommand.Succeed succeed, DateTimeOffset now)
    {
        if (Find(run, succeed.Step, out var stage) is { } unknown) return unknown;
        if (run.Stages[stage] is { Status: StepStatus.Succeeded, ByHand: not null }) return Decision.Nothing;
        if ((Untouchable(run, succeed.Step, stage, succeed.WholeStage, "succeed") ?? TooLong(succeed.Reason, succeed.By)
            ?? TooLarge(succeed.Values) ?? Readers(run, stage)) is { } refused) return refused;
        var draft = new Draft(run);
        draft.Add(new RunEvent.StageSucceededByHand(now, stage, succeed.Step, succeed.Values, succeed.Reason, succeed.By));
        AdvanceFed(draft, stage, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    /// <summary>One result a step; what was given by hand belongs to one of them.</summary>
    private ImmutableArray<StepResult> Given(int stage, StepId step, ImmutableArray<Field> values) =>
    [
        .. from position in Planned(stage).Steps
           let id = Plan!.Steps[position].Spec.Id
           select new StepResult(id, null, null, null, [], id == step ? values : []),
    ];

    private static Decision.Refused? Find(Run run, StepId step, out int stage)
    {
        var isThere = run.Plan!.Positions.TryGetValue(step, out var position);
        stage = isThere ? run.Plan.Steps[position].Stage : -1;
        return isThere ? null : NoStep(run.Plan, step);
    }

    private static Decision.Refused NoStep(Plan plan, StepId step) => Decision.Refuse(
        FaultKind.NotFound, "ETL4224", $"Pipeline {plan.Spec.Name} has no step {step}.",
        $"Its steps: {string.Join(", ", plan.Steps.Select(s => s.Spec.Id))}.");

    /// <summary>Why a step cannot be ended by hand.</summary>
    private static Decision.Refused? Untouchable(Run run, StepId step, int stage, bool wholeStage, string verb)
    {
        if (Closed(run) is { } closed) return closed;
        if (run.Stages[stage].Status.IsTerminal()) return HasEnded(run, step, stage);
        if (WaitsForChild(run, step, stage) is { } waits) return waits;
        var together = run.Planned(stage).Steps.Select(position => run.Plan!.Steps[position].Spec.Id).Where(id => id != step).ToArray();
        return together is [] || wholeStage ? null : Decision.Refuse(
            FaultKind.Conflict, "ETL4262", $"Step {step} runs as one query with {string.Join(", ", together)}.",
            $"End them all with: etl runs {verb} {run.Id} {step} --whole-stage, or give the step `materialize: true` to let it stand alone.");
    }

    /// <summary>A step that succeeds without its work gives no datasets.</summary>
    private static Decision.Refused? Readers(Run run, int stage)
    {
        var readers =
            from position in run.Planned(stage).Steps
            from dependant in run.Plan!.Steps[position].Dependants
            let reader = run.Plan!.Steps[dependant]
            where reader.Stage != stage && !run.Stages[reader.Stage].Status.IsTerminal()
            from input in reader.Inputs
            where input.Step == position
            select (Step: reader.Spec.Id, Dataset: input.Name);
        return readers.ToArray() is not [var first, ..] all ? null : Decision.Refuse(
            FaultKind.Conflict, "ETL4263",
            $"Step {first.Step} reads the dataset {first.Dataset}, which would not be there"
            + (all.Length > 1 ? $"; so do {all.Length - 1} more inputs." : "."),
            "Skip the step instead, and what reads it is skipped too; or skip the readers first.");
    }

    private static Decision.Refused HasEnded(Run run) =>
        Decision.Refuse(FaultKind.Conflict, "ETL4203", $"Run {run.Id} has ended: {run.Status.Word()}.");

    private static Decision.Refused HasEnded(Run run, StepId step, int stage) => Decision.Refuse(
        FaultKind.Conflict, "ETL4261", $"Step {step} has ended: {run.Stages[stage].Status.Word()}. What has ended never changes.");

    /// <summary>Whether it is too late to change the run's course.</summary>
    private static Decision.Refused? Closed(Run run) =>
        run.Status.IsTerminal() ? HasEnded(run)
        : run.Status != RunStatus.Cancelling ? null
        : Decision.Refuse(FaultKind.Conflict, "ETL4260", $"Run {run.Id} is being stopped: it starts nothing more.");

    private static Decision.Refused? IsLeftAlone(Run run) => run.Status != RunStatus.Quarantined ? null : Decision.Refuse(
        FaultKind.Conflict, "ETL6402", $"Run {run.Id} is quarantined: {run.Quarantine!.Fault.Message}",
        $"When the cause is mended: etl runs redrive {run.Id}");

    private static Decision.Refused? TooLong(params ReadOnlySpan<string?> said)
    {
        foreach (var text in said)
            if (text?.Length > SaidMax)
                return Decision.Refuse(FaultKind.Invalid, "ETL4264",
                    $"A text has {text.Length} characters; a reason, a comment or a name has at most {SaidMax}.");
        return null;
    }

    private static Decision.Refused? TooLarge(ImmutableArray<Field> values)
    {
        if (values.FirstOrDefault(field => !Waiting.IsName(field.Name)) is { } wrong)
            return Decision.Refuse(FaultKind.Invalid, "ETL4264", $"'{Excerpt.Of(wrong.Name, 40)}' cannot name a value.",
                "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");
        if (values.GroupBy(field => field.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return Decision.Refuse(FaultKind.Invalid, "ETL4264", $"The value '{twice.Key}' is given {twice.Count()} times.", "Give it once.");
        if (values.FirstOrDefault(field => !IsFinite(field.Value)) is { } endless)
            return Decision.Refuse(FaultKind.Invalid, "ETL4264", $"The value '{endless.Name}' has a number beyond ±1.8e308.",
                "Give a smaller number, or a text.");
        return Runs.Signals.Bytes(values) is var bytes and > ValuesBytesMax
            ? Decision.Refuse(FaultKind.Invalid, "ETL4264", $"The values have {bytes} bytes as JSON; at most {ValuesBytesMax} are allowed.",
                "Give large values as a dataset or a file, and here its name.")
            : null;
    }

    /// <summary>JSON has no other numbers.</summary>
    private static bool IsFinite(SpecValue value) => value switch
    {
        SpecValue.Real real => double.IsFinite(real.Value),
        SpecValue.List list => list.Items.All(IsFinite),
        SpecValue.Map map => map.Fields.All(field => IsFinite(field.Value)),
        _ => true,
    };
}
