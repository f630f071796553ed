using System.Diagnostics;

namespace OrleansEtl.Cli.Output;

/// <summary>A status as a shape, a word and a colour, so that no one of them is needed to read it.</summary>
internal readonly record struct StatusSign(string Glyph, string Word, Ink Ink)
{
    public static StatusSign Of(StepStatus status) => status switch
    {
        StepStatus.Waiting => new("·", status.Word(), Ink.Faint),
        StepStatus.Running => new("▶", status.Word(), Ink.Blue),
        StepStatus.Retrying => new("↻", status.Word(), Ink.Yellow),
        StepStatus.Succeeded => new("✓", status.Word(), Ink.Green),
        StepStatus.Reused => new("=", status.Word(), Ink.Green),
        StepStatus.Failed => new("✗", status.Word(), Ink.Red),
        StepStatus.Skipped => new("-", status.Word(), Ink.Faint),
        StepStatus.Cancelled => new("■", status.Word(), Ink.Yellow),
        StepStatus.Awaiting => new("?", status.Word(), Ink.Yellow),
        _ => throw new UnreachableException(),
    };

    public static StatusSign Of(RunStatus status) => status switch
    {
        RunStatus.Running => new("▶", status.Word(), Ink.Blue),
        RunStatus.Cancelling => new("■", status.Word(), Ink.Yellow),
        RunStatus.Succeeded => new("✓", status.Word(), Ink.Green),
        RunStatus.Failed => new("✗", status.Word(), Ink.Red),
        RunStatus.Cancelled => new("■", status.Word(), Ink.Yellow),
        RunStatus.Paused => new("‖", status.Word(), Ink.Yellow),
        RunStatus.Compensating => new("↺", status.Word(), Ink.Yellow),
        RunStatus.Quarantined => new("!", status.Word(), Ink.Red),
        _ => throw new UnreachableException(),
    };
}
