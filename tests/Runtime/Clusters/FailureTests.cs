using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.TestingHost;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>By default placed by the ring.</summary>
public interface IRingGrain : IGrainWithStringKey
{
    Task<(SiloAddress Silo, Guid Life)> Where();
    Task Hang(string started);
}

public sealed class RingGrain(ILocalSiloDetails silo) : Grain, IRingGrain
{
    private readonly Guid _life = Guid.NewGuid();

    public Task<(SiloAddress Silo, Guid Life)> Where() => Task.FromResult((silo.SiloAddress, _life));

    public async Task Hang(string started)
    {
        Signals.Set(started);
        await new TaskCompletionSource().Task;
    }
}

public interface ITwinGrain : IGrainWithStringKey
{
    Task<SiloAddress> Where();
    Task Hang(string started);
}

[PreferLocalPlacement]
public sealed class TwinGrain(ILocalSiloDetails silo) : Grain, ITwinGrain
{
    public static ConcurrentDictionary<string, DeactivationReasonCode> Ends { get; } = new();

    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

    public async Task Hang(string started)
    {
        Signals.Set(started);
        await new TaskCompletionSource().Task;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Ends[this.GetPrimaryKeyString()] = reason.ReasonCode;
        return Task.CompletedTask;
    }
}

[Trait("category", "runtime-only")]
public sealed class FailureTests : IAsyncLifetime
{
    private readonly string _key = Signals.NewKey();
    private RingCluster _ring = null!;

    private InProcessTestCluster Cluster => _ring.Cluster;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    [Fact]
    public async Task Grains_of_the_ring_live_at_the_owner_of_their_point_and_move_there_when_it_changes()
    {
        _ring = await RingCluster.Start(2);
        var before = await Places(200);
        var added = await Cluster.StartAdditionalSiloAsync();
        await Until(async () => (await Places(200)).All(place => place.Value.Equals(OwnerOf(place.Key))));
        var after = await Places(200);
        var moved = after.Where(place => !place.Value.Equals(before[place.Key])).ToArray();
        Assert.All(moved, place => Assert.Equal(added.SiloAddress, place.Value));
        Assert.InRange(moved.Length, 30, 110);
        for (var i = 0; i < 200; i++)
            Assert.Equal(1, _ring.ActivationsOf(Cluster.Client.GetGrain<IRingGrain>(_key + i).GetGrainId()));
    }

    [Fact]
    public async Task Grains_of_a_killed_silo_answer_again_at_once_and_no_call_waits_for_the_timeout()
    {
        _ring = await RingCluster.StartOverTcp(2);
        await Places(200);
        var victim = Cluster.Silos[1];
        var inside = _ring.Inside(Cluster.Silos[0].SiloAddress);
        var onVictim = Enumerable.Range(0, 200).Select(i => _key + i)
            .Where(key => OwnerOf(key).Equals(victim.SiloAddress)).ToArray();
        var hanging = inside.GetGrain<IRingGrain>(onVictim[0]).Hang(_key);
        await Signals.Wait(_key);
        var watch = Stopwatch.StartNew();
        await _ring.Kill(victim.SiloAddress);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => hanging.WaitAsync(TimeSpan.FromSeconds(2)));
        var again = await Task.WhenAll(onVictim.Select(key => inside.GetGrain<IRingGrain>(key).Where()));
        Assert.All(again, place => Assert.Equal(Cluster.Silos[0].SiloAddress, place.Silo));
        TestContext.Current.SendDiagnosticMessage("All grains of a killed silo answered after {0}.", watch.Elapsed);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
        Assert.Equal(SiloStatus.Dead, _ring.Table.StatusOf(victim.SiloAddress));
    }

    [Fact]
    public async Task A_frozen_silo_is_given_up_and_stops_when_it_wakes_before_it_serves_anything()
    {
        _ring = await RingCluster.Start(3);
        await Places(100);
        var frozen = Cluster.Silos[2].SiloAddress;
        var node = _ring.NodeOf(frozen);
        var key = Enumerable.Range(0, 100).Select(i => _key + i).First(key => OwnerOf(key).Equals(frozen));
        var grain = _ring.Inside(Cluster.Silos[0].SiloAddress).GetGrain<IRingGrain>(key);
        var watch = Stopwatch.StartNew();
        _ring.Freeze(frozen);
        var place = await Retried(() => grain.Where());
        Assert.NotEqual(frozen, place.Silo);
        TestContext.Current.SendDiagnosticMessage("A frozen silo was given up after {0}.", watch.Elapsed);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(5));
        _ring.Thaw(frozen);
        await _ring.Exit.Why.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(node.IsDead);
        Assert.Empty(node.Catalog.All);
    }

    [Fact]
    public async Task A_grain_whose_entry_moves_to_another_silo_is_found_where_it_lives()
    {
        _ring = await RingCluster.Start(3);
        var (home, goes, asks) = (Cluster.Silos[0], Cluster.Silos[1], Cluster.Silos[2].SiloAddress);
        var here = home.SiloAddress;
        string[] keys = [.. Enumerable.Range(0, 200).Select(i => $"{_key}-{i}")];
        foreach (var key in keys) Assert.Equal(here, await _ring.Inside(here).GetGrain<ITwinGrain>(key).Where());
        await Cluster.StopSiloAsync(goes);
        // At once, and from where it would be placed anew if it were not known.
        foreach (var key in keys) Assert.Equal(here, await _ring.Inside(asks).GetGrain<ITwinGrain>(key).Where());
        var added = (await Cluster.StartAdditionalSiloAsync()).SiloAddress;
        foreach (var key in keys) Assert.Equal(here, await _ring.Inside(added).GetGrain<ITwinGrain>(key).Where());
    }

    [Fact]
    public async Task Of_two_activations_of_a_grain_one_goes()
    {
        _ring = await RingCluster.Start(3);
        var here = Cluster.Silos[0].SiloAddress;
        var there = Cluster.Silos[1].SiloAddress;
        var key = Enumerable.Range(0, 100).Select(i => _key + i).First(key => !TwinOwner(key).Equals(here));
        var first = _ring.Inside(here).GetGrain<ITwinGrain>(key);
        Assert.Equal(here, await first.Where());

        // The entry gets lost, so another silo does not find the grain and starts it again.
        var directory = _ring.DirectoryOf(there);
        await directory.Unregister((await directory.Lookup(first.GetGrainId()))!);
        directory.Forget(first.GetGrainId());
        Assert.Equal(there, await _ring.Inside(there).GetGrain<ITwinGrain>(key).Where());
        Assert.Equal(2, _ring.ActivationsOf(first.GetGrainId()));
        var twins = new[] { here, there }.Select(silo => _ring.NodeOf(silo).Catalog.Find(first.GetGrainId())!).ToArray();

        // When the ring changes each silo says what it has; a new owner takes the one that it hears of first.
        await Cluster.StartAdditionalSiloAsync();
        await Task.WhenAny(twins.Select(twin => twin.Deactivated)).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(DeactivationReasonCode.DuplicateActivation, TwinGrain.Ends[key]);
        await Until(() => Task.FromResult(_ring.ActivationsOf(first.GetGrainId()) == 1));
        var place = await first.Where();
        foreach (var silo in Cluster.Silos)
            Assert.Equal(place, await _ring.Inside(silo.SiloAddress).GetGrain<ITwinGrain>(key).Where());
    }

    [Fact]
    public async Task A_grain_that_has_moved_is_found_by_who_knew_its_old_place()
    {
        _ring = await RingCluster.Start(3);
        var key = Enumerable.Range(0, 100).Select(i => _key + i)
            .First(key => TwinOwner(key).Equals(Cluster.Silos[2].SiloAddress));
        var asks = _ring.Inside(Cluster.Silos[0].SiloAddress).GetGrain<ITwinGrain>(key);
        var there = Cluster.Silos[1].SiloAddress;
        var inside = _ring.Inside(there).GetGrain<ITwinGrain>(key);
        Assert.Equal(there, await inside.Where());
        Assert.Equal(there, await asks.Where());
        await Cluster.DeactivateAsync(asks.GetGrainId());

        // It comes up where the one silo that has no stale entry puts it: whoever it is that is asked first.
        var place = await asks.Where();
        foreach (var silo in Cluster.Silos)
            Assert.Equal(place, await _ring.Inside(silo.SiloAddress).GetGrain<ITwinGrain>(key).Where());
        Assert.Equal(1, _ring.ActivationsOf(asks.GetGrainId()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_was_sent_on_fails_at_once_when_the_silo_dies_that_has_it(bool overTcp)
    {
        _ring = overTcp ? await RingCluster.StartOverTcp(3) : await RingCluster.Start(3);
        var (asks, was, has) = (Cluster.Silos[0].SiloAddress, Cluster.Silos[1].SiloAddress, Cluster.Silos[2]);
        var key = Enumerable.Range(0, 100).Select(i => _key + i).First(key => TwinOwner(key).Equals(has.SiloAddress));
        var grain = _ring.Inside(asks).GetGrain<ITwinGrain>(key);
        Assert.Equal(was, await _ring.Inside(was).GetGrain<ITwinGrain>(key).Where());
        Assert.Equal(was, await grain.Where()); // and remembers it
        await Cluster.DeactivateAsync(grain.GetGrainId());
        Assert.Equal(has.SiloAddress, await _ring.Inside(has.SiloAddress).GetGrain<ITwinGrain>(key).Where());
        var call = grain.Hang(_key);
        await Signals.Wait(_key);
        await Cluster.KillSiloAsync(has);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private SiloAddress OwnerOf(string key) =>
        _ring.DirectoryOf(Cluster.Silos[0].SiloAddress).OwnerOf(Cluster.Client.GetGrain<IRingGrain>(key).GetGrainId());

    private SiloAddress TwinOwner(string key) =>
        _ring.DirectoryOf(Cluster.Silos[0].SiloAddress).OwnerOf(Cluster.Client.GetGrain<ITwinGrain>(key).GetGrainId());

    private async Task<Dictionary<string, SiloAddress>> Places(int count)
    {
        var places = new Dictionary<string, SiloAddress>();
        for (var i = 0; i < count; i++)
            places[_key + i] = (await Cluster.Client.GetGrain<IRingGrain>(_key + i).Where()).Silo;
        return places;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), "It does not settle.");
            await Task.Delay(20);
        }
    }

    private static async Task<T> Retried<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (SiloUnavailableException)
            {
                await Task.Delay(20);
            }
        }
    }
}
