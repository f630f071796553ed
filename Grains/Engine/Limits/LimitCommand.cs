using System.Collections.Immutable;

namespace OrleansEtl.Engine.Limits;

/// <summary>What may be asked of a limit.</summary>
public abstract record LimitCommand
{
    private LimitCommand() { }

    /// <summary>Asks for it. Asking again with a ticket that waits or holds says that it is still there, and changes nothing else; a newer
    /// attempt takes the place of an older one, which is dead, unless it is a slice: slices run beside each other.</summary>
    public sealed record Ask(LimitAsk For) : LimitCommand;

    /// <summary>Gives it back, or leaves the line. A ticket that is not known changes nothing.</summary>
    public sealed record Release(LimitTicket Ticket) : LimitCommand;

    /// <summary>Leaves the line, and holds on to what it holds.</summary>
    public sealed record Leave(LimitTicket Ticket) : LimitCommand;

    /// <summary>These holders are alive.</summary>
    public sealed record Renew(ImmutableArray<LimitTicket> Tickets) : LimitCommand;

    /// <summary>Time has passed: the rate may let somebody in, and who has not asked for long has left the line.</summary>
    public sealed record Elapse : LimitCommand;

    public sealed record Order(LimitOrder Wish) : LimitCommand;
}

/// <summary>All that can happen to a limit.</summary>
public abstract record LimitEvent
{
    private LimitEvent(DateTimeOffset at) => At = at;

    public DateTimeOffset At { get; init; }

    /// <summary>Whether it must be stored before anybody is told. The line is not: those in it ask again.</summary>
    public bool IsDurable => this is not (Queued or Withdrawn or Heard);

    public sealed record Queued(DateTimeOffset At, LimitAsk Ask) : LimitEvent(At);
    /// <summary>The ticket holds it now, and its weight counts against the rate.</summary>
    public sealed record Granted(DateTimeOffset At, LimitTicket Ticket) : LimitEvent(At);
    public sealed record Released(DateTimeOffset At, LimitTicket Ticket) : LimitEvent(At);
    public sealed record Withdrawn(DateTimeOffset At, LimitTicket Ticket) : LimitEvent(At);
    /// <summary>The ticket is still there.</summary>
    public sealed record Heard(DateTimeOffset At, LimitTicket Ticket) : LimitEvent(At);

    public sealed record Changed(DateTimeOffset At, LimitSpec Spec, string? By) : LimitEvent(At);
    public sealed record Deleted(DateTimeOffset At, string? By) : LimitEvent(At);
    public sealed record Paused(DateTimeOffset At, string Reason, string? By) : LimitEvent(At);
    public sealed record Resumed(DateTimeOffset At, string? By) : LimitEvent(At);
    /// <summary>Somebody took it from its holder.</summary>
    public sealed record Freed(DateTimeOffset At, LimitTicket Ticket, string Reason, string? By) : LimitEvent(At);
}

/// <summary>What a limit answers to a command.</summary>
public abstract record LimitDecision
{
    private LimitDecision() { }

    public sealed record Accepted(ImmutableArray<LimitEvent> Events) : LimitDecision;
    public sealed record Refused(Fault Fault) : LimitDecision;

    public static readonly Accepted Nothing = new([]);
}

/// <summary>What a limit owes the world. Paying twice is harmless: each carries its ticket.</summary>
public abstract record LimitDebt
{
    private LimitDebt() { }

    /// <summary>Tell the ticket that it holds the limit.</summary>
    public sealed record Grant(LimitTicket Ticket) : LimitDebt;

    /// <summary>Ask the run of a holder that is silent whether it still lives; if not, release it.</summary>
    public sealed record AskAfter(LimitTicket Ticket) : LimitDebt;

    /// <summary>Let time pass then.</summary>
    public sealed record Wake(DateTimeOffset At) : LimitDebt;
}
