using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Schedules;

/// <summary>What became of the last firings and requests, for people; and which requests were heard, so that one that comes again late is
/// still one. Backfills count their runs themselves.</summary>
/// <param name="Firings">Oldest first.</param>
public sealed record RecentFirings(ImmutableList<RecentFiring> Firings)
{
    /// <summary>As many as fit a page, and a state that is written with every firing stays small.</summary>
    public const int FiringsMax = 30;

    public static readonly RecentFirings None = new([]);

    public RecentFiring? Find(StartKey key) => Firings.Find(firing => firing.Key == key);

    public RecentFirings After(ScheduleEvent happened) => happened switch
    {
        ScheduleEvent.Started e => Put(Of(e.At, e.Occasion, FiringOutcome.Started) with { Run = e.Run }),
        ScheduleEvent.Queued e => Put(Of(e.At, e.Occasion, FiringOutcome.Waiting)),
        ScheduleEvent.Skipped e => Put(new RecentFiring(e.At, null, e.After, e.Through, FiringOutcome.Skipped, null, e.Reason, null)),
        ScheduleEvent.Dropped e => Change(e.Key, firing => firing with { At = e.At, Outcome = FiringOutcome.Skipped, Reason = SkipReason.Overlap }),
        ScheduleEvent.Ended e => Change(e.Key, firing => firing with { Outcome = OutcomeOf(e.Status), Fault = e.Fault }),
        _ => this,
    };

    private static RecentFiring Of(DateTimeOffset at, Occasion occasion, FiringOutcome outcome) =>
        new(at, occasion.Key, occasion.From, occasion.To, outcome, null, null, null);

    private static FiringOutcome OutcomeOf(RunStatus status) => status switch
    {
        RunStatus.Succeeded => FiringOutcome.Succeeded,
        RunStatus.Cancelled => FiringOutcome.Cancelled,
        _ => FiringOutcome.Failed,
    };

    /// <summary>One that waited keeps its place when it starts. Firings that were skipped one after another for the same reason are one.</summary>
    private RecentFirings Put(RecentFiring firing)
    {
        if (firing.Key is { } key && Find(key) is { } waited) return new RecentFirings(Firings.Replace(waited, firing));
        if (firing.Outcome == FiringOutcome.Skipped && Firings is [.., { Outcome: FiringOutcome.Skipped, Key: null } last]
            && last.Reason == firing.Reason && last.To == firing.From)
            return new RecentFirings(Firings.Replace(last, firing with { From = last.From }));
        var firings = Firings.Add(firing);
        return new RecentFirings(firings.Count > FiringsMax ? firings.RemoveAt(0) : firings);
    }

    private RecentFirings Change(StartKey key, Func<RecentFiring, RecentFiring> change) =>
        Find(key) is { } firing ? new RecentFirings(Firings.Replace(firing, change(firing))) : this;
}

/// <param name="At">When it was decided.</param>
/// <param name="Key">Null: it was skipped, perhaps with others.</param>
public sealed record RecentFiring(
    DateTimeOffset At, StartKey? Key, DateTimeOffset From, DateTimeOffset To, FiringOutcome Outcome, RunId? Run, SkipReason? Reason, Fault? Fault)
{
    internal FiringView View() => new(At, From, To, Outcome, Run, IsOnRequest, Reason is { } reason ? Word(reason) : null, Fault);

    private bool IsOnRequest => Key is { } key && key.Value.Contains("/now/", StringComparison.Ordinal);

    private static string Word(SkipReason reason) => reason switch
    {
        SkipReason.Overlap => "an earlier run had not ended",
        SkipReason.QueueFull => "as many waited already as may",
        SkipReason.TooManyRuns => "as many ran already as may",
        SkipReason.Missed => "it was missed, and missed ones are not caught up",
        SkipReason.BacklogFull => "more were missed than are caught up",
        SkipReason.Paused => "the schedule was paused",
        _ => throw new UnreachableException(),
    };
}
