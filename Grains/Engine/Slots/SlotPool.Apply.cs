using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Slots;

public sealed partial record SlotPool
{
    /// <summary>The pool after the event. Total over every history that <see cref="Decide"/> can write; it decides nothing.</summary>
    public static SlotPool Apply(SlotPool pool, SlotEvent happened) => happened switch
    {
        SlotEvent.Queued e => pool.Queue(e.Ask),
        SlotEvent.Granted e => pool.Grant(e.Ticket),
        SlotEvent.Released e => pool with
        {
            Held = pool.Held.Minus(pool.Holding[e.Ticket].Need), Holding = pool.Holding.Remove(e.Ticket),
        },
        SlotEvent.Withdrawn e => pool.WithoutPlace(e.Ticket),
        SlotEvent.TurnedAway e => pool.WithoutPlace(e.Ticket),
        SlotEvent.Resized e => pool with { Capacity = e.Capacity },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    /// <summary>All that the pool owes. An ask that was turned away is forgotten: who asks again is refused with the same words.</summary>
    public static ImmutableArray<SlotDebt> Owed(SlotPool pool) =>
        [.. pool.Holding.Keys.Select(ticket => new SlotDebt.Grant(ticket))];

    /// <summary>What these events newly owe, on the pool as it is after them.</summary>
    public static ImmutableArray<SlotDebt> Owed(SlotPool pool, ImmutableArray<SlotEvent> events)
    {
        var debts = ImmutableArray.CreateBuilder<SlotDebt>();
        foreach (var happened in events)
            switch (happened)
            {
                case SlotEvent.Granted e when pool.Holds(e.Ticket): debts.Add(new SlotDebt.Grant(e.Ticket)); break;
                case SlotEvent.TurnedAway e: debts.Add(new SlotDebt.TurnAway(e.Ticket, e.Fault)); break;
                case SlotEvent.Granted or SlotEvent.Queued or SlotEvent.Released or SlotEvent.Withdrawn or SlotEvent.Resized: break;
                default: throw new UnreachableException(happened.GetType().Name);
            }
        return debts.DrainToImmutable();
    }

    private SlotAsk First
    {
        get
        {
            foreach (var (_, ask) in Line) return ask;
            throw new UnreachableException("nobody stands in line");
        }
    }

    private SlotPool Queue(SlotAsk ask)
    {
        var place = SlotPlace.Of(Arrivals, ask.Priority);
        return this with { Arrivals = Arrivals + 1, Line = Line.Add(place, ask), Places = Places.Add(ask.Ticket, place) };
    }

    private SlotPool Grant(SlotTicket ticket)
    {
        var ask = Line[Places[ticket]];
        return WithoutPlace(ticket) with { Held = Held.Plus(ask.Need), Holding = Holding.Add(ticket, ask) };
    }

    private SlotPool WithoutPlace(SlotTicket ticket) =>
        this with { Line = Line.Remove(Places[ticket]), Places = Places.Remove(ticket) };
}
