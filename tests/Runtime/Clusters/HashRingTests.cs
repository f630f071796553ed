using System.Net;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Clusters;

[Trait("category", "runtime-only")]
public sealed class HashRingTests
{
    private static readonly GrainId[] Grains =
        [.. Enumerable.Range(0, 20_000).Select(static i => GrainId.Create("a", $"grain-{i}"))];

    [Theory, InlineData(2), InlineData(3), InlineData(8)]
    public void Each_silo_gets_about_the_same_share(int count)
    {
        var ring = new HashRing(Silos(count));
        var shares = Grains.GroupBy(ring.OwnerOf).Select(static share => share.Count()).ToArray();
        Assert.Equal(count, shares.Length);
        Assert.All(shares, share => Assert.InRange(share * count / (double)Grains.Length, 0.7, 1.35));
    }

    [Fact]
    public void A_silo_that_goes_moves_its_own_grains_only()
    {
        var before = new HashRing(Silos(5));
        var after = new HashRing(Silos(5).Where(silo => silo.Endpoint.Port != 3));
        Assert.All(Grains, grain =>
        {
            if (before.OwnerOf(grain).Endpoint.Port != 3) Assert.Equal(before.OwnerOf(grain), after.OwnerOf(grain));
            else Assert.NotEqual(3, after.OwnerOf(grain).Endpoint.Port);
        });
    }

    [Fact]
    public void The_order_in_which_silos_are_known_does_not_matter()
    {
        var one = new HashRing(Silos(4));
        var other = new HashRing(Silos(4).Reverse());
        Assert.All(Grains, grain => Assert.Equal(one.OwnerOf(grain), other.OwnerOf(grain)));
    }

    private static SiloAddress[] Silos(int count) =>
        [.. Enumerable.Range(1, count).Select(static port => SiloAddress.New(IPAddress.Loopback, port, 7))];
}
