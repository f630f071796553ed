using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>Commands and events in the fewest words, for tests that read as sentences. Times are seconds after the start.</summary>
internal static class Words
{
    public static readonly Fault Unavailable = new(FaultKind.Unavailable, "ETL9001", "The server does not answer.");
    public static readonly Fault Exhausted = new(FaultKind.Exhausted, "ETL9002", "The memory is used up.");
    public static readonly Fault Invalid = new(FaultKind.Invalid, "ETL9003", "There is no such column.");

    public static RunCommand Succeed(int stage, int attempt = 1, params StepResult[] results) =>
        new RunCommand.Report(stage, new Attempt(attempt), new StageOutcome.Succeeded([.. results]));

    public static RunCommand Fail(int stage, Fault fault, int attempt = 1, string? step = null) =>
        new RunCommand.Report(stage, new Attempt(attempt), new StageOutcome.Failed(new StepId(step ?? "s"), fault, []));

    public static RunCommand Stopped(int stage, int attempt = 1) =>
        new RunCommand.Report(stage, new Attempt(attempt), new StageOutcome.Stopped());

    public static RunCommand Lose(int stage, int attempt = 1) => new RunCommand.Lose(stage, new Attempt(attempt));
    public static RunCommand Die(int stage, int attempt = 1) => new RunCommand.Lose(stage, new Attempt(attempt), Died: true);
    public static RunCommand Begin(int stage, int attempt) => new RunCommand.Begin(stage, new Attempt(attempt));
    public static RunEvent Began(int stage, int attempt) => new RunEvent.StageBegan(Given.Noon, stage, new Attempt(attempt));
    public static RunCommand Rescue(string from) => new RunCommand.Rescue(from);
    public static RunCommand Redrive() => new RunCommand.Redrive("ann");
    public static RunEvent Rescued(string from) => new RunEvent.RunRescued(Given.Noon, from);
    public static RunEvent Redriven(double at = 0) => new RunEvent.RunRedriven(At(at), "ann");
    public static RunCommand Cancel(string reason = "enough") => new RunCommand.Cancel(reason);
    public static RunCommand Elapse() => new RunCommand.Elapse();

    public static RunCommand Pause(string reason = "lunch") => new RunCommand.Pause(reason, "ann");
    public static RunCommand Resume() => new RunCommand.Resume("ann");
    public static RunCommand Skip(string step, bool whole = false) => new RunCommand.Skip(new StepId(step), "not today", "ann", whole);
    public static RunCommand Mark(string step, bool whole = false, params Field[] values) =>
        new RunCommand.Succeed(new StepId(step), "done elsewhere", [.. values], "ann", whole);
    public static RunCommand Signal(string name = "go", string? key = null, params Field[] data) =>
        new RunCommand.Signal(name, [.. data], key);
    public static RunCommand Review(string step, bool approved = true, string by = "ann") =>
        new RunCommand.Review(new StepId(step), approved, by, "fine");

    public static RunCommand ChildEnded(Run run, string step, Fault? fault = null, params Field[] values) =>
        new RunCommand.ChildEnded(
            new StepId(step), run.ChildrenOf(run.Plan!.Steps[run.Plan.Positions[new StepId(step)]].Stage).FirstOrDefault()?.Run ?? Given.Id, fault, [.. values]);
    public static RunEvent Rejoined(int stage, Fault? fault = null, params Field[] values) =>
        new RunEvent.StageRejoined(Given.Noon, stage, fault, [.. values]);

    public static RunEvent Paused(double at = 0, string reason = "lunch") => new RunEvent.RunPaused(At(at), reason, "ann");
    public static RunEvent Resumed(double at = 0) => new RunEvent.RunResumed(At(at), "ann");
    public static RunEvent SkippedByHand(int stage) => new RunEvent.StageSkippedByHand(Given.Noon, stage, "not today", "ann");
    public static RunEvent MarkedAsSucceeded(int stage, string step, params Field[] values) =>
        new RunEvent.StageSucceededByHand(Given.Noon, stage, new StepId(step), [.. values], "done elsewhere", "ann");
    public static RunEvent Awaits(int stage, AwaitKind kind = AwaitKind.Signal, double? until = null) => new RunEvent.StageAwaits(
        Given.Noon, stage, new Attempt(1), new Awaited(kind, kind == AwaitKind.Signal ? "go" : null, null, [],
            until is { } at ? At(at) : null, false, []));
    public static RunEvent Received(string name = "go", string? key = null, params Field[] data) =>
        new RunEvent.SignalReceived(Given.Noon, name, [.. data], key);
    public static RunEvent Signalled(int stage) => new RunEvent.StageSignalled(Given.Noon, stage);
    public static RunEvent Reviewed(int stage, bool approved = true) =>
        new RunEvent.StageReviewed(Given.Noon, stage, approved, "ann", "fine");
    public static Field Value(string name, long value) => new(name, new SpecValue.Integer(value));

    public static RunEvent Dispatched(int stage, int attempt = 1, double at = 0) =>
        new RunEvent.StageDispatched(At(at), stage, new Attempt(attempt));

    public static RunEvent Succeeded(int stage, int attempt = 1, double at = 0, params StepResult[] results) =>
        new RunEvent.StageSucceeded(At(at), stage, new Attempt(attempt), [.. results]);

    public static RunEvent Retries(int stage, Fault fault, double retryAt, int attempt = 1, string? step = null) =>
        new RunEvent.StageRetryScheduled(Given.Noon, stage, new Attempt(attempt), new StepId(step ?? "s"), fault, At(retryAt));

    public static RunEvent Lost(int stage, int attempt = 1, bool died = false) =>
        new RunEvent.StageLost(Given.Noon, stage, new Attempt(attempt), died ? true : null);

    public static RunEvent Failed(int stage, Fault fault, int attempt = 1, string? step = null) =>
        new RunEvent.StageFailed(Given.Noon, stage, new Attempt(attempt), new StepId(step ?? "s"), fault, []);

    public static RunEvent Skipped(int stage, string reason) => new RunEvent.StageSkipped(Given.Noon, stage, reason);
    public static RunEvent Reused(int stage, params StepResult[] results) => new RunEvent.StageReused(Given.Noon, stage, [.. results]);
    public static RunEvent Cancelled(int stage, double at = 0) => new RunEvent.StageCancelled(At(at), stage);
    public static RunEvent CancelRequested(string reason = "enough") => new RunEvent.CancelRequested(Given.Noon, reason);
    public static RunEvent CompensationBegan(double at = 0) => new RunEvent.CompensationBegan(At(at));
    public static RunEvent TimedOut(double at) => new RunEvent.RunTimedOut(At(at));

    public static RunEvent Ended(RunStatus status, string? code = null, double at = 0) =>
        new RunEvent.RunEnded(At(at), status, code is null ? null : new Fault(FaultKind.Bug, code, ""));

    public static Debt Dispatch(int stage, int attempt = 1) => new Debt.Dispatch(stage, new Attempt(attempt));
    public static Debt Stop(int stage, int attempt = 1) => new Debt.Stop(stage, new Attempt(attempt));
    public static Debt Wake(double at) => new Debt.Wake(At(at));

    public static StepResult Result(string step, long rows = 1, params string[] ports) => new(
        new StepId(step), rows, rows, 0,
        [.. ports.Select(port => new StepOutput(port, Dataset($"test/{step}.{port}"), null, rows, 10))], []);

    public static DatasetVersion Dataset(string name, string version = "v1") =>
        new(new DatasetRef(name, version), "place", ["a.parquet"], [], 1, 10, "hash", []);

    /// <summary>Tries again after exactly one second, then two, then four.</summary>
    public static RetrySpec Patient(int max) => new(max, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(60), 0);

    public static DateTimeOffset At(double seconds) => Given.Noon.AddSeconds(seconds);

    public static StepStatus[] Statuses(this Run run) => [.. run.Stages.All().Select(stage => stage.Status)];
}
