using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>The laws of membership, in a simulated world; each history follows from its seed.</summary>
[Trait("category", "runtime-only")]
public sealed class MembershipTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory, MemberData(nameof(Seeds), 5)]
    public void A_killed_silo_is_declared_dead_within_half_a_second(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(2 + (seed % 3));
        silos[0].Crash();
        cluster.Until(() => NobodyKnows(cluster, silos[0]), TimeSpan.FromSeconds(0.5));
        Assert.All(cluster.Running, silo => Assert.True(silo.Membership.Vigil.MayServe));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void Two_of_three_killed_at_once_are_declared_dead_when_their_leases_grow_old(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(3);
        silos[0].Crash();
        silos[1].Crash();
        cluster.Until(() => NobodyKnows(cluster, silos[0]) && NobodyKnows(cluster, silos[1]), TimeSpan.FromSeconds(6));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void A_frozen_silo_is_declared_dead_in_two_to_three_seconds_and_wakes_up_not_serving(int seed) =>
        Told(seed, cluster =>
        {
            var silos = cluster.StartAll(2 + (seed % 3));
            silos[0].Freeze();
            var noticed = cluster.Until(() => NobodyKnows(cluster, silos[0]), TimeSpan.FromSeconds(4));
            Assert.InRange(noticed, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3.2));
            Assert.False(silos[0].Membership.Vigil.MayServe);
            silos[0].Thaw();
            Assert.False(silos[0].Membership.Vigil.MayServe);
            cluster.Until(() => silos[0].Why is not null, TimeSpan.FromSeconds(1));
            Assert.False(silos[0].Membership.Vigil.MayServe);
        });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void A_silo_that_slept_too_short_to_be_given_up_goes_on(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(3);
        silos[0].Freeze();
        cluster.Run(TimeSpan.FromMilliseconds(500 + (seed * 100)));
        silos[0].Thaw();
        cluster.Until(() => silos[0].Membership.Vigil.MayServe, TimeSpan.FromSeconds(1));
        cluster.Run(Minute);
        Assert.Equal(3, cluster.Running.Count());
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void One_bad_link_kills_nobody_while_others_reach_both_ends(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(3 + (seed % 3));
        cluster.Cut(silos[0], silos[1]);
        cluster.Run(Minute);
        Assert.All(silos, silo => Assert.Equal(silos.Length, silo.Membership.ActiveSilos().Count()));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void While_the_table_is_away_all_goes_on_and_nobody_dies_when_it_returns(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(1 + (seed % 4));
        cluster.TableIsAway = true;
        for (var second = 0; second < 60; second++)
        {
            cluster.Run(TimeSpan.FromSeconds(1));
            Assert.All(silos, silo => Assert.True(silo.Membership.Vigil.MayServe));
        }

        cluster.TableIsAway = false;
        cluster.Run(Minute);
        Assert.All(silos, silo => Assert.Equal(silos.Length, silo.Membership.ActiveSilos().Count()));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void A_silo_that_alone_does_not_reach_the_table_loses_its_lease_and_stops_serving(int seed) =>
        Told(seed, cluster =>
        {
            var silos = cluster.StartAll(3);
            silos[0].IsWithoutTable = true;
            cluster.Until(() => NobodyKnows(cluster, silos[0]), TimeSpan.FromSeconds(8));
            cluster.Until(() => !silos[0].Membership.Vigil.MayServe, TimeSpan.FromSeconds(8));
            silos[0].IsWithoutTable = false;
            cluster.Until(() => silos[0].Why is not null, TimeSpan.FromSeconds(2));
        });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void A_silo_that_starts_again_at_its_port_replaces_its_former_life_at_once(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(1 + (seed % 3));
        silos[0].Crash();
        var next = cluster.Start(silos[0]);
        cluster.Until(() => next.Membership.ActiveSilos().Contains(next.Address), TimeSpan.FromSeconds(1));
        Assert.Equal(SiloStatus.Dead, cluster.Table.StatusOf(silos[0].Address));
        cluster.Until(() => cluster.Running.All(silo => silo.Membership.ActiveSilos().Count() == silos.Length),
            TimeSpan.FromSeconds(1));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void Who_joins_and_reaches_nobody_kills_nobody(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(1 + (seed % 2));
        foreach (var joiner in (SimulatedSilo[])[cluster.Start(), cluster.Start()])
            foreach (var silo in silos) cluster.Cut(silo, joiner);
        cluster.Run(TimeSpan.FromSeconds(20));
        Assert.All(silos, silo => Assert.True(silo.IsRunning && silo.Membership.Vigil.MayServe));
        Assert.All(silos, silo => Assert.Equal(silos.Length, silo.Membership.ActiveSilos().Count()));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void A_silo_starts_again_though_the_clock_of_its_host_went_back(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(2);
        silos[0].Crash();
        cluster.Until(() => NobodyKnows(cluster, silos[0]), TimeSpan.FromSeconds(1));
        var next = cluster.Start(silos[0], later: -1);
        cluster.Until(() => next.Membership.ActiveSilos().Count() == 2, TimeSpan.FromSeconds(2));
    });

    [Theory, MemberData(nameof(Seeds), 5)]
    public void With_many_silos_each_probes_some_and_the_dead_are_found_all_the_same(int seed) => Told(seed, cluster =>
    {
        var silos = cluster.StartAll(14);
        silos[seed % 14].Freeze();
        cluster.Until(() => NobodyKnows(cluster, silos[seed % 14]), TimeSpan.FromSeconds(4));
        Assert.Equal(13, cluster.Running.Count(silo => !silo.IsFrozen));
    });

    [Theory, MemberData(nameof(Seeds), 20)]
    public void Whatever_happens_the_views_agree_in_the_end_with_who_is_there(int seed) => Told(seed, cluster =>
    {
        cluster.StartAll(cluster.Chance.Next(2, 6));
        for (var fault = 0; fault < 15; fault++)
        {
            Harm(cluster);
            cluster.Run(TimeSpan.FromMilliseconds(cluster.Chance.Next(10, 8000)));
            if (cluster.Chance.Next(3) == 0) Heal(cluster);
        }

        Heal(cluster);
        cluster.Start();
        cluster.Until(() => Agree(cluster), Minute);
        cluster.Run(Minute);
        Assert.True(Agree(cluster));
        Assert.All(cluster.Running, silo => Assert.True(silo.Membership.Vigil.MayServe));
    });

    [Fact, Trait("category", "soak")]
    public void Whatever_happens_in_many_histories_the_views_agree_in_the_end()
    {
        for (var seed = 1000; seed < 3000; seed++)
            Whatever_happens_the_views_agree_in_the_end_with_who_is_there(seed);
    }

    public static IEnumerable<TheoryDataRow<int>> Seeds(int count) =>
        Enumerable.Range(1, count).Select(static seed => new TheoryDataRow<int>(seed));

    private static void Harm(SimulatedCluster cluster)
    {
        SimulatedSilo[] running = [.. cluster.Running];
        if (running.Length == 0)
        {
            cluster.Start();
            return;
        }

        var one = running[cluster.Chance.Next(running.Length)];
        var other = running[cluster.Chance.Next(running.Length)];
        switch (cluster.Chance.Next(9))
        {
            case 0: one.Crash(); break;
            case 1: one.Freeze(); break;
            case 2: cluster.TableIsAway = true; break;
            case 3: cluster.TableDelay = TimeSpan.FromMilliseconds(cluster.Chance.Next(5, 2000)); break;
            case 4: one.IsWithoutTable = true; break;
            case 5: one.Leave(); break;
            case 6: one.Crash(); cluster.Start(one); break;
            case 7: cluster.Start(); break;
            default: if (one != other) cluster.Cut(one, other); break;
        }
    }

    private static void Heal(SimulatedCluster cluster)
    {
        cluster.Mend();
        cluster.TableIsAway = false;
        cluster.TableDelay = TimeSpan.FromMilliseconds(2);
        foreach (var silo in cluster.Silos)
        {
            silo.IsWithoutTable = false;
            silo.Thaw();
        }
    }

    private static bool NobodyKnows(SimulatedCluster cluster, SimulatedSilo dead) => cluster.Running
        .Where(silo => !silo.IsFrozen && silo != dead && !silo.IsWithoutTable)
        .All(silo => !silo.Membership.View.IsLiving(dead.Address));

    private static bool Agree(SimulatedCluster cluster)
    {
        SiloAddress[] there = [.. cluster.Running.Select(silo => silo.Address).Order()];
        return cluster.Running.All(silo => silo.Membership.ActiveSilos().Order().SequenceEqual(there));
    }

    private static void Told(int seed, Action<SimulatedCluster> history)
    {
        try
        {
            history(new SimulatedCluster(seed));
        }
        catch (Exception error)
        {
            Assert.Fail($"Seed {seed}: {error}");
        }
    }
}
