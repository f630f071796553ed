using System.Globalization;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Progress;

/// <summary>For logs: a line with its time for each change of a state, and every ten seconds one for what runs.</summary>
internal sealed class PlainScreen(TextWriter talk) : IProgressScreen
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private readonly Dictionary<StepId, (StepStatus Status, int Attempts)> _seen = [];
    private DateTimeOffset _spokeAt;
    private RunStatus? _run;

    public TimeSpan Pace => TimeSpan.FromSeconds(1);

    public void Show(RunView run, DateTimeOffset now)
    {
        if (_run is null) _spokeAt = now;
        foreach (var step in run.Steps)
        {
            if (HasChanged(step)) Say(now, Line(step, now));
        }
        if (run.Status != _run) Turned(run, now);
        if (now - _spokeAt < Between) return;
        foreach (var step in run.Steps.Where(s => s.Status is StepStatus.Running)) Say(now, Line(step, now));
        if (run.Wait is { For: not WaitFor.Resume } wait) Say(now, $"run {RunText.Waits(wait, now)}");
        _spokeAt = now;
    }

    public void Close() { }

    private void Turned(RunView run, DateTimeOffset now)
    {
        if (run.Status is RunStatus.Cancelling) Say(now, "run cancelling");
        if (run.Paused is { } pause) Say(now, $"run {RunText.Paused(pause)}");
        if (run.Status is RunStatus.Compensating) Say(now, "run compensating");
        if (run.Status is RunStatus.Quarantined) Say(now, "run quarantined");
        if (_run is RunStatus.Paused && run.Status is RunStatus.Running) Say(now, "run resumed");
        _run = run.Status;
    }

    /// <summary>Steps that only wait for others are not worth a line.</summary>
    private bool HasChanged(StepView step)
    {
        var state = (step.Status, step.Attempts);
        var known = _seen.TryGetValue(step.Id, out var before);
        _seen[step.Id] = state;
        return known ? before != state : step.Status is not StepStatus.Waiting || step.Wait is { For: not WaitFor.Input };
    }

    private void Say(DateTimeOffset now, string text)
    {
        talk.WriteLine($"{now.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture)} {text}");
        _spokeAt = now;
    }

    private static string Line(StepView step, DateTimeOffset now)
    {
        var took = RunText.Took(step, now);
        var progress = StepProgressLine.Of(step);
        var percent = step.Status is StepStatus.Running && progress.Fraction is { } part
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(part * 100):0} %") : "";
        var attempt = step.Attempts > 1 ? $"attempt {step.Attempts}" : "";
        var fault = step.Fault is { } known ? step.Status is StepStatus.Retrying ? $"{known.Code} {known.Message}" : known.Code : "";
        var time = step.Status.IsTerminal() && took is not null ? Words.Duration(took) : "";
        var waits = step.Wait is { For: not (WaitFor.Input or WaitFor.Retry or WaitFor.Resume) } wait ? RunText.Waits(wait, now) : "";
        string[] parts = [step.Id.Value, step.Status.Word(), percent, progress.Figures(took), time, attempt, fault, waits];
        return string.Join("  ", parts.Where(p => p.Length > 0));
    }
}
