using System.Collections.Immutable;

namespace OrleansEtl.Engine.Alerts;

/// <summary>A watch as it is stored. What follows from the rest is not in it.</summary>
public sealed record WatchState(
    string Pipeline, long Number, ImmutableArray<OpenRun> Open, ImmutableArray<RunId> Ended, ImmutableArray<IncidentState> Incidents,
    ImmutableArray<Alert> Alerts, DateTimeOffset? FreshAt, bool HasSucceeded, AlertRule? Stale, DateTimeOffset? ReadAt, DateTimeOffset LookAt)
{
    public static WatchState Of(Watch watch) => new(
        watch.Pipeline, watch.Number, [.. watch.Open.Values], watch.Ended,
        [.. watch.Incidents.Select(one => new IncidentState(one.Key, one.Value))], watch.Alerts, watch.FreshAt, watch.HasSucceeded, watch.Stale,
        watch.ReadAt, watch.LookAt);

    public Watch Watch() => new(Pipeline)
    {
        Number = Number,
        Open = Open.ToImmutableSortedDictionary(run => run.Run, run => run),
        Ended = Ended,
        Incidents = Incidents.ToImmutableSortedDictionary(one => one.On, one => one.Incident),
        Alerts = Alerts,
        FreshAt = FreshAt,
        HasSucceeded = HasSucceeded,
        Stale = Stale,
        ReadAt = ReadAt,
        LookAt = LookAt,
    };
}

public sealed record IncidentState(AlertOn On, Incident Incident);
