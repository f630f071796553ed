using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Progress;

/// <summary>What the live view looks like at a moment: lines to settle, which stay for good, and lines that are drawn over next time.
/// A pure function of the run, the width and the time.</summary>
internal static class LiveFrame
{
    private const int BarWidth = 16;
    private const int NameWidthMax = 28;
    /// <summary>Running steps beyond these are counted, so that the live part fits every terminal.</summary>
    private const int RunningShownMax = 12;

    public static IReadOnlyList<string> Live(RunView run, Terminal terminal, DateTimeOffset now)
    {
        var running = run.Steps.Where(s => s.Status is StepStatus.Running or StepStatus.Retrying or StepStatus.Awaiting).ToArray();
        var waiting = run.Steps.Count(s => s.Status is StepStatus.Waiting);
        var ended = run.Steps.Length - running.Length - waiting;
        var lines = running.Take(RunningShownMax).Select(s => Step(run, s, terminal, now)).ToList();
        var more = running.Length > RunningShownMax ? $"{running.Length - RunningShownMax} more running, " : "";
        lines.Add(Fit(terminal, terminal.Paint(
            $"  {ended} of {run.Steps.Length} done, {more}{waiting} waiting{HeldUp(run)}, {Words.Duration(now - run.StartedAt)}", Ink.Faint)));
        if (run.Paused is { } pause) lines.Add(Hint(RunText.Paused(pause)));
        else if (run.Wait is { For: not WaitFor.Retry } wait && !RunText.IsNoted(wait)) lines.Add(Hint(RunText.Waits(wait, now)));
        return lines;

        string Hint(string words) => Fit(terminal, terminal.Paint($"  {words}", Ink.Yellow));
    }

    /// <summary>What steps that could run wait for: <c> (3 for slot, 1 for silo)</c>.</summary>
    private static string HeldUp(RunView run)
    {
        var held = run.Steps.Where(s => s is { Status: StepStatus.Waiting, Wait.For: not WaitFor.Input })
            .GroupBy(s => s.Wait!.Word).Select(g => $"{g.Count()} for {g.Key}").ToArray();
        return held.Length == 0 ? "" : $" ({string.Join(", ", held)})";
    }

    public static string Step(RunView run, StepView step, Terminal terminal, DateTimeOffset now)
    {
        var sign = StatusSign.Of(step.Status);
        var took = RunText.Took(step, now);
        var progress = StepProgressLine.Of(step);
        var name = step.Id.Value.PadRight(Math.Min(NameWidthMax, run.Steps.Max(s => s.Id.Value.Length)));
        var head = terminal.Paint($"{sign.Glyph} {name}  {sign.Word,-9}", sign.Ink);
        var bar = step.Status.IsTerminal() ? "" : progress.Bar(BarWidth);
        var eta = progress.Eta(took) is { } left && !step.Status.IsTerminal() ? $"ETA {Words.Duration(left)}" : "";
        var attempt = step.Attempts > 1 ? $"attempt {step.Attempts}" : "";
        var fault = step.Status is StepStatus.Retrying or StepStatus.Failed && step.Fault is { } known ? known.Code : "";
        var rejected = step.RowsRejected is > 0 and { } bad ? $"{Words.Count(bad)} rejected" : "";
        var asked = step.Status is StepStatus.Awaiting ? Words.OnOneLine(step.Waiting!) : "";
        string[] parts = [head, asked, bar, progress.Figures(took), rejected, took is null ? "" : Words.Duration(took), eta, attempt, fault];
        return Fit(terminal, string.Join("  ", parts.Where(p => p.Length > 0)));
    }

    /// <summary>Cut to the width of the terminal: a line that wraps cannot be drawn over.</summary>
    private static string Fit(Terminal terminal, string line)
    {
        var (cells, room) = (0, terminal.Width() - 1);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\e')
            {
                i = line.IndexOf('m', i);
                continue;
            }
            if (++cells > room) return line[..i] + (terminal.Colour ? "\e[0m" : "");
        }
        return line;
    }
}
