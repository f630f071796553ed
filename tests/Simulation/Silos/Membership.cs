using System.Collections.Immutable;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Who belongs to the cluster. The table is one; what each machine knows of it comes late, differently late to each.</summary>
internal sealed class Membership(World world)
{
    private int _version;
    private int _numbers;

    public ImmutableArray<SimSilo> Table { get; private set; } = [];
    public List<SimSilo> Living { get; } = [];

    public SimSilo Join()
    {
        var silo = new SimSilo(world, ++_numbers, world.Weather.Skew ? world.Chance.Between(-2, 2) : TimeSpan.Zero);
        world.Trace.Note("joins", silo.Name);
        Living.Add(silo);
        Change(Table.Add(silo));
        silo.See(Table, _version);
        silo.Begin();
        return silo;
    }

    public void Left(SimSilo silo) => Change(Table.Remove(silo));

    /// <summary>A verdict: whether the silo is dead or not, from now on it is taken for dead.</summary>
    public void DeclareDead(SimSilo silo)
    {
        if (!Table.Contains(silo)) return;
        world.Trace.Note("verdict", silo.Name);
        Change(Table.Remove(silo));
    }

    private void Change(ImmutableArray<SimSilo> table)
    {
        Table = table;
        var version = ++_version;
        Living.RemoveAll(silo => silo.IsDead);
        foreach (var machine in Living.Append(world.People.Desk))
            machine.After(Lag(), () => machine.After(Lag(), () => machine.See(table, version))); // a machine that thaws is late too
    }

    private TimeSpan Lag() => world.IsRough ? world.Chance.Between(0, 1) : world.Chance.Moment();
}
