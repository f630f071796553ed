using System.Text;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Progress;

/// <summary>The live view of a terminal: steps that have ended settle above, running ones are drawn over in place. A frame is one write,
/// and a line is overwritten before its rest is cleared, so that nothing flickers.</summary>
internal sealed class LiveScreen(Terminal terminal) : IProgressScreen
{
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(100);
    private readonly HashSet<StepId> _settled = [];
    private DateTimeOffset _drawnAt;
    private int _liveLines;

    public TimeSpan Pace => TimeSpan.FromMilliseconds(250);

    public void Show(RunView run, DateTimeOffset now)
    {
        var ended = run.Steps.Where(s => s.Status.IsTerminal() && !_settled.Contains(s.Id)).ToArray();
        if (ended.Length == 0 && now - _drawnAt < FrameTime && !run.Status.IsTerminal()) return;
        _drawnAt = now;

        var frame = new StringBuilder("\e[?25l");
        if (_liveLines > 0) frame.Append($"\e[{_liveLines}F");
        foreach (var step in ended.OrderBy(s => s.EndedAt))
        {
            _settled.Add(step.Id);
            frame.Append(LiveFrame.Step(run, step, terminal, now)).Append("\e[K\n");
        }
        var live = run.Status.IsTerminal() ? [] : LiveFrame.Live(run, terminal, now);
        foreach (var line in live) frame.Append(line).Append("\e[K\n");
        frame.Append("\e[J");
        _liveLines = live.Count;
        terminal.Talk.Write(frame);
        terminal.Talk.Flush();
    }

    public void Close()
    {
        terminal.Talk.Write("\e[?25h");
        terminal.Talk.Flush();
    }
}
