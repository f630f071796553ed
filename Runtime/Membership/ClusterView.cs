using System.Collections.Immutable;
using Orleans.Configuration;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.MembershipService;

/// <summary>The table as it was at one version.</summary>
internal sealed class ClusterView
{
    private readonly ImmutableDictionary<SiloAddress, MembershipEntry> _entries;

    private ClusterView(int version, IEnumerable<MembershipEntry> entries)
    {
        Version = version;
        _entries = entries.ToImmutableDictionary(entry => entry.SiloAddress);
        Living = [.. _entries.Values.Where(entry => entry.Status != SiloStatus.Dead)
            .OrderBy(entry => entry.SiloAddress)];
        Peers = [.. Living.Select(entry =>
            new ClusterPeer(entry.SiloAddress, entry.SiloName, entry.Status, entry.StartTime))];
    }

    public static ClusterView Nothing { get; } = new(-1, []);

    public int Version { get; }

    public IEnumerable<MembershipEntry> Entries => _entries.Values;

    public ImmutableArray<MembershipEntry> Living { get; }

    public ImmutableArray<ClusterPeer> Peers { get; }

    public static ClusterView Of(MembershipTableData data) =>
        new(data.Version.Version, data.Members.Select(member => member.Item1));

    public MembershipEntry? Find(SiloAddress silo) => _entries.GetValueOrDefault(silo);

    public bool IsLiving(SiloAddress silo) => Find(silo) is { Status: not SiloStatus.Dead };

    /// <summary>What has changed; a silo whose row is gone is dead.</summary>
    public IEnumerable<(SiloAddress Silo, SiloStatus Status)> ChangesSince(ClusterView older)
    {
        foreach (var entry in _entries.Values)
        {
            if (older.Find(entry.SiloAddress)?.Status != entry.Status)
                yield return (entry.SiloAddress, entry.Status);
        }

        foreach (var gone in older.Living.Where(entry => Find(entry.SiloAddress) is null))
            yield return (gone.SiloAddress, SiloStatus.Dead);
    }

    /// <summary>The silos after this one on a ring of all, as many as each is to probe.</summary>
    public IEnumerable<SiloAddress> ProbedBy(SiloAddress prober, int silosMax)
    {
        var ring = Living.Select(entry => entry.SiloAddress)
            .OrderBy(silo => (uint)silo.GetConsistentHashCode()).ThenBy(silo => silo).ToList();
        var own = ring.IndexOf(prober);
        return ring.Skip(own + 1).Concat(ring.Take(Math.Max(0, own))).Take(silosMax);
    }
}

/// <summary>The law of votes, as a function of one reading of the table.</summary>
internal static class Ballot
{
    /// <summary>The silo's entry with one more vote, and dead if that is enough; null if the vote changes nothing.</summary>
    public static MembershipEntry? Cast(
        MembershipTableData data, SiloAddress suspect, SiloAddress voter, ClusterMembershipOptions options)
    {
        if (data.TryGet(suspect)?.Item1 is not { Status: not SiloStatus.Dead } entry
            || data.TryGet(voter)?.Item1 is not { Status: not SiloStatus.Dead } own) return null;
        var now = own.IAmAliveTime;
        // Who only tries to join and reaches nobody is more likely itself the cause; it may bury whom all have given up.
        if (own.Status != SiloStatus.Active && now - entry.IAmAliveTime < options.Lease / 2) return null;
        var fresh = (entry.SuspectTimes ?? [])
            .Where(vote => now - vote.Item2 < options.DeathVoteExpirationTimeout
                && data.TryGet(vote.Item1)?.Item1 is { Status: not SiloStatus.Dead })
            .ToList();
        var earlier = fresh.Find(vote => vote.Item1.Equals(voter));
        fresh.RemoveAll(vote => vote.Item1.Equals(voter));
        fresh.Add(new(voter, now));
        var enough = fresh.Count >= VotesNeeded(data, suspect, now, options);
        if (!enough && earlier is not null && now - earlier.Item2 < options.DeathVoteExpirationTimeout / 2) return null;
        var next = entry.Copy();
        next.SuspectTimes = fresh;
        if (enough) next.Status = SiloStatus.Dead;
        return next;
    }

    // Whoever has not renewed its lease for half its time cannot be counted on to vote: with two of three silos killed
    // at once, the third must not wait for the second vote of a dead one.
    private static int VotesNeeded(
        MembershipTableData data, SiloAddress suspect, DateTime now, ClusterMembershipOptions options)
    {
        var voters = data.Members.Count(member => member.Item1.Status != SiloStatus.Dead
            && (member.Item1.SiloAddress.Equals(suspect) || now - member.Item1.IAmAliveTime < options.Lease / 2));
        return Math.Max(1, Math.Min(options.NumVotesForDeathDeclaration, (voters + 1) / 2));
    }

    public static MembershipEntry Copy(this MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is { } votes ? [.. votes] : null,
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };
}
