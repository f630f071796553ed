using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Limits;

public sealed partial record Limit
{
    /// <summary>What the command makes happen. Decides, changes nothing.</summary>
    public static LimitDecision Decide(Limit limit, LimitCommand command, DateTimeOffset now) => command switch
    {
        LimitCommand.Ask ask => DecideAsk(limit, ask.For, now),
        LimitCommand.Release release => Draft(limit, Leaving(limit, release.Ticket, also: true, now), now),
        LimitCommand.Leave leave => Draft(limit, Leaving(limit, leave.Ticket, also: false, now), now),
        LimitCommand.Renew renew => Draft(limit,
            [.. renew.Tickets.Distinct().Where(limit.IsHeldBy).Select(ticket => new LimitEvent.Heard(now, ticket))], now),
        LimitCommand.Elapse => Draft(limit,
            [.. limit.Line.SilentSince(now - LimitBounds.WaiterPatience).Select(ticket => new LimitEvent.Withdrawn(now, ticket))], now),
        LimitCommand.Order order => DecideOrder(limit, order.Wish, now),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static LimitDecision DecideAsk(Limit limit, LimitAsk ask, DateTimeOffset now)
    {
        if (limit.IsHeldBy(ask.Ticket) || limit.Line.Has(ask.Ticket)) return Draft(limit, [new LimitEvent.Heard(now, ask.Ticket)], now);
        var seat = LimitSeat.OfStage(ask.Ticket); // also a slice is newer than the attempt that listed the items
        var known = limit.Holds.GetValueOrDefault(seat)?.Ask ?? limit.Line.Of(seat);
        if (known is not null && known.Ticket.Attempt.CompareTo(ask.Ticket.Attempt) > 0) return Outdated(limit, ask, known);
        if (limit.Spec is { } spec && (spec.Of == LimitOf.Runs) != (ask.Ticket.Stage is null)) return OtherScope(limit, spec);
        if (known is null && limit.Line.Count >= LimitBounds.WaitingMax)
            return Refuse(FaultKind.Exhausted, LimitCodes.LineFull, $"{LimitBounds.WaitingMax} wait for limit {limit.Name} already.",
                "Start fewer runs at once, or raise it with: etl limits set " + limit.Name);
        var before = known is null ? [] : Leaving(limit, known.Ticket, also: true, now);
        return Draft(limit, [.. before, new LimitEvent.Queued(now, ask with { Weight = Math.Max(1, ask.Weight) })], now);
    }

    /// <param name="also">Whether it also gives back what it holds.</param>
    private static ImmutableArray<LimitEvent> Leaving(Limit limit, LimitTicket ticket, bool also, DateTimeOffset now) =>
        limit.Line.Has(ticket) ? [new LimitEvent.Withdrawn(now, ticket)]
        : also && limit.IsHeldBy(ticket) ? [new LimitEvent.Released(now, ticket)]
        : [];

    private static LimitDecision DecideOrder(Limit limit, LimitOrder wish, DateTimeOffset now)
    {
        if (wish is LimitOrder.Set set) return DecideSet(limit, set, now);
        if (limit.Spec is null && wish is not LimitOrder.Free)
            return Refuse(FaultKind.NotFound, LimitCodes.NoLimit, $"There is no limit {limit.Name}.", "See which there are: etl limits list");
        switch (wish)
        {
            case LimitOrder.Delete delete:
                return limit.HoldersCount == 0 && limit.Line.Count == 0 ? Draft(limit, [new LimitEvent.Deleted(now, delete.By)], now)
                    : InUse(limit, "cannot be deleted", $"See who they are: etl limits show {limit.Name}");
            case LimitOrder.Pause pause:
                if (limit.Pause is not null) return LimitDecision.Nothing;
                return TooLong(pause.Reason, pause.By) ?? Draft(limit, [new LimitEvent.Paused(now, pause.Reason, pause.By)], now);
            case LimitOrder.Resume resume:
                if (limit.Pause is null) return LimitDecision.Nothing;
                return TooLong(resume.By) ?? Draft(limit, [new LimitEvent.Resumed(now, resume.By)], now);
            case LimitOrder.Free free:
                if (!limit.IsHeldBy(free.Ticket))
                    return Refuse(FaultKind.NotFound, LimitCodes.NoHolder, $"{free.Ticket} does not hold limit {limit.Name}.",
                        $"See who does: etl limits show {limit.Name}");
                return TooLong(free.Reason, free.By) ?? Draft(limit, [new LimitEvent.Freed(now, free.Ticket, free.Reason, free.By)], now);
            default: throw new UnreachableException(wish.GetType().Name);
        }
    }

    private static LimitDecision DecideSet(Limit limit, LimitOrder.Set set, DateTimeOffset now)
    {
        if (LimitCheck.Fault(limit.Name, set.Spec) is { } wrong) return new LimitDecision.Refused(wrong);
        if (limit.Spec is { } before && (set.UnlessSet || LimitCheck.AreSame(before, set.Spec))) return LimitDecision.Nothing;
        var others = limit.Holders.Concat(limit.Line.All.Select(ask => ask.Ticket));
        if (others.Any(ticket => ticket.Stage is null != (set.Spec.Of == LimitOf.Runs)))
            return InUse(limit, $"cannot become one of {set.Spec.Of.ToString().ToLowerInvariant()}", "Give the other one another name.");
        return TooLong(set.By) ?? Draft(limit, [new LimitEvent.Changed(now, set.Spec, set.By)], now);
    }

    /// <summary>These events, and then grants for as long as the next in line may come in.</summary>
    private static LimitDecision.Accepted Draft(Limit limit, ImmutableArray<LimitEvent> events, DateTimeOffset now)
    {
        limit = events.Aggregate(limit, Apply);
        var all = events.ToBuilder();
        while (limit.Line.Next(limit.WeightMax) is { } next && limit.OpenFor(next.Weight, now) <= now)
        {
            all.Add(new LimitEvent.Granted(now, next.Ticket));
            limit = Apply(limit, all[^1]);
        }
        return new LimitDecision.Accepted(all.DrainToImmutable());
    }

    private static LimitDecision.Refused Refuse(FaultKind kind, string code, string message, string? hint = null) =>
        new(new Fault(kind, code, message, null, hint));

    private static LimitDecision.Refused Outdated(Limit limit, LimitAsk ask, LimitAsk newer) => Refuse(
        FaultKind.Fenced, LimitCodes.Outdated, $"{ask.Ticket} asks for limit {limit.Name}, for which attempt {newer.Ticket.Attempt} has asked.");

    private static LimitDecision.Refused OtherScope(Limit limit, LimitSpec spec) => Refuse(
        FaultKind.Invalid, LimitCodes.OtherScope,
        $"Limit {limit.Name} is one of {spec.Of.ToString().ToLowerInvariant()}.",
        spec.Of == LimitOf.Runs ? "Name it in `limits` of the pipeline, not of a step." : "Name it in `limits` of a step, not of the pipeline.");

    private static LimitDecision.Refused InUse(Limit limit, string what, string hint) => Refuse(
        FaultKind.Conflict, LimitCodes.InUse,
        $"Limit {limit.Name} {what}: {limit.HoldersCount} hold it and {limit.Line.Count} wait for it.", hint);

    private static LimitDecision? TooLong(params ReadOnlySpan<string?> said)
    {
        foreach (var text in said)
            if (text?.Length > LimitBounds.SaidMax)
                return Refuse(FaultKind.Invalid, LimitCodes.WrongSpec,
                    $"A text has {text.Length} characters; a reason or a name has at most {LimitBounds.SaidMax}.");
        return null;
    }
}
