using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

/// <summary>
/// A backfill as a value: its runs in the order in which they start, each a time between two edges, and a partition when there are any.
/// They start in order, so it is enough to know how many have started, which of those run, and which ended otherwise than succeeded.
/// </summary>
/// <param name="Edges">Where the times of its runs meet.</param>
/// <param name="Chosen">Which of the runs that these edges and partitions make it starts, in order; null: all of them.</param>
public sealed record Backfill(
    BackfillId Id, DateTimeOffset After, DateTimeOffset Through, ImmutableArray<string> Partitions, int Concurrency, BackfillOnly Only,
    ImmutableArray<DateTimeOffset> Edges, ImmutableArray<int>? Chosen)
{
    /// <summary>How many were started; it is the index of the next one.</summary>
    public int Started { get; init; }
    public ImmutableSortedDictionary<StartKey, BackfillRun> Running { get; init; } = ImmutableSortedDictionary<StartKey, BackfillRun>.Empty;
    public ImmutableSortedSet<int> Failed { get; init; } = [];
    public ImmutableSortedSet<int> Cancelled { get; init; } = [];

    /// <summary>Of the first of its runs that failed.</summary>
    public Fault? FirstFault { get; init; }

    /// <summary>Whether it was cancelled: what has not started never will.</summary>
    public bool IsCancelled { get; init; }

    public int Total => Chosen?.Length ?? Combinations;

    internal int Combinations => (Edges.Length - 1) * PartitionsOrOne;

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
    public Occasion OccasionOf(ScheduleId schedule, int index) => Combination(schedule, Chosen is { } chosen ? chosen[index] : index);

    internal Occasion Combination(ScheduleId schedule, int number)
    {
        var (time, part) = (number / PartitionsOrOne, number % PartitionsOrOne);
        var partition = Partitions.IsEmpty ? null : Partitions[part];
        var to = Edges[time + 1];
        return new Occasion(StartKey.OfBackfill(schedule, Id, to, partition), Origin.Backfill, Edges[time], to, partition);
    }

    internal BackfillView View()
    {
        var counts = Counts;
        return new BackfillView(
            Id.Value, counts.Status, After, Through, Partitions, Concurrency, counts.Waiting, counts.Running, counts.Cancelling,
            counts.Succeeded, counts.Failed, counts.Cancelled, FirstFault);
    }

    private int PartitionsOrOne => Math.Max(1, Partitions.Length);

    internal Backfill WithStart(ScheduleId schedule, int index, RunId run) => this with
    {
        Started = index + 1, Running = Running.Add(OccasionOf(schedule, index).Key, new BackfillRun(index, run)),
    };

    internal Backfill WithEnd(StartKey key, RunStatus status, Fault? fault)
    {
        var index = Running[key].Index;
        return this with
        {
            Running = Running.Remove(key),
            Failed = status == RunStatus.Failed ? Failed.Add(index) : Failed,
            Cancelled = status == RunStatus.Cancelled ? Cancelled.Add(index) : Cancelled,
            FirstFault = FirstFault ?? (status == RunStatus.Failed ? fault : null),
        };
    }
}

/// <param name="Index">Which of the runs of its backfill it is, from 0.</param>
public sealed record BackfillRun(int Index, RunId Run);

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
