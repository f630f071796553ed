using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Limits;

public sealed partial record Limit
{
    /// <summary>The limit after the event. Total over every history that <see cref="Decide"/> can write; it decides nothing.</summary>
    public static Limit Apply(Limit limit, LimitEvent happened) => happened switch
    {
        LimitEvent.Queued e => limit with { Line = limit.Line.With(e.Ask, e.At) },
        LimitEvent.Granted e => limit.LetIn(limit.Line.Of(e.Ticket)!, e.At),
        LimitEvent.Released e => limit.Without(e.Ticket),
        LimitEvent.Withdrawn e => limit with { Line = limit.Line.Without(limit.Line.Of(e.Ticket)!) },
        LimitEvent.Heard e => limit.Heard(e.Ticket, e.At),
        LimitEvent.Changed e => limit.Noted(e, $"set to {Describe(e.Spec)}", e.By) with
        {
            Spec = e.Spec, Level = e.Spec.Rate is { } rate ? limit.Level.Under(rate, e.At) : RateLevel.Full,
        },
        LimitEvent.Deleted => Named(limit.Name),
        LimitEvent.Paused e => limit.Noted(e, $"paused: {e.Reason}", e.By) with { Pause = new LimitPause(e.At, e.Reason, e.By) },
        LimitEvent.Resumed e => limit.Noted(e, "resumed", e.By) with { Pause = null },
        LimitEvent.Freed e => limit.Without(e.Ticket).Noted(e, $"released {e.Ticket}: {e.Reason}", e.By),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    /// <summary>All that the limit owes.</summary>
    public static ImmutableArray<LimitDebt> Owed(Limit limit, DateTimeOffset now)
    {
        var debts = ImmutableArray.CreateBuilder<LimitDebt>();
        foreach (var hold in limit.Holds.Values)
        {
            debts.Add(new LimitDebt.Grant(hold.Ask.Ticket));
            if (hold.HeardAt + LimitBounds.HolderPatience <= now) debts.Add(new LimitDebt.AskAfter(hold.Ask.Ticket));
        }
        if (limit.NextWake(now) is { } at) debts.Add(new LimitDebt.Wake(at));
        return debts.DrainToImmutable();
    }

    /// <summary>When to look again, for those who wait; null: nobody does. Without them, a silent holder keeps nobody out.</summary>
    public DateTimeOffset? NextWake(DateTimeOffset now)
    {
        if (Line.Count == 0) return null;
        var look = now + LimitBounds.LookEvery;
        return Line.Next(WeightMax) is { } next && OpenFor(next.Weight, now) is { } open && open < look ? open : look;
    }

    private Limit LetIn(LimitAsk ask, DateTimeOffset at) => this with
    {
        Line = Line.LetIn(ask, ShareOf(ask.Namespace)),
        Holds = Holds.Add(LimitSeat.Of(ask), new Hold(ask, at, at)),
        Held = Held + ask.Weight,
        Level = Spec!.Rate is { } rate ? Level.Taken(rate, ask.Weight, at) : Level,
    };

    private Limit Without(LimitTicket ticket)
    {
        var ask = HoldOf(ticket)!.Ask;
        return this with { Held = Held - ask.Weight, Holds = Holds.Remove(LimitSeat.Of(ask)) };
    }

    private Limit Heard(LimitTicket ticket, DateTimeOffset at) => HoldOf(ticket) is { } hold
        ? this with { Holds = Holds.SetItem(LimitSeat.Of(hold.Ask), hold with { HeardAt = at }) }
        : this with { Line = Line.Heard(Line.Of(ticket)!, at) };

    private Limit Noted(LimitEvent happened, string what, string? by)
    {
        var kept = Acts.Length < LimitBounds.ActsMax ? Acts : Acts.RemoveAt(Acts.Length - 1);
        return this with { Acts = kept.Insert(0, new LimitAct(happened.At, what, by)) };
    }

    /// <summary><c>concurrency 5, rate 100/1m, of runs</c></summary>
    public static string Describe(LimitSpec spec) => string.Join(", ", new[]
    {
        spec.Concurrency is { } most ? $"concurrency {most}" : null,
        spec.Rate is { } rate ? $"rate {rate}" : null,
        spec.Of == LimitOf.Runs ? "of runs" : null,
        spec.Shares.IsEmpty ? null : "shares " + string.Join(" ", spec.Shares.Select(share => $"{share.Namespace}={share.Share}")),
    }.OfType<string>());
}
