namespace OrleansEtl.Client;

/// <summary>How long things took, from the entries of one run's history as they are read, in their order. Where the beginning was not
/// read, the time is not known. What is kept is one moment for each attempt under way.</summary>
public sealed class AttemptTimes
{
    private readonly Dictionary<(StepId, Attempt?), DateTimeOffset> _begun = [];
    private DateTimeOffset? _runBegun;

    /// <summary>The time from an attempt's dispatch to this entry, which ends it; or from the run's start to its end. Null for all
    /// other entries.</summary>
    public TimeSpan? Took(HistoryEntry entry)
    {
        if (entry.Steps is not [var first, ..])
        {
            if (entry.What == "run_started") _runBegun = entry.At;
            return entry.What == "run_ended" ? entry.At - _runBegun : null;
        }
        var attempt = (first, entry.Attempt);
        if (entry.What == "step_dispatched") _begun[attempt] = entry.At;
        else if (entry.Attempt is not null && _begun.Remove(attempt, out var begun)) return entry.At - begun;
        return null;
    }
}
