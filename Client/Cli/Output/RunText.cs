using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Output;

/// <summary>A run as a table of its steps.</summary>
internal static class RunText
{
    public static void PrintTable(Terminal terminal, RunView run, DateTimeOffset now)
    {
        var table = new Table("STEP", "KIND", "STATUS", "ATTEMPTS", "ROWS IN", "ROWS OUT", "REJECTED", "TIME", "OUTPUT", "WHY");
        foreach (var step in run.Steps)
        {
            table.Row(
                step.Id.Value,
                step.Kind,
                Cell.Of(StatusSign.Of(step.Status)),
                Cell.Count(step.Attempts),
                Cell.Count(step.RowsIn),
                Cell.Count(step.RowsOut),
                Cell.Count(step.RowsRejected),
                Cell.Duration(Took(step, now)),
                string.Join(", ", step.Outputs.Select(o => o.Path ?? o.Dataset?.Ref.Name).Distinct()),
                Why(step, now));
        }
        table.Print(terminal);
    }

    /// <summary>Why a step does not run, and how long already; or why it was skipped.</summary>
    private static string? Why(StepView step, DateTimeOffset now) => step.Wait is { For: not WaitFor.Input } wait ? Waits(wait, now) : step.Waiting;

    public static string Waits(Wait wait, DateTimeOffset now) =>
        Words.OnOneLine(wait.Since is { } since ? $"{wait.Text}, for {Words.Duration(now - since)}" : wait.Text);

    /// <summary>What people have to do, and what they did by hand.</summary>
    public static void PrintNotes(Terminal terminal, RunView run, string whereFlag)
    {
        foreach (var step in run.Steps)
        {
            if (step.Items is { } items) terminal.Talk.WriteLine($"{step.Id}: {ItemText.Counts(items)}");
            if (step is { Items: not null, Wait: { For: WaitFor.Run } runs }) terminal.Talk.WriteLine(Words.OnOneLine($"{step.Id} {runs.Text}"));
            if (step.Items?.Failed > 0) terminal.Talk.WriteLine($"  etl runs items {run.Id} {step.Id} --status failed{whereFlag}");
            if (step.Awaits is { } awaited) terminal.Talk.WriteLine(Words.OnOneLine($"{step.Id} {step.Waiting}{Asked(awaited)}"));
            if (step.Awaits is { Kind: AwaitKind.Approval }) terminal.Talk.WriteLine($"  etl approve {run.Id} {step.Id}{whereFlag}");
            if (step.Awaits is { Child: { } child }) terminal.Talk.WriteLine($"  etl runs show {child.Run}{whereFlag}");
            if (step.Awaits is { Signal: { } signal }) terminal.Talk.WriteLine($"  etl signal {run.Id} {signal}{whereFlag}");
            if (step is { Kind: "flow.pipeline", Wait: null } && step.Values.FirstOrDefault(value => value.Name == AwaitFields.RunId) is { } other)
                terminal.Talk.WriteLine($"{step.Id} started {other.Value.ToPlainText()}");
            if (step.ByHand is not { } hand) continue;
            var what = step.Status is StepStatus.Skipped ? "skipped" : "marked as succeeded";
            terminal.Talk.WriteLine(Words.OnOneLine($"{step.Id} {what} {Words.Moment(hand.At)}{Who(hand.By)}: {hand.Reason}"));
        }
        if (run.Quarantine is { } quarantine)
        {
            terminal.Talk.WriteLine($"quarantined since {Words.Moment(quarantine.Since)}; go on, when the cause is mended, with:");
            terminal.Talk.WriteLine($"  etl runs redrive {run.Id}{whereFlag}");
        }
        if (run.Cancelled is { } cancelled)
            terminal.Talk.WriteLine(Words.OnOneLine($"cancelled {Words.Moment(cancelled.At)}{Who(cancelled.By)}: {cancelled.Reason}"));
        if (run.Paused is not { } pause || pause.WithPipeline && run.Wait is { For: WaitFor.Driver }) return; // who drives it, lets it go on
        terminal.Talk.WriteLine($"{Paused(pause)}; go on with:");
        terminal.Talk.WriteLine($"  etl resume {(pause.WithPipeline ? $"--pipeline {run.Pipeline}" : run.Id)}{whereFlag}");
        if (pause.WithPipeline) terminal.Talk.WriteLine($"  etl resume --all{whereFlag}    where all pipelines are paused: etl paused{whereFlag}");
    }

    /// <summary><c>for 2026-01-30 02:30:00Z to 2026-01-31 02:30:00Z, by schedule orders/nightly</c></summary>
    public static string For(RunOccasion occasion) => Words.OnOneLine(
        occasion.Trigger is { } trigger ? $"by trigger {trigger.Id}: {trigger.Values.ToJson()}" :
        $"for {Words.Moment(occasion.IntervalStart)} to {Words.Moment(occasion.IntervalEnd)}"
        + (occasion.Partition is { } partition ? $", partition {partition}" : "")
        + (occasion.Schedule is { } schedule ? $", by schedule {schedule}" : "")
        + (occasion.Backfill is { } backfill ? $", backfill {backfill}" : ""));

    /// <summary>Whether <see cref="PrintNotes"/> tells it.</summary>
    public static bool IsNoted(Wait wait) =>
        wait.For is WaitFor.Resume or WaitFor.Redrive or WaitFor.Signal or WaitFor.Approval or WaitFor.Time or WaitFor.Run;

    /// <summary><c>paused since 2026-11-20 02:30:00Z by ann: lunch</c></summary>
    public static string Paused(RunPause pause)
    {
        var with = pause.WithPipeline ? " with its pipeline, or with all," : "";
        return Words.OnOneLine($"paused{with} since {Words.Moment(pause.Since)}{Who(pause.By)}: {pause.Reason}");
    }

    private static string Who(string? by) => by is null ? "" : $" by {by}";

    private static string Asked(Awaited awaited) => awaited.Approvers is [] ? "" : $" ({string.Join(", ", awaited.Approvers)})";

    /// <summary>One line: what became of the run, how long it took, how much it did.</summary>
    public static string Verdict(Terminal terminal, RunView run, DateTimeOffset now)
    {
        var sign = StatusSign.Of(run.Status);
        var took = Words.Duration((run.EndedAt ?? now) - run.StartedAt);
        return $"{terminal.Paint($"{sign.Glyph} {run.Pipeline} {sign.Word}", sign.Ink)} in {took}, "
            + $"{Done(run)}  {terminal.Paint(run.Id.Value, Ink.Faint)}";
    }

    /// <summary><c>2 of 3 steps done</c>, however they ended, as lists of runs count them; <c>3 of 3 steps done: 1 succeeded, 1 failed, 1
    /// skipped</c>.</summary>
    private static string Done(RunView run)
    {
        var done = run.Steps.Select(step => step.Status).Where(status => status.IsTerminal()).ToArray();
        var ends = done.All(status => status is StepStatus.Succeeded or StepStatus.Reused) ? "" : ": " + string.Join(
            ", ", done.GroupBy(status => status).OrderBy(same => same.Key).Select(same => $"{same.Count()} {same.Key.Word()}"));
        return $"{done.Length} of {Words.Plural(run.Steps.Length, "step")} done{ends}";
    }

    /// <summary>The faults of a run that has ended badly, and the commands that help.</summary>
    /// <param name="file">The file that the run was started from, to show the places; null when it is not at hand.</param>
    public static void PrintFailure(Terminal terminal, RunView run, CheckedPipeline? file, string homeFlag)
    {
        foreach (var step in run.Steps)
        {
            if (step.Status is StepStatus.Failed && step.Fault is { } fault) FaultText.Print(terminal, fault, step.Id.Value, Place(file, fault));
        }
        if (run.Fault is { } whole && run.Steps.All(s => s.Fault?.Message != whole.Message)) FaultText.Print(terminal, whole);
        terminal.Talk.WriteLine("next:");
        terminal.Talk.WriteLine($"  etl runs show {run.Id}{homeFlag}    what each step did");
        if (run.Steps.FirstOrDefault(step => step is { Status: StepStatus.Failed, Attempts: > 0 }) is { } failed)
            terminal.Talk.WriteLine($"  etl logs {run.Id} --step {failed.Id}{homeFlag}    what it said");
        terminal.Talk.WriteLine(run.Quarantine is null
            ? $"  etl rerun {run.Id}{homeFlag}        after mending the cause: finished steps are used again"
            : $"  etl runs redrive {run.Id}{homeFlag} after mending the cause: it goes on where it was");
    }

    /// <summary><c>orders.yaml:5:13</c>; null when it is not known.</summary>
    public static string? Place(CheckedPipeline? file, Fault fault) =>
        fault.Path is { } path && file?.SourceMap.Place(path, preferKey: false) is { } range
            ? $"{range.Source?.Path ?? file.File}:{range.Line}:{range.Column}"
            : null;

    public static TimeSpan? Took(StepView step, DateTimeOffset now) => step.StartedAt is { } from ? (step.EndedAt ?? now) - from : null;
}
