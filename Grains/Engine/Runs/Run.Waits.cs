using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Runs;

/// <summary>Stages that wait for something that is not work: a signal, an answer, a time. While the run is paused they go on waiting, and
/// may end; what they free waits.</summary>
public sealed partial record Run
{
    private static Decision DecideSignal(Run run, RunCommand.Signal signal, DateTimeOffset now)
    {
        if (run.Signals.Differs(signal.Name, signal.Key, signal.Data))
            return Decision.Refuse(FaultKind.Conflict, "ETL4277",
                $"Run {run.Id} has a signal {signal.Name} with the key '{Excerpt.Of(signal.Key!, 70)}' that brought something else; the first one holds.",
                "Use another key for another signal, or send the same again.");
        if (run.Signals.Has(signal.Name, signal.Key)) return Decision.Nothing;
        if ((Closed(run) ?? IsBeingUndone(run) ?? Unheard(run, signal) ?? TooLarge(signal.Data) ?? TooMany(run, signal)) is { } refused) return refused;
        var listener = run.Signals.Listener(signal.Name);
        var step = listener is { } stage ? run.Planned(stage).Steps[0]
            : run.Plan!.Signals.TryGetValue(signal.Name, out var declared) ? declared : (int?)null;
        if (step is { } position && Waiting.Misfit(run.Plan!.Steps[position], signal.Name, signal.Data) is { } misfit)
            return new Decision.Refused([misfit]);
        var draft = new Draft(run);
        draft.Add(new RunEvent.SignalReceived(now, signal.Name, signal.Data, signal.Key));
        if (listener is { } waits)
        {
            Settle(draft, waits, now);
            AdvanceFed(draft, waits, now);
        }
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static Decision DecideReview(Run run, RunCommand.Review review, DateTimeOffset now)
    {
        if (Find(run, review.Step, out var stage) is { } unknown) return unknown;
        var (step, state) = (run.Plan!.Steps[run.Planned(stage).Steps[0]], run.Stages[stage]);
        if (step.Awaits != AwaitKind.Approval)
            return Decision.Refuse(FaultKind.Conflict, "ETL4269", $"Step {review.Step} ({step.Spec.Kind}) does not ask for approval.");
        if (state.HasSucceeded) return Answered(run, review, stage);
        if ((Closed(run) ?? TooLong(review.By, review.Comment)) is { } refused) return refused;
        if (state.Status.IsTerminal()) return HasEnded(run, review.Step, stage);
        if (state.Status != StepStatus.Awaiting)
            return Decision.Refuse(FaultKind.Conflict, "ETL4270", $"Step {review.Step} does not ask yet: it is {state.Status.Word()}.",
                $"See what it waits for: etl runs show {run.Id}");
        var draft = new Draft(run);
        draft.Add(new RunEvent.StageReviewed(now, stage, review.Approved, review.By, review.Comment));
        AdvanceFed(draft, stage, now);
        EndIfAllEnded(draft, now);
        return draft.Done();
    }

    private static Decision Answered(Run run, RunCommand.Review review, int stage)
    {
        var values = run.Stages[stage].Results[0].Values;
        if (Value(AwaitFields.Approved) is SpecValue.Flag { Value: var approved } && approved == review.Approved) return Decision.Nothing;
        var who = Value(AwaitFields.DecidedByTimeout) is SpecValue.Flag { Value: true } ? "by its timeout"
            : Value(AwaitFields.By) is SpecValue.Text by ? $"by {by.Value}" : "by somebody";
        return Decision.Refuse(FaultKind.Conflict, "ETL4268",
            $"Step {review.Step} was decided {who}: {(Value(AwaitFields.Approved) is SpecValue.Flag { Value: true } ? "approved" : "rejected")}. "
            + "The first answer holds.");

        SpecValue? Value(string name) => values.FirstOrDefault(field => field.Name == name)?.Value;
    }

    /// <summary>Lets a stage that has begun to wait take a signal that came before. Its own time is looked at when it has passed.</summary>
    private static void Settle(Draft draft, int stage, DateTimeOffset now)
    {
        if (draft.Run.Stages[stage].Awaits?.Signal is not { } name || draft.Run.Signals.Oldest(name) is not { } kept) return;
        var step = draft.Run.Plan!.Steps[draft.Run.Planned(stage).Steps[0]];
        if (Waiting.Misfit(step, name, kept.Data) is { } misfit)
            draft.Add(new RunEvent.StageFailed(now, stage, draft.Run.Stages[stage].Attempt, step.Spec.Id, misfit, []));
        else draft.Add(new RunEvent.StageSignalled(now, stage));
    }

    /// <summary>Ends the stages whose time is over.</summary>
    private static void Expire(Draft draft, DateTimeOffset now)
    {
        while (!draft.Run.Limits.IsEmpty && draft.Run.Limits.Min.At <= now)
        {
            var stage = draft.Run.Limits.Min.Stage;
            var awaited = draft.Run.Stages[stage].Awaits!;
            draft.Add(new RunEvent.StageExpired(now, stage, awaited.FailsThen ? Late(awaited) : null, awaited.Otherwise));
            AdvanceFed(draft, stage, now);
        }
    }

    private static Fault Late(Awaited awaited) => new(FaultKind.Exhausted, "ETL4271", awaited.Signal is { } signal
        ? $"Signal {signal} did not come in time."
        : "Nobody approved or rejected in time.");

    private static Decision.Refused? Unheard(Run run, RunCommand.Signal signal)
    {
        if (run.Plan!.Signals.ContainsKey(signal.Name) || run.Plan.HasOpenSignals && Waiting.IsName(signal.Name)) return null;
        var names = run.Plan.Signals.Keys.Order(StringComparer.Ordinal).ToArray();
        return Decision.Refuse(FaultKind.NotFound, "ETL4266",
            $"No step of pipeline {run.Plan.Spec.Name} waits for a signal '{Excerpt.Of(signal.Name, 70)}'.",
            names is [] ? "It has no step of the kind flow.signal."
            : Spelling.Nearest(signal.Name, names) is { } nearest ? $"Did you mean {nearest}?" : $"It waits for: {string.Join(", ", names)}.");
    }

    private static Decision.Refused? TooMany(Run run, RunCommand.Signal signal)
    {
        if (signal.Key is { Length: 0 or > Runs.Signals.KeyLengthMax })
            return Decision.Refuse(FaultKind.Invalid, "ETL4264",
                $"The signal's key has {signal.Key.Length} characters; expected 1 to {Runs.Signals.KeyLengthMax}.");
        if (signal.Key is not null && run.Signals.Keys.Count >= Runs.Signals.KeysMax)
            return Decision.Refuse(FaultKind.Exhausted, "ETL4265",
                $"Run {run.Id} has taken {Runs.Signals.KeysMax} signals with keys and remembers no more.");
        if (run.Signals.Listener(signal.Name) is not null) return null;
        return run.Signals.Kept.Length < Runs.Signals.KeptMax
            && run.Signals.KeptBytes + Runs.Signals.Bytes(signal.Data) <= Runs.Signals.KeptBytesMax ? null
            : Decision.Refuse(FaultKind.Exhausted, "ETL4265",
                $"Run {run.Id} keeps {run.Signals.Kept.Length} signals ({run.Signals.KeptBytes} bytes) that no step has taken; "
                + $"at most {Runs.Signals.KeptMax} and {Runs.Signals.KeptBytesMax} bytes.",
                $"See which steps wait: etl runs show {run.Id}");
    }

    private static Run ApplyWait(Run run, RunEvent happened) => happened switch
    {
        RunEvent.StageAwaits e => run.With(e.Stage, run.Stages[e.Stage] with
        {
            Status = StepStatus.Awaiting, Attempt = e.Attempt, StartedAt = e.At, Awaits = e.For,
        }) with
        {
            Limits = e.For.Until is { } until ? run.Limits.Add((until, e.Stage)) : run.Limits,
            Signals = e.For.Signal is { } name ? run.Signals.Listening(name, e.Stage) : run.Signals,
        },
        RunEvent.SignalReceived e => run with { Signals = run.Signals.With(e) },
        RunEvent.StageSignalled e => run.Signalled(e),
        RunEvent.StageReviewed e => run.Succeeded(e.Stage, e.At, Waiting.Answer(e.Approved, e.By, e.Comment, byTimeout: false)),
        RunEvent.StageExpired { Fault: { } fault } e => run.Ended(e.Stage, run.Stages[e.Stage] with
        {
            Status = StepStatus.Failed, EndedAt = e.At, Fault = fault, FaultStep = run.FirstStep(e.Stage),
        }) with { FirstFault = run.FirstFault ?? fault },
        RunEvent.StageExpired e => run.Succeeded(e.Stage, e.At, e.Values),
        RunEvent.StageRejoined { Fault: { } fault } e => run.Ended(e.Stage, run.Stages[e.Stage] with
        {
            Status = StepStatus.Failed, EndedAt = e.At, Fault = fault, FaultStep = run.FirstStep(e.Stage),
            Results = run.Given(e.Stage, run.FirstStep(e.Stage), e.Values),
        }) with { FirstFault = run.FirstFault ?? fault },
        RunEvent.StageRejoined e => run.Succeeded(e.Stage, e.At, e.Values),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    private Run Signalled(RunEvent.StageSignalled e)
    {
        var taken = Signals.Oldest(Stages[e.Stage].Awaits!.Signal!)!;
        var next = Succeeded(e.Stage, e.At, taken.Data);
        return next with { Signals = next.Signals.Without(taken) };
    }

    private Run Succeeded(int stage, DateTimeOffset at, ImmutableArray<Field> values) =>
        Ended(stage, Stages[stage] with
        {
            Status = StepStatus.Succeeded, EndedAt = at, Results = Given(stage, FirstStep(stage), values),
        });

    private Run WithoutWait(int stage, Awaited awaited) => this with
    {
        Limits = awaited.Until is { } until ? Limits.Remove((until, stage)) : Limits,
        Signals = awaited.Signal is { } name ? Signals.Deaf(name, stage) : Signals,
    };
}
