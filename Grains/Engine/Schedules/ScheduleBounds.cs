namespace OrleansEtl.Engine.Schedules;

/// <summary>How much a schedule may hold.</summary>
/// <param name="LateMax">A firing that is later than this was missed: more than a restart takes, less than people notice.</param>
/// <param name="BacklogMax">Missed firings that are caught up, the newest of them: a year of days.</param>
/// <param name="QueueMax">Firings that wait for others; no less than the backlog.</param>
/// <param name="RunsMax">Runs of one schedule at once, where the policy allows them to overlap.</param>
/// <param name="BackfillsMax">Backfills that have not ended.</param>
/// <param name="BackfillRunsMax">Runs of one backfill: a year of hours.</param>
/// <param name="ConcurrencyMax">Runs of one backfill at once.</param>
/// <param name="PartitionsMax">Partitions of one backfill.</param>
public sealed record ScheduleBounds(
    TimeSpan LateMax, int BacklogMax, int QueueMax, int RunsMax, int BackfillsMax, int BackfillRunsMax, int ConcurrencyMax, int PartitionsMax)
{
    public static readonly ScheduleBounds Default = new(
        LateMax: TimeSpan.FromMinutes(1), BacklogMax: 366, QueueMax: 1_000, RunsMax: 100,
        BackfillsMax: 10, BackfillRunsMax: 10_000, ConcurrencyMax: 100, PartitionsMax: 1_000);
}
