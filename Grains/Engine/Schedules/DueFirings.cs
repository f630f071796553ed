using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Schedules;

/// <summary>What has fallen due and is not decided yet: what the catch-up policy keeps, and what it does not, which is always the older part.
/// Looks from now back, so that a long absence costs no more than the backlog that is kept.</summary>
internal sealed record DueFirings(
    (DateTimeOffset After, DateTimeOffset Through, SkipReason Reason)? Skipped, ImmutableArray<(Firing Firing, bool WasMissed)> Kept)
{
    public static DueFirings Of(Schedule schedule, DateTimeOffset now, ScheduleBounds bounds)
    {
        var (policy, kept) = (schedule.Spec!.CatchUp, new Stack<(Firing, bool)>());
        if (schedule.NextFiring is not { } first || schedule.DueAt(first) > now) return new DueFirings(null, []);
        var at = Last(schedule, now);
        if (at >= first && schedule.DueAt(at.Value) > now) at = schedule.Timetable!.Previous(at.Value);
        var newestIsMissed = now - schedule.DueAt(at!.Value) > bounds.LateMax;
        while (at >= first)
        {
            var firing = schedule.Timetable!.FiringAt(at.Value);
            var isMissed = now - schedule.DueAt(at.Value) > bounds.LateMax;
            var keeps = kept.Count < bounds.BacklogMax && (!isMissed || policy switch
            {
                CatchUp.All => true,
                CatchUp.Latest => newestIsMissed && kept.Count == 0,
                CatchUp.None => false,
                _ => throw new UnreachableException(),
            });
            if (!keeps)
            {
                var reason = policy == CatchUp.All || !isMissed ? SkipReason.BacklogFull : SkipReason.Missed;
                return new DueFirings((schedule.Timetable.FiringAt(first).From, at.Value, reason), [.. kept]);
            }
            kept.Push((firing, isMissed));
            at = firing.From < at ? firing.From : null;
        }
        return new DueFirings(null, [.. kept]);
    }

    /// <summary>The newest firing that is not after now and before the schedule's end, jitter aside.</summary>
    public static DateTimeOffset? Last(Schedule schedule, DateTimeOffset now) => schedule.Spec!.End is { } end && end <= now
        ? schedule.Timetable!.Previous(end)
        : schedule.Timetable!.Through(now);
}
