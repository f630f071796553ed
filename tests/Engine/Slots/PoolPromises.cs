using System.Collections.Immutable;
using OrleansEtl.Engine.Slots;

namespace OrleansEtl.Engine.Tests.Slots;

/// <summary>What is true of every pool after every command.</summary>
internal static class PoolPromises
{
    public static void Kept(SlotPool before, ImmutableArray<SlotEvent> events, SlotPool after)
    {
        var held = after.Holding.Values.Aggregate(SlotNeed.None, (sum, ask) => sum.Plus(ask.Need));
        Hold(held == after.Held, "what is held is the sum of what tickets hold");

        var pool = before;
        foreach (var happened in events)
        {
            pool = SlotPool.Apply(pool, happened);
            if (happened is SlotEvent.Granted) Hold(pool.Held.IsWithin(pool.Capacity), "no grant goes above the capacity");
        }
        foreach (var (_, first) in after.Line)
        {
            Hold(!after.Held.Plus(first.Need).IsWithin(after.Capacity), "nothing is idle while the first in line fits");
            break;
        }
        foreach (var ask in after.Line.Values)
        {
            Hold(ask.Need.IsWithin(after.Capacity), "who stands in line can be served one day");
            Hold(after.Waits(ask.Ticket) && !after.Holds(ask.Ticket), "a ticket waits or holds");
        }
        Hold(after.Line.Count <= SlotPool.WaitingMax, "the line is bounded");

        var newly = SlotPool.Owed(after, events).OfType<SlotDebt.Grant>().Select(debt => debt.Ticket);
        var expected = SlotPool.Owed(after).OfType<SlotDebt.Grant>().Select(debt => debt.Ticket).Except(before.Holding.Keys);
        Hold(newly.ToHashSet().SetEquals(expected), "who newly holds is told");
    }

    private static void Hold(bool promise, string words)
    {
        if (!promise) throw new BrokenPromise($"Broken: {words}.");
    }
}
