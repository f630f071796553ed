using System.Collections.Immutable;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Engine.Tests.Limits;

/// <summary>A limit that hears commands one after another, at the time of a clock that the test moves, and what happened in it, in words.
/// After each command all promises of limits are held against it.</summary>
internal sealed class Desk
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public Limit Limit { get; set; } = Limit.Named("api");
    public DateTimeOffset Now { get; set; } = Noon;
    public List<LimitEvent> History { get; } = [];

    public static Desk With(int? concurrency = null, LimitRate? rate = null, params LimitShare[] shares)
    {
        var desk = new Desk();
        desk.Tell(Set(concurrency, rate, shares: shares));
        return desk;
    }

    public static LimitCommand Set(int? concurrency, LimitRate? rate = null, LimitOf of = LimitOf.Steps, params LimitShare[] shares) =>
        Order(new LimitOrder.Set(new LimitSpec(concurrency, rate, of, [.. shares]), "ann"));

    public static LimitCommand Order(LimitOrder order) => new LimitCommand.Order(order);

    public static LimitTicket Ticket(int number, int attempt = 1) => new(Given.Id, number, new Attempt(attempt));

    public LimitCommand Ask(int number, int weight = 1, int priority = 0, string of = "n", int attempt = 1, DateTimeOffset? since = null) =>
        new LimitCommand.Ask(new LimitAsk(Ticket(number, attempt), weight, priority, of, since ?? Now, "test"));

    public string SliceAsks(int number, int attempt) => Tell(AskOfSlice(number, attempt));

    public LimitCommand AskOfSlice(int number, int attempt, int weight = 1) =>
        new LimitCommand.Ask(new LimitAsk(Ticket(number, attempt), weight, 0, "n", Now, "test", IsSlice: true));

    public static LimitCommand Release(int number, int attempt = 1) => new LimitCommand.Release(Ticket(number, attempt));

    public string Asks(int number, int weight = 1, int priority = 0, string of = "n", int attempt = 1, DateTimeOffset? since = null) =>
        Tell(Ask(number, weight, priority, of, attempt, since));

    public string Pass(TimeSpan time)
    {
        Now += time;
        return Tell(new LimitCommand.Elapse());
    }

    /// <summary>What the command made happen; refusals by their code.</summary>
    public string Tell(LimitCommand command)
    {
        var before = Limit;
        switch (Limit.Decide(Limit, command, Now))
        {
            case LimitDecision.Accepted { Events: var events }:
                Limit = events.Aggregate(before, Limit.Apply);
                History.AddRange(events);
                LimitPromises.Kept(this, before, events);
                return string.Join(", ", events.Select(Say));
            case LimitDecision.Refused refused: return "refused " + refused.Fault.Code;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    public static string Say(LimitEvent happened) => happened switch
    {
        LimitEvent.Queued e => $"queued {Number(e.Ask.Ticket)}",
        LimitEvent.Granted e => $"granted {Number(e.Ticket)}",
        LimitEvent.Released e => $"released {Number(e.Ticket)}",
        LimitEvent.Withdrawn e => $"withdrawn {Number(e.Ticket)}",
        LimitEvent.Heard e => $"heard {Number(e.Ticket)}",
        LimitEvent.Freed e => $"freed {Number(e.Ticket)}",
        LimitEvent.Changed => "changed",
        LimitEvent.Deleted => "deleted",
        LimitEvent.Paused => "paused",
        LimitEvent.Resumed => "resumed",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Number(LimitTicket ticket) =>
        ticket.Stage is null ? "run" : $"{ticket.Stage}{(ticket.Attempt.Number == 1 ? "" : $"/{ticket.Attempt}")}";
}

/// <summary>What is true of every limit after every command.</summary>
internal static class LimitPromises
{
    public static void Kept(Desk desk, Limit before, ImmutableArray<LimitEvent> events)
    {
        var after = desk.Limit;
        var (limit, holders) = (before, before.HoldersCount);
        foreach (var happened in events)
        {
            limit = Limit.Apply(limit, happened);
            holders += happened switch { LimitEvent.Granted => 1, LimitEvent.Released or LimitEvent.Freed => -1, _ => 0 };
            if (happened is not LimitEvent.Granted) continue;
            Hold(limit is { Spec: not null, Pause: null }, "nobody is let in by a limit that is paused or not set");
            if (limit.Spec!.Concurrency is { } most) Hold(limit.Held <= most, "no grant goes above the concurrency");
        }
        Hold(holders == after.HoldersCount, "who is let in holds, until it is released");
        var view = after.View();
        if (after.HoldersCount <= LimitView.ShownMax)
            Hold((view?.Holders.Sum(holder => (long)holder.Weight) ?? 0) == after.Held, "what is held is the sum of what tickets hold");
        foreach (var ask in after.Line.All) Hold(!after.IsHeldBy(ask.Ticket), "a ticket waits or holds");
        if (after is { Spec: { Rate: null, Concurrency: { } all }, Pause: null } && after.Line.Next(all) is { } next)
            Hold(after.Held + next.Weight > all, "nothing is idle while the next in line fits");
        var again = Limit.Named(after.Name).With(after.State(), desk.Now);
        Hold(again.Held == after.Held && again.Holders.ToHashSet().SetEquals(after.Holders), "what is stored is all that is held");
    }

    /// <summary>In any time, no more than the burst and what flows in meanwhile.</summary>
    public static void RateKept(IReadOnlyList<(DateTimeOffset At, int Weight)> granted, LimitRate rate)
    {
        for (var from = 0; from < granted.Count; from++)
        {
            var sum = 0L;
            for (var to = from; to < granted.Count; to++)
            {
                sum += granted[to].Weight;
                var most = rate.Burst + (decimal)(granted[to].At - granted[from].At).Ticks * rate.Count / rate.Per.Ticks;
                Hold(sum <= most, $"{sum} were let in within {granted[to].At - granted[from].At}, at a rate of {rate}");
            }
        }
    }

    private static void Hold(bool promise, string words)
    {
        if (!promise) throw new BrokenPromise($"Broken: {words}.");
    }
}
