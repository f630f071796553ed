using System.Collections.Immutable;

namespace OrleansEtl.Engine.Limits;

public sealed partial record Limit
{
    /// <summary>The namespace of a pipeline: its name up to the first dot. <c>shop.orders</c> and <c>shop.stock</c> share their turns.</summary>
    public static string NamespaceOf(string pipeline) => pipeline.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? pipeline[..dot] : pipeline;

    /// <summary>Where the ticket stands in line; null: it does not.</summary>
    public LimitWait? WaitOf(LimitTicket ticket, DateTimeOffset now)
    {
        if (Line.Of(ticket) is not { } ask) return null;
        if (Spec is null) return new LimitWait(Name, ask.Since, 0, LimitCause.NotSet);
        var before = Line.Before(ask, ShareOf);
        if (Pause is not null) return new LimitWait(Name, ask.Since, before, LimitCause.Paused);
        if (ask.Weight > WeightMax) return new LimitWait(Name, ask.Since, before, LimitCause.TooLarge);
        var opens = Line.Next(WeightMax) is { } next ? OpenFor(next.Weight, now) : null;
        return opens > now
            ? new LimitWait(Name, ask.Since, before, LimitCause.Rate, opens)
            : new LimitWait(Name, ask.Since, before, LimitCause.Held);
    }

    /// <summary>As people see it; null: there is nothing to see.</summary>
    public LimitView? View() => Spec is null && Line.Count == 0 && HoldersCount == 0 ? null : new LimitView(
        Name, Spec, Pause, Held, HoldersCount,
        [.. Holds.Values.OrderBy(hold => hold.Since).Take(LimitView.ShownMax).Select(hold => Person(hold.Ask, hold.Since))],
        Line.Count, InOrder(), Acts);

    /// <summary>The first of the line as they would be let in.</summary>
    private ImmutableArray<LimitHolder> InOrder()
    {
        var (line, order) = (Line, ImmutableArray.CreateBuilder<LimitHolder>());
        while (order.Count < LimitView.ShownMax && line.Next(int.MaxValue) is { } next)
        {
            order.Add(Person(next, next.Since));
            line = line.LetIn(next, ShareOf(next.Namespace));
        }
        return order.DrainToImmutable();
    }

    private static LimitHolder Person(LimitAsk ask, DateTimeOffset since) =>
        new(ask.Ticket, ask.For, ask.Namespace, ask.Weight, ask.Priority, since);
}
