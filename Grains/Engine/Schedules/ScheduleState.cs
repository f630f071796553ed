using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

/// <summary>All that is needed to go on with a schedule without its events. What follows from the rest is not in it.</summary>
public sealed record ScheduleState(
    ScheduleId Id,
    long Version,
    ScheduleSpec Spec,
    DateTimeOffset DecidedThrough,
    ImmutableArray<ScheduledRun> Running,
    ImmutableArray<Occasion> Queue,
    ImmutableArray<BackfillState> Backfills,
    ImmutableArray<RecentFiring> Recent,
    ImmutableArray<FilledSpan> Filled);

/// <summary>A backfill as it is stored. One of ten thousand runs is written at the start and the end of each of them, so what is regular in
/// it is told once.</summary>
/// <param name="FirstEdge">The first of its edges; the others follow from <paramref name="Strides"/>.</param>
/// <param name="Chosen">Null: all.</param>
public sealed record BackfillState(
    BackfillId Id, DateTimeOffset After, DateTimeOffset Through, ImmutableArray<string> Partitions, int Concurrency, BackfillOnly Only,
    DateTimeOffset FirstEdge, ImmutableArray<EdgeStrides> Strides, ImmutableArray<IndexRange>? Chosen, int Started,
    ImmutableArray<BackfillRun> Running, ImmutableArray<IndexRange> Failed, ImmutableArray<IndexRange> Cancelled, bool IsCancelled, Fault? FirstFault)
{
    public static BackfillState Of(Backfill backfill) => new(
        backfill.Id, backfill.After, backfill.Through, backfill.Partitions, backfill.Concurrency, backfill.Only,
        backfill.Edges[0], EdgeStrides.Of(backfill.Edges), backfill.Chosen is { } chosen ? IndexRange.Of(chosen) : null, backfill.Started,
        [.. backfill.Running.Values], IndexRange.Of(backfill.Failed), IndexRange.Of(backfill.Cancelled), backfill.IsCancelled, backfill.FirstFault);

    public Backfill Backfill(ScheduleId schedule)
    {
        var backfill = new Backfill(Id, After, Through, Partitions, Concurrency, Only, EdgeStrides.Edges(FirstEdge, Strides),
            Chosen is { } chosen ? [.. IndexRange.Indexes(chosen)] : null)
            {
                Started = Started, Failed = [.. IndexRange.Indexes(Failed)], Cancelled = [.. IndexRange.Indexes(Cancelled)],
                IsCancelled = IsCancelled, FirstFault = FirstFault,
            };
        return backfill with { Running = Running.ToImmutableSortedDictionary(run => backfill.OccasionOf(schedule, run.Index).Key, run => run) };
    }
}

/// <summary>So many edges, each so long after the one before.</summary>
public sealed record EdgeStrides(TimeSpan Stride, int Count)
{
    public static ImmutableArray<EdgeStrides> Of(ImmutableArray<DateTimeOffset> edges)
    {
        var strides = ImmutableArray.CreateBuilder<EdgeStrides>();
        for (var i = 1; i < edges.Length; i++)
        {
            var stride = edges[i] - edges[i - 1];
            if (strides.Count > 0 && strides[^1].Stride == stride) strides[^1] = new EdgeStrides(stride, strides[^1].Count + 1);
            else strides.Add(new EdgeStrides(stride, 1));
        }
        return strides.DrainToImmutable();
    }

    public static ImmutableArray<DateTimeOffset> Edges(DateTimeOffset first, ImmutableArray<EdgeStrides> strides)
    {
        var edges = ImmutableArray.CreateBuilder<DateTimeOffset>();
        edges.Add(first);
        foreach (var (stride, count) in strides)
            for (var i = 0; i < count; i++) edges.Add(edges[^1] + stride);
        return edges.DrainToImmutable();
    }
}

/// <summary>All whole numbers from one to another.</summary>
public sealed record IndexRange(int First, int Last)
{
    /// <param name="indexes">In order.</param>
    public static ImmutableArray<IndexRange> Of(IEnumerable<int> indexes)
    {
        var ranges = ImmutableArray.CreateBuilder<IndexRange>();
        foreach (var index in indexes)
        {
            if (ranges.Count > 0 && ranges[^1].Last == index - 1) ranges[^1] = new IndexRange(ranges[^1].First, index);
            else ranges.Add(new IndexRange(index, index));
        }
        return ranges.DrainToImmutable();
    }

    public static IEnumerable<int> Indexes(ImmutableArray<IndexRange> ranges) =>
        ranges.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1));
}

public sealed partial record Schedule
{
    /// <summary>The schedule as it is; only of one that exists.</summary>
    public ScheduleState State() => new(
        Id, Version, Spec!, DecidedThrough, [.. Running.Values], [.. Queue], [.. Backfills.Select(BackfillState.Of)], [.. Recent.Firings],
        [.. Filled.Spans]);

    /// <summary>The schedule that <see cref="State"/> was taken of.</summary>
    public static Schedule Of(ScheduleState state) => (None with { Id = state.Id }).With(state.Spec) with
    {
        Version = state.Version,
        DecidedThrough = state.DecidedThrough,
        Running = state.Running.ToImmutableSortedDictionary(run => run.Occasion.Key, run => run),
        Queue = [.. state.Queue],
        Backfills = [.. state.Backfills.Select(backfill => backfill.Backfill(state.Id))],
        Recent = new RecentFirings([.. state.Recent]),
        Filled = new FilledTime([.. state.Filled]),
    };
}
