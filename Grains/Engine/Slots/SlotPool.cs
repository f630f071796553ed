using System.Collections.Immutable;

namespace OrleansEtl.Engine.Slots;

/// <summary>
/// The slots of one process as a value: who holds how much processor and memory, and who waits. Like a run it has three pure functions:
/// <see cref="Decide"/>, <see cref="Apply"/> and <see cref="Owed(SlotPool)"/>.
///
/// Promised here: no grant takes more than is free, so what is held is never above the capacity (but right after the capacity
/// shrank, until enough is released); the first in line gets its slots as soon as they are free; an ask is overtaken by at most
/// <see cref="OvertakersMax"/> later ones, so the big and the unimportant have their turn too; a holder that died holds nothing.
/// The price: while the first in line waits for more than is free, smaller asks behind it wait too.
/// Not promised here: that a ticket which was released is not asked for again. A ticket is used once.
/// </summary>
public sealed partial record SlotPool
{
    /// <summary>Asks that wait, at most: each is an attempt that somebody else could run meanwhile.</summary>
    public const int WaitingMax = 100_000;

    /// <summary>Priorities from 0, the lowest, to 9.</summary>
    public const int PriorityMax = 9;

    /// <summary>How many earlier asks a later one passes for each step of priority that it is above them. This ages priorities
    /// without a clock: after so many later asks, an earlier one of lower priority stands before all that follow.</summary>
    public const int OvertakersPerPriority = 32;

    public const int OvertakersMax = PriorityMax * OvertakersPerPriority;

    private SlotPool(SlotNeed capacity) => Capacity = capacity;

    public static SlotPool Of(SlotNeed capacity) => new(capacity);

    public SlotNeed Capacity { get; private init; }
    public SlotNeed Held { get; private init; } = SlotNeed.None;
    public ImmutableDictionary<SlotTicket, SlotAsk> Holding { get; private init; } = ImmutableDictionary<SlotTicket, SlotAsk>.Empty;

    /// <summary>The line, first in line first.</summary>
    public ImmutableSortedDictionary<SlotPlace, SlotAsk> Line { get; private init; } = ImmutableSortedDictionary<SlotPlace, SlotAsk>.Empty;

    private ImmutableDictionary<SlotTicket, SlotPlace> Places { get; init; } = ImmutableDictionary<SlotTicket, SlotPlace>.Empty;

    /// <summary>Asks that have ever stood in line.</summary>
    private long Arrivals { get; init; }

    public bool Holds(SlotTicket ticket) => Holding.ContainsKey(ticket);
    public bool Waits(SlotTicket ticket) => Places.ContainsKey(ticket);

    private bool Fits(SlotNeed need) => !ShortFor(need).IsAny;
}

/// <summary>One attempt of a stage, which asks for slots and holds them.</summary>
public readonly record struct SlotTicket(RunId Run, int Stage, Attempt Attempt);

/// <summary>Who lives and dies with its tickets: an activation, a process.</summary>
public readonly record struct SlotHolder(string Value)
{
    public override string ToString() => Value;
}

/// <summary>An amount of slots.</summary>
public readonly record struct SlotNeed
{
    public static readonly SlotNeed None = new(0, 0);

    public SlotNeed(int cpus, long memoryBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpus);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryBytes);
        (Cpus, MemoryBytes) = (cpus, memoryBytes);
    }

    public int Cpus { get; }
    public long MemoryBytes { get; }

    public bool IsWithin(SlotNeed other) => Cpus <= other.Cpus && MemoryBytes <= other.MemoryBytes;
    public SlotNeed Plus(SlotNeed other) => new(checked(Cpus + other.Cpus), checked(MemoryBytes + other.MemoryBytes));
    public SlotNeed Minus(SlotNeed other) => new(Cpus - other.Cpus, MemoryBytes - other.MemoryBytes);
    public override string ToString() => $"{Cpus} cpu slots and {MemoryBytes} bytes of memory";
}

/// <param name="Priority">0, the lowest, to <see cref="SlotPool.PriorityMax"/>.</param>
public sealed record SlotAsk(SlotTicket Ticket, SlotHolder Holder, SlotNeed Need, int Priority);

/// <summary>Where an ask stands in line: by arrival, priority counted as an earlier arrival.</summary>
public readonly record struct SlotPlace(long Rank, long Arrival) : IComparable<SlotPlace>
{
    public static SlotPlace Of(long arrival, int priority) => new(arrival - (long)priority * SlotPool.OvertakersPerPriority, arrival);

    /// <summary>Of equal ranks the later arrival is the more important one.</summary>
    public int CompareTo(SlotPlace other) => Rank != other.Rank ? Rank.CompareTo(other.Rank) : other.Arrival.CompareTo(Arrival);
}
