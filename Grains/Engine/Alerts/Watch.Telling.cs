using System.Collections.Immutable;

namespace OrleansEtl.Engine.Alerts;

/// <summary>When a message is raised, and how far it is.</summary>
public sealed partial record Watch
{
    /// <summary>Something has happened that a rule is about.</summary>
    private Watch Happened(AlertRule rule, AlertCause cause, string key, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        var incident = Incidents.GetValueOrDefault(rule.On) ?? new Incident(false, rule, cause, key);
        if (!incident.IsOpen && incident.LastAt + rule.RepeatEvery() <= now) incident = incident with { Pending = 0 }; // it had been quiet
        incident = incident with
        {
            IsOpen = true, Rule = rule, Cause = cause, Key = key, LastAt = now, Pending = incident.Pending + 1,
            PendingSince = incident.Pending == 0 ? now : incident.PendingSince,
        };
        return With(incident).Tell(rule.On, now, silence, bounds).Counted(rule.On);
    }

    /// <summary>What may be told by now.</summary>
    private Watch Told(DateTimeOffset now, AlertSilence? silence, AlertBounds bounds) =>
        Incidents.Keys.Aggregate(this, (watch, on) => watch.Tell(on, now, silence, bounds));

    private Watch Tell(AlertOn on, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        var incident = Incidents[on];
        if (silence is null && incident.QuietUntil is not null) incident = incident with { QuietUntil = null };
        if (!(incident.TellAt <= now)) return With(incident);
        if (silence is not null)
        {
            var looked = With(incident with { QuietUntil = now + bounds.HeldEvery });
            if (incident.Recorded is { } number && Find(number) is { Silenced: { } before } && before.Id == silence.Id) return looked;
            return looked.Raise(incident, incident.Key, isResolved: false, now, silence, bounds) with
            {
                Incidents = looked.Incidents.SetItem(on, looked.Incidents[on] with { Recorded = Number + 1 }),
            };
        }
        return Raise(incident, incident.Key, isResolved: false, now, null, bounds) with
        {
            Incidents = Incidents.SetItem(on, incident with { ToldAt = now, ToldKey = incident.Key, Pending = 0, Recorded = Number + 1, QuietUntil = null }),
        };
    }

    /// <summary>What is not told is counted with the alert before it.</summary>
    private Watch Counted(AlertOn on)
    {
        if (Incidents[on] is not { Pending: > 0, Recorded: { } number } incident || Find(number) is not { } alert) return this;
        return With(alert with { More = alert.Silenced is null ? incident.Pending : incident.Pending - alert.Count });
    }

    /// <summary>It is over.</summary>
    private Watch Close(AlertOn on, RunId run, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        if (Incidents.GetValueOrDefault(on) is not { IsOpen: true } incident) return this;
        var closed = With(incident with { IsOpen = false, ToldKey = null, QuietUntil = null });
        return incident is { ToldKey: { } told, Rule.Resolved: true }
            ? closed.Raise(
                incident with { Cause = AlertCause.Over(on, run), PendingSince = incident.ToldAt!.Value }, $"{told}/resolved", true, now, silence, bounds)
            : closed;
    }

    private Watch Raise(Incident incident, string key, bool isResolved, DateTimeOffset now, AlertSilence? silence, AlertBounds bounds)
    {
        var alert = new Alert(
            Number + 1, key, incident.Rule.On, isResolved, now, incident.PendingSince, incident.Pending, 0, incident.Cause, silence,
            silence is null ? [.. incident.Rule.To.Select(channel => new Delivery(channel, DeliveryStatus.Waiting, 0, 0, now))] : []);
        return this with { Number = alert.Number, Alerts = Kept(Alerts.Add(alert), bounds.KeptMax) };
    }

    /// <summary>What is under way goes last: only where all of it is, the oldest does.</summary>
    private static ImmutableArray<Alert> Kept(ImmutableArray<Alert> alerts, int max)
    {
        while (alerts.Length > max) alerts = alerts.Remove(alerts.FirstOrDefault(alert => !alert.IsUnderWay) ?? alerts[0]);
        return alerts;
    }

    private Watch Sends(News.Sends sends, DateTimeOffset now, AlertBounds bounds)
    {
        if (Find(sends.Number) is not { } alert || alert.To(sends.Channel) is not { Status: DeliveryStatus.Waiting } delivery || delivery.At > now)
            return this;
        return With(alert.With(delivery with { Status = DeliveryStatus.Sending, Tries = delivery.Tries + 1, At = now + bounds.UnheardAfter }));
    }

    private Watch Sent(News.Sent sent, DateTimeOffset now, AlertBounds bounds)
    {
        if (Find(sent.Number) is not { } alert || alert.To(sent.Channel) is not { } delivery || delivery.Tries != sent.Tries) return this;
        if (sent.Fault is null)
            return delivery.Status == DeliveryStatus.Sent ? this
                : With(alert.With(delivery with { Status = DeliveryStatus.Sent, SentAt = now, Fault = null }));
        return delivery.Status == DeliveryStatus.Sending ? With(alert.With(Failed(delivery, sent.Fault, now, bounds))) : this;
    }

    /// <summary>Tries of which nothing was heard are made again: who made them died, or could not store what came of it.</summary>
    private Watch Unheard(DateTimeOffset now, AlertBounds bounds)
    {
        var next = this;
        foreach (var alert in Alerts)
            foreach (var delivery in alert.Deliveries)
                if (delivery.Status == DeliveryStatus.Sending && delivery.At <= now)
                    next = next.With(next.Find(alert.Number)!.With(Failed(delivery, Lost, now, bounds) is { Status: DeliveryStatus.Waiting } again
                        ? again with { At = now } : Failed(delivery, Lost, now, bounds)));
        return next;
    }

    private static readonly Fault Lost = new(
        FaultKind.Unavailable, AlertCodes.Unheard, "The process that sent the message ended before it said what came of it.");

    private static Delivery Failed(Delivery delivery, Fault fault, DateTimeOffset now, AlertBounds bounds)
    {
        var tries = delivery.Tries - delivery.Before;
        return delivery with
        {
            Status = tries >= bounds.TriesMax ? DeliveryStatus.Dead : DeliveryStatus.Waiting, At = now + bounds.Wait(tries), Fault = fault,
        };
    }

    /// <summary>Also what was silenced can be sent, to those to whom the rule would have sent it.</summary>
    private Watch Resend(News.Resend resend, DateTimeOffset now)
    {
        if (Find(resend.Number) is not { } alert) return this;
        ImmutableArray<Delivery> deliveries = alert is { Silenced: not null, Deliveries: [] } && Incidents.GetValueOrDefault(alert.On) is { } incident
            ? [.. incident.Rule.To.Select(channel => new Delivery(channel, DeliveryStatus.Waiting, 0, 0, now))]
            : [.. alert.Deliveries.Select(one => one.Status == DeliveryStatus.Dead || one.Status == DeliveryStatus.Waiting
                || one.Status == DeliveryStatus.Sent && resend.Everywhere
                ? one with { Status = DeliveryStatus.Waiting, Before = one.Tries, At = now } : one)];
        return With(alert with { Deliveries = deliveries });
    }

    private Watch With(Incident incident) => this with { Incidents = Incidents.SetItem(incident.Rule.On, incident) };

    private Watch With(Alert alert) => this with { Alerts = [.. Alerts.Select(other => other.Number == alert.Number ? alert : other)] };
}
