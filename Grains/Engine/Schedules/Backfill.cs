using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

/// <summary>
/// A backfill as a value: its runs in the order in which they start, each a time between two edges, and a partition when there are any.
/// They start in order, so it is enough to know how many have started, which of those run, and which ended otherwise than succeeded.
/// </summary>
/// <param name="Edges">Where the times of its runs meet.</param>
public sealed record Backfill(
    BackfillId Id, DateTimeOffset After, DateTimeOffset Through, ImmutableArray<string> Partitions, int Concurrency,
    ImmutableArray<DateTimeOffset> Edges)
{
    /// <summary>How many were started; it is the index of the next one.</summary>
    public int Started { get; init; }
    public ImmutableSortedDictionary<StartKey, int> Running { get; init; } = ImmutableSortedDictionary<StartKey, int>.Empty;
    public ImmutableSortedSet<int> Failed { get; init; } = [];
    public ImmutableSortedSet<int> Cancelled { get; init; } = [];

    /// <summary>Whether it was cancelled: what has not started never will.</summary>
    public bool IsCancelled { get; init; }

    public int Total => (Edges.Length - 1) * PartitionsOrOne;

    public bool MayStart => !IsCancelled && Started < Total && Running.Count < Concurrency;

    public BackfillCounts Counts
    {
        get
        {
            var unstarted = Total - Started;
            return new BackfillCounts(
                Waiting: IsCancelled ? 0 : unstarted,
                Running: IsCancelled ? 0 : Running.Count,
                Cancelling: IsCancelled ? Running.Count : 0,
                Succeeded: Started - Running.Count - Failed.Count - Cancelled.Count,
                Failed: Failed.Count,
                Cancelled: Cancelled.Count + (IsCancelled ? unstarted : 0));
        }
    }

    public BackfillStatus Status => Counts.Status;

    /// <summary>What the run of this index is started for.</summary>
    public Occasion OccasionOf(ScheduleId schedule, int index)
    {
        var (time, part) = (index / PartitionsOrOne, index % PartitionsOrOne);
        var partition = Partitions.IsEmpty ? null : Partitions[part];
        var to = Edges[time + 1];
        return new Occasion(StartKey.OfBackfill(schedule, Id, to, partition), Origin.Backfill, Edges[time], to, partition);
    }

    private int PartitionsOrOne => Math.Max(1, Partitions.Length);

    internal Backfill WithStart(ScheduleId schedule, int index) => this with
    {
        Started = index + 1, Running = Running.Add(OccasionOf(schedule, index).Key, index),
    };

    internal Backfill WithEnd(StartKey key, RunStatus status)
    {
        var index = Running[key];
        return this with
        {
            Running = Running.Remove(key),
            Failed = status == RunStatus.Failed ? Failed.Add(index) : Failed,
            Cancelled = status == RunStatus.Cancelled ? Cancelled.Add(index) : Cancelled,
        };
    }
}

/// <summary>How many runs of a backfill are in which state. Its status is a function of these and of nothing else.</summary>
public readonly record struct BackfillCounts(int Waiting, int Running, int Cancelling, int Succeeded, int Failed, int Cancelled)
{
    public BackfillStatus Status => this switch
    {
        { Waiting: > 0 } or { Running: > 0 } => BackfillStatus.Running,
        { Cancelling: > 0 } => BackfillStatus.Cancelling,
        { Failed: > 0 } => BackfillStatus.Failed,
        { Cancelled: > 0 } => BackfillStatus.Cancelled,
        _ => BackfillStatus.Succeeded,
    };

    public bool IsEnded => Status is not (BackfillStatus.Running or BackfillStatus.Cancelling);
}

public enum BackfillStatus { Running, Cancelling, Succeeded, Failed, Cancelled }
