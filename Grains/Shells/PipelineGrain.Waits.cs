using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>Why a run or an attempt that was sent off does not go on: what heartbeats tell, payments that fail, an append that takes
/// long. All of it is known here anyway; nothing is asked or stored for it.</summary>
public sealed partial class PipelineGrain
{
    /// <summary>The last known hindrance of each stage. One of an earlier attempt is never shown.</summary>
    private readonly Dictionary<int, (Attempt Attempt, Wait Wait)> _heldUp = [];
    private DateTimeOffset? _appendingSince;

    private Wait? HindranceOf(int stage, Attempt attempt) =>
        _heldUp.TryGetValue(stage, out var held) && held.Attempt == attempt ? held.Wait : null;

    /// <summary>Notes what holds up the attempt; null: nothing. Says whether that is news: a place in line that changed is not.</summary>
    private bool IsHeldUp(int stage, Attempt attempt, Wait? wait)
    {
        var before = HindranceOf(stage, attempt);
        if (wait is null) return before is not null && _heldUp.Remove(stage);
        _heldUp[stage] = (attempt, wait);
        return before?.For != wait.For || before.Limit != wait.Limit;
    }

    private static Wait SiloWait(Exception why, DateTimeOffset since) => new(
        WaitFor.Silo,
        why is FaultException { Fault: var fault } ? fault.Message : $"its silo is not reached: {Excerpt.Of(why.Message, 200)}",
        since);

    /// <summary>An append that takes longer than any healthy store needs.</summary>
    private Wait? StoreWait() => _appendingSince is { } since && desk.Clock.GetUtcNow() - since >= desk.Options.StoreSlow
        ? new Wait(WaitFor.Store, "the store has not taken what happened", since)
        : null;
}
