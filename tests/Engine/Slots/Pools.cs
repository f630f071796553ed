using OrleansEtl.Engine.Slots;

namespace OrleansEtl.Engine.Tests.Slots;

/// <summary>A pool that hears commands one after another, and what happened in it, in words.</summary>
internal sealed class Pools(int cpus, long memory = 1000)
{
    public SlotPool Pool { get; private set; } = SlotPool.Of(new SlotNeed(cpus, memory));
    public List<SlotEvent> History { get; } = [];

    public static SlotTicket Ticket(int number) => new(Given.Id, number, new Attempt(1));

    public static SlotCommand Ask(int ticket, int cpus = 1, long memory = 0, int priority = 0, string holder = "h") =>
        new SlotCommand.Ask(new SlotAsk(Ticket(ticket), new SlotHolder(holder), new SlotNeed(cpus, memory), priority));

    public static SlotCommand Release(int ticket) => new SlotCommand.Release(Ticket(ticket));
    public static SlotCommand Died(string holder) => new SlotCommand.HolderDied(new SlotHolder(holder));
    public static SlotCommand Resize(int cpus, long memory = 1000) => new SlotCommand.Resize(new SlotNeed(cpus, memory));

    public static Pools With(int cpus, params SlotCommand[] commands)
    {
        var pools = new Pools(cpus);
        foreach (var command in commands) pools.Tell(command);
        return pools;
    }

    /// <summary>What the command made happen; refusals by their code.</summary>
    public string Tell(SlotCommand command)
    {
        var before = Pool;
        switch (SlotPool.Decide(Pool, command))
        {
            case SlotDecision.Accepted { Events: var events }:
                Pool = events.Aggregate(before, SlotPool.Apply);
                History.AddRange(events);
                PoolPromises.Kept(before, events, Pool);
                return string.Join(", ", events.Select(Say));
            case SlotDecision.Refused refused: return "refused " + refused.Fault.Code;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string Say(SlotEvent happened) => happened switch
    {
        SlotEvent.Queued e => $"queued {e.Ask.Ticket.Stage}",
        SlotEvent.Granted e => $"granted {e.Ticket.Stage}",
        SlotEvent.Released e => $"released {e.Ticket.Stage}",
        SlotEvent.Withdrawn e => $"withdrawn {e.Ticket.Stage}",
        SlotEvent.TurnedAway e => $"turned away {e.Ticket.Stage} {e.Fault.Code}",
        SlotEvent.Resized e => $"resized {e.Capacity.Cpus}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
