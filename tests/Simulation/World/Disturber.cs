using Orleans;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Makes silos crash, freeze, be cut off, be taken for dead, leave and join, and the store go away, as long as the world is
/// rough.</summary>
internal sealed class Disturber(World world)
{
    private const double NoticedAfterSeconds = 2.5;

    private Membership Cluster => world.Membership;
    private Chance Chance => world.Chance;

    public void Begin()
    {
        DisturbLater();
        ReplaceLater();
    }

    private void DisturbLater() => world.Agenda.After(Chance.Between(0, world.Weather.DisturbEverySeconds * 2), () =>
    {
        if (!world.IsRough) return;
        Disturb();
        DisturbLater();
    });

    /// <summary>Somebody restarts silos that are gone, in a calm world too.</summary>
    private void ReplaceLater() => world.Agenda.After(Chance.Between(0.2, 5), () =>
    {
        if (Cluster.Table.Count(silo => !silo.IsDead) < world.Weather.Silos) Cluster.Join();
        ReplaceLater();
    });

    private void Disturb()
    {
        var silos = Cluster.Living.Where(silo => !silo.IsDead).ToArray();
        if (silos.Length == 0) return;
        var silo = Chance.Of(silos);
        switch (Chance.Below(world.Weather.IsGentle ? 3 : 12))
        {
            case 0: StoreGoesAway(); break;
            case 1: Cut(silo, Chance.Of(silos)); break;
            case 2: Cut(silo, world.People.Desk); break;
            case 3 or 4: Crash(silo); break;
            case 5 or 6 or 7: Freeze(silo); break;
            case 8: Slander(silo); break;
            case 9: Leave(silo); break;
            case 10 when silos.Length < world.Weather.Silos + 2: Join(); break;
            default: Move(silo); break;
        }
    }

    private void StoreGoesAway()
    {
        world.Count(FaultKinds.StoreAway);
        world.StoreIsAwayUntil = world.Agenda.Now + Capped(Chance.Between(0, world.Weather.IsGentle ? 1.5 : 8));
        world.Trace.Note("away", "store");
    }

    private void Cut(Machine one, Machine other)
    {
        if (one == other) return;
        world.Count(FaultKinds.Cut);
        world.Trace.Note("cut", one.Name, other.Name);
        world.Network.Cut(one, other, Capped(Chance.Between(0, 12)));
        if (!world.Weather.IsGentle && other is SimSilo cut && Chance.OneIn(2)) Verdict(cut, Chance.Between(1, 5));
    }

    private void Crash(SimSilo silo)
    {
        world.Count(FaultKinds.Crash);
        world.Trace.Note("crash", silo.Name);
        silo.RefusesCalls = Chance.OneIn(2);
        silo.Die();
        Verdict(silo, Chance.Between(0.1, 4));
    }

    private void Freeze(SimSilo silo)
    {
        if (silo.IsFrozen) return;
        world.Count(FaultKinds.Freeze);
        world.Trace.Note("freeze", silo.Name);
        silo.Freeze(Capped(Chance.Between(0, 8)));
        world.Agenda.After(TimeSpan.FromSeconds(NoticedAfterSeconds), () =>
        {
            if (silo.IsFrozen && !silo.IsDead) Verdict(silo, TimeSpan.Zero);
        });
    }

    /// <summary>A healthy silo is taken for dead.</summary>
    private void Slander(SimSilo silo) => Verdict(silo, TimeSpan.Zero);

    private void Verdict(SimSilo silo, TimeSpan after) => world.Agenda.After(after, () =>
    {
        world.Count(FaultKinds.Verdict);
        Cluster.DeclareDead(silo);
    });

    private void Leave(SimSilo silo)
    {
        if (silo.IsLeaving) return;
        world.Count(FaultKinds.Leave);
        world.Trace.Note("leaves", silo.Name);
        _ = silo.Pool.Run(silo.Leave);
    }

    private void Join()
    {
        world.Count(FaultKinds.Join);
        Cluster.Join();
    }

    /// <summary>One grain is asked to go, as when the cluster balances its load.</summary>
    private void Move(SimSilo silo)
    {
        if (silo.Activations.Count == 0 || silo.IsFrozen) return;
        world.Count(FaultKinds.Move);
        Chance.Of([.. silo.Activations]).Deactivate(new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "Moved."));
    }

    private TimeSpan Capped(TimeSpan duration) => world.Calm - world.Agenda.Now is var left && left < duration ? left : duration;
}
