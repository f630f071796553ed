namespace OrleansEtl.Engine.Slots;

public sealed partial record SlotPool
{
    /// <summary>Those who wait, first in line first, and what is short for each. One that would fit by itself waits for the first in
    /// line, and so for what is short for that one.</summary>
    public IEnumerable<(SlotTicket Ticket, SlotShortage Short)> Waiting()
    {
        SlotShortage? first = null;
        foreach (var (_, ask) in Line)
        {
            var mine = ShortFor(ask.Need);
            first ??= mine;
            yield return (ask.Ticket, mine.IsAny ? mine : first.Value);
        }
    }

    /// <summary>Subtracts, since sums could overflow; what is free is negative right after the capacity shrank.</summary>
    private SlotShortage ShortFor(SlotNeed need) =>
        new(need.Cpus > Capacity.Cpus - Held.Cpus, need.MemoryBytes > Capacity.MemoryBytes - Held.MemoryBytes);
}

/// <summary>Of what there is too little.</summary>
public readonly record struct SlotShortage(bool Cpu, bool Memory)
{
    public bool IsAny => Cpu || Memory;
}
