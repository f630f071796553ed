using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Alerts;

/// <summary>
/// What is watched of one pipeline, as a value: <see cref="Hear"/> says what becomes of it, <see cref="NextWake"/> when time alone changes
/// something, <see cref="Due"/> which messages are to be tried.
///
/// Promised here: of one run at most one alert of a kind is raised, and of a trouble that goes on at most one in each time between two
/// messages, which counts what it leaves out; what is silenced is recorded, and told when the silence ends if it is still so; a message is
/// tried until it has arrived or has been tried as often as it may, always under the same key.
/// Not promised here: durability (the shell stores before it acts), and that a message arrives once: who sends may die before it is heard.
/// </summary>
public sealed partial record Watch(string Pipeline)
{
    /// <summary>Of the last alert.</summary>
    public long Number { get; init; }
    public ImmutableSortedDictionary<RunId, OpenRun> Open { get; init; } = ImmutableSortedDictionary<RunId, OpenRun>.Empty;
    /// <summary>Runs that have ended, oldest first, those that are remembered.</summary>
    public ImmutableArray<RunId> Ended { get; init; } = [];
    public ImmutableSortedDictionary<AlertOn, Incident> Incidents { get; init; } = ImmutableSortedDictionary<AlertOn, Incident>.Empty;
    /// <summary>Oldest first.</summary>
    public ImmutableArray<Alert> Alerts { get; init; } = [];
    /// <summary>From when staleness is counted: the last success, or when there was first something to be stale.</summary>
    public DateTimeOffset? FreshAt { get; init; }
    public bool HasSucceeded { get; init; }
    /// <summary>The rule about staleness as the registry last had it.</summary>
    public AlertRule? Stale { get; init; }
    /// <summary>When the registry is to be read; null: it need not be.</summary>
    public DateTimeOffset? ReadAt { get; init; }
    /// <summary>When it is asked what became of the open runs.</summary>
    public DateTimeOffset LookAt { get; init; }

    /// <summary>When time alone will change something; null: never.</summary>
    public DateTimeOffset? NextWake
    {
        get
        {
            var wake = Earlier(ReadAt, StaleAt);
            if (!Open.IsEmpty) wake = Earlier(wake, LookAt);
            foreach (var run in Open.Values)
                if (!run.IsLate) wake = Earlier(wake, run.LateAt);
            foreach (var incident in Incidents.Values) wake = Earlier(wake, incident.TellAt);
            foreach (var alert in Alerts)
                foreach (var delivery in alert.Deliveries)
                    if (delivery.Status is DeliveryStatus.Waiting or DeliveryStatus.Sending) wake = Earlier(wake, delivery.At);
            return wake;
        }
    }

    /// <summary>When no run will have succeeded for too long; null: there is no such rule, or it is stale already.</summary>
    public DateTimeOffset? StaleAt => Stale is { Within: { } within } && FreshAt is { } fresh && !IsOpen(AlertOn.Stale) ? fresh + within : null;

    /// <summary>Messages that are to be tried now.</summary>
    public IEnumerable<(Alert Alert, Delivery Delivery)> Due(DateTimeOffset now) =>
        from alert in Alerts
        from delivery in alert.Deliveries
        where delivery.Status == DeliveryStatus.Waiting && delivery.At <= now
        select (alert, delivery);

    /// <summary>Runs whose time is up and of which it is to be seen why.</summary>
    public IEnumerable<RunId> Overdue(DateTimeOffset now) => Open.Values.Where(run => !run.IsLate && run.LateAt <= now).Select(run => run.Run);

    public Alert? Find(long number) => Alerts.FirstOrDefault(alert => alert.Number == number);

    /// <summary>The watch after the news.</summary>
    /// <param name="silence">What silences the pipeline now; null: nothing does.</param>
    public Watch Hear(News news, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds) => news switch
    {
        News.Begins begins => Began(begins, now, bounds),
        News.Ended ended => HasEnded(ended, now, silence, bounds),
        News.NotThere gone => Open.TryGetValue(gone.Run, out var run) && run.BegunAt + bounds.UnstartedMax <= now
            ? Without(gone.Run, now, silence, bounds) : this,
        News.Late late => IsLate(late, now, silence, bounds),
        News.Held held => IsHeld(held, now, bounds),
        News.Registering => this with { ReadAt = Earlier(ReadAt, now + bounds.HeldEvery) },
        News.Registered registered => Registered(registered, now, silence, bounds),
        News.Tick => Told(now, silence, bounds).Unheard(now, bounds) with { LookAt = !Open.IsEmpty && LookAt <= now ? now + bounds.LookEvery : LookAt },
        News.Sends sends => Sends(sends, now, bounds),
        News.Sent sent => Sent(sent, now, bounds),
        News.Resend resend => Resend(resend, now),
        _ => throw new UnreachableException(news.GetType().Name),
    };

    private bool IsOpen(AlertOn on) => Incidents.GetValueOrDefault(on) is { IsOpen: true };

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
