using System.Collections.Immutable;

namespace OrleansEtl.Engine.Alerts;

/// <summary>Something that was told, or would have been.</summary>
/// <param name="Number">From 1 in each pipeline.</param>
/// <param name="Key">The same for the same thing, whoever decides it: receivers know by it what they have heard before.</param>
/// <param name="Count">How often it happened since <paramref name="Since"/>.</param>
/// <param name="More">How often it has happened since then, without a message.</param>
/// <param name="Silenced">Why nobody was told; null: it goes to <paramref name="Deliveries"/>.</param>
public sealed record Alert(
    long Number, string Key, AlertOn On, bool IsResolved, DateTimeOffset At, DateTimeOffset Since, int Count, int More, AlertCause Cause,
    AlertSilence? Silenced, ImmutableArray<Delivery> Deliveries)
{
    public bool IsUnderWay => Deliveries.Any(delivery => delivery.Status is DeliveryStatus.Waiting or DeliveryStatus.Sending);

    public Delivery? To(string channel) => Deliveries.FirstOrDefault(delivery => delivery.Channel == channel);

    public Alert With(Delivery delivery) => this with
    {
        Deliveries = [.. Deliveries.Select(other => other.Channel == delivery.Channel ? delivery : other)],
    };

    public AlertView View(string pipeline) => new(
        $"{pipeline}/{Number}", Key, pipeline, On, IsResolved, At, Since, Count, More, $"{pipeline} {Cause.Text}", Cause.Run, Cause.Step,
        Cause.Fault, Cause.Waits, Silenced,
        [.. Deliveries.Select(one => new DeliveryView(
            one.Channel, one.Status, one.Tries - one.Before, one.Status == DeliveryStatus.Waiting ? one.At : null, one.SentAt, one.Fault))]);
}

/// <summary>How far an alert came on one channel.</summary>
/// <param name="Tries">Of all time: what is heard of an earlier try than the last changes nothing.</param>
/// <param name="Before">Of these, the ones before it was resent.</param>
/// <param name="At">While it waits: when it is tried. While it is sent: until when that is believed.</param>
/// <param name="Fault">Of the last try.</param>
public sealed record Delivery(
    string Channel, DeliveryStatus Status, int Tries, int Before, DateTimeOffset At, DateTimeOffset? SentAt = null, Fault? Fault = null);

/// <summary>A trouble of one kind, from when it was first seen to when it is over; what was told last stays known after that.</summary>
/// <param name="ToldAt">When the last message of this kind was raised.</param>
/// <param name="ToldKey">What somebody was told of this one, so that they are told of its end too; null: nobody was told.</param>
/// <param name="Pending">How often it has happened since the last message.</param>
/// <param name="PendingSince">The first of these.</param>
/// <param name="LastAt">The last time that it happened.</param>
/// <param name="QuietUntil">Silenced; then it is looked again.</param>
/// <param name="Recorded">The number of the alert that counts what is not told.</param>
/// <param name="Cause">The last one.</param>
public sealed record Incident(
    bool IsOpen, AlertRule Rule, AlertCause Cause, string Key, DateTimeOffset? ToldAt = null, string? ToldKey = null, int Pending = 0,
    DateTimeOffset PendingSince = default, DateTimeOffset LastAt = default, DateTimeOffset? QuietUntil = null, long? Recorded = null)
{
    /// <summary>When what is pending may be told; null: nothing is.</summary>
    public DateTimeOffset? TellAt
    {
        get
        {
            if (!IsOpen || Pending == 0) return null;
            var allowed = ToldAt is { } told ? told + Rule.RepeatEvery() : DateTimeOffset.MinValue;
            return QuietUntil > allowed ? QuietUntil : allowed;
        }
    }
}

/// <summary>A run that has been announced and of whose end nothing was heard.</summary>
/// <param name="BegunAt">When it was announced.</param>
/// <param name="LateAt">When it is late, or is looked at; null: never.</param>
/// <param name="Left">It is held, and so much of its time is left.</param>
public sealed record OpenRun(RunId Run, DateTimeOffset BegunAt, DateTimeOffset? LateAt, TimeSpan? Left = null, bool IsLate = false);
