using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Slots;

public sealed partial record SlotPool
{
    /// <summary>What the command makes happen. Decides, changes nothing.</summary>
    public static SlotDecision Decide(SlotPool pool, SlotCommand command) => command switch
    {
        SlotCommand.Ask ask => DecideAsk(pool, ask.For),
        SlotCommand.Release release => new SlotDecision.Accepted(Draft(pool, Leaving(pool, release.Ticket))),
        SlotCommand.HolderDied died => new SlotDecision.Accepted(Draft(pool, LeavingWith(pool, died.Holder))),
        SlotCommand.Resize resize => DecideResize(pool, resize.Capacity),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static SlotDecision DecideAsk(SlotPool pool, SlotAsk ask)
    {
        if (pool.Holds(ask.Ticket) || pool.Waits(ask.Ticket)) return new SlotDecision.Accepted([]);
        if (!ask.Need.IsWithin(pool.Capacity)) return new SlotDecision.Refused(TooLarge(ask, pool.Capacity));
        if (pool.Line.Count >= WaitingMax)
            return new SlotDecision.Refused(new Fault(FaultKind.Exhausted, "ETL4231",
                $"{WaitingMax} steps wait for slots already.", null, "Start fewer runs at once, or give this process more."));
        var clamped = ask with { Priority = Math.Clamp(ask.Priority, 0, PriorityMax) };
        return new SlotDecision.Accepted(Draft(pool, [new SlotEvent.Queued(clamped)]));
    }

    private static SlotDecision.Accepted DecideResize(SlotPool pool, SlotNeed capacity)
    {
        if (capacity == pool.Capacity) return new SlotDecision.Accepted([]);
        var turnedAway = pool.Line.Values.Where(ask => !ask.Need.IsWithin(capacity))
            .Select(ask => new SlotEvent.TurnedAway(ask.Ticket, TooLarge(ask, capacity)));
        return new SlotDecision.Accepted(Draft(pool, [new SlotEvent.Resized(capacity), .. turnedAway]));
    }

    private static SlotEvent[] Leaving(SlotPool pool, SlotTicket ticket) =>
        pool.Holds(ticket) ? [new SlotEvent.Released(ticket)]
        : pool.Waits(ticket) ? [new SlotEvent.Withdrawn(ticket)]
        : [];

    private static SlotEvent[] LeavingWith(SlotPool pool, SlotHolder holder) =>
    [
        .. pool.Line.Values.Where(ask => ask.Holder == holder).Select(ask => new SlotEvent.Withdrawn(ask.Ticket)),
        .. pool.Holding.Values.Where(ask => ask.Holder == holder).Select(ask => new SlotEvent.Released(ask.Ticket)),
    ];

    /// <summary>These events, and then grants for as long as the first in line fits.</summary>
    private static ImmutableArray<SlotEvent> Draft(SlotPool pool, SlotEvent[] events)
    {
        if (events.Length == 0) return [];
        pool = events.Aggregate(pool, Apply);
        var all = ImmutableArray.CreateBuilder<SlotEvent>();
        all.AddRange(events);
        while (!pool.Line.IsEmpty && pool.First is var first && pool.Fits(first.Need))
        {
            var granted = new SlotEvent.Granted(first.Ticket);
            all.Add(granted);
            pool = Apply(pool, granted);
        }
        return all.DrainToImmutable();
    }

    private static Fault TooLarge(SlotAsk ask, SlotNeed capacity) => new(FaultKind.Invalid, "ETL4230",
        $"Stage {ask.Ticket.Stage} of run {ask.Ticket.Run} needs {ask.Need}; this process has {capacity} in all.",
        null, "Ask for less, or give the process more.");
}
