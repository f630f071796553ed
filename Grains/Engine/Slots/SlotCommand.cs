using System.Collections.Immutable;

namespace OrleansEtl.Engine.Slots;

/// <summary>What may be asked of a pool.</summary>
public abstract record SlotCommand
{
    private SlotCommand() { }

    /// <summary>Asks for slots. Asking again with a ticket that waits or holds changes nothing.</summary>
    public sealed record Ask(SlotAsk For) : SlotCommand;

    /// <summary>Gives slots back, or leaves the line. A ticket that the pool does not know changes nothing.</summary>
    public sealed record Release(SlotTicket Ticket) : SlotCommand;

    /// <summary>Nobody is left to release what the holder holds.</summary>
    public sealed record HolderDied(SlotHolder Holder) : SlotCommand;

    /// <summary>Nothing is taken back from those who hold; asks that can never be met any more are turned away.</summary>
    public sealed record Resize(SlotNeed Capacity) : SlotCommand;
}

/// <summary>All that can happen to a pool.</summary>
public abstract record SlotEvent
{
    private SlotEvent() { }

    public sealed record Queued(SlotAsk Ask) : SlotEvent;

    /// <summary>The first in line holds its slots now.</summary>
    public sealed record Granted(SlotTicket Ticket) : SlotEvent;

    /// <summary>The ticket holds nothing any more.</summary>
    public sealed record Released(SlotTicket Ticket) : SlotEvent;

    /// <summary>The ticket left the line of its own accord, or because its holder died.</summary>
    public sealed record Withdrawn(SlotTicket Ticket) : SlotEvent;

    /// <summary>The ticket was taken out of the line: there will never be enough for it.</summary>
    public sealed record TurnedAway(SlotTicket Ticket, Fault Fault) : SlotEvent;

    public sealed record Resized(SlotNeed Capacity) : SlotEvent;
}

/// <summary>What the pool answers to a command.</summary>
public abstract record SlotDecision
{
    private SlotDecision() { }

    public sealed record Accepted(ImmutableArray<SlotEvent> Events) : SlotDecision;
    public sealed record Refused(Fault Fault) : SlotDecision;
}

/// <summary>What a pool owes those who asked. Hearing it twice is harmless: it carries its ticket.</summary>
public abstract record SlotDebt
{
    private SlotDebt() { }

    /// <summary>Tell the ticket that it holds its slots.</summary>
    public sealed record Grant(SlotTicket Ticket) : SlotDebt;

    /// <summary>Tell the ticket that it will never get any.</summary>
    public sealed record TurnAway(SlotTicket Ticket, Fault Fault) : SlotDebt;
}
