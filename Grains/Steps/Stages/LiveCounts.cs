using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>How far the steps are, readable from outside the thread that runs them. Taps are read only while the query
/// that they count for runs: afterwards they may belong to another one.</summary>
internal sealed class LiveCounts
{
    private readonly Lock _lock = new();
    private TapSet? _taps;
    private ImmutableArray<StepRun> _tapped = [];
    private ImmutableArray<StepRun> _running = [];

    public void Begin(TapSet? taps, ImmutableArray<StepRun> tapped, ImmutableArray<StepRun> running)
    {
        lock (_lock) (_taps, _tapped, _running) = (taps, tapped, running);
    }

    public void End()
    {
        lock (_lock) (_taps, _tapped, _running) = (null, [], []);
    }

    public ImmutableArray<StepProgress> Read(IEnumerable<StepRun> steps, DuckProgress query)
    {
        lock (_lock)
            return [.. steps.Select(step => Of(step, query))];
    }

    private StepProgress Of(StepRun step, DuckProgress query)
    {
        if (step.RowsOut is { } done) return new StepProgress(step.Id, done, step.Bytes, 1);
        if (step.Says?.Invoke() is { } said) return said;
        if (!_running.Contains(step)) return new StepProgress(step.Id, null, null, 0);
        var tap = _tapped.IndexOf(step);
        var bytes = step.Bytes is { } all && query.Fraction is { } part ? (long?)(all * part) : null;
        return new StepProgress(step.Id, tap < 0 ? null : _taps!.Rows(tap), bytes, query.Fraction);
    }
}
