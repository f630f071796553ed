using System.Collections.Immutable;

namespace OrleansEtl.Faults.Tests.Schedule;

/// <summary>What can go wrong. Silos are places, numbered from 0: a process that has ended is followed by a new one at its place.</summary>
internal abstract record Mishap
{
    private Mishap() { }

    public sealed record Kill(int Silo) : Mishap;

    /// <summary>The process stands still. Others may declare it dead meanwhile; then it ends by itself as soon as it goes on.</summary>
    public sealed record Freeze(int Silo, TimeSpan For) : Mishap;

    /// <summary>SIGTERM: it hands over and goes.</summary>
    public sealed record Dismiss(int Silo) : Mishap;

    /// <summary>Every silo, one after the other, each replaced before the next goes.</summary>
    public sealed record RollingRestart : Mishap;

    /// <summary>As a crash of the server, which then recovers from its log.</summary>
    public sealed record CrashPostgres : Mishap;

    public sealed record StopPostgres(TimeSpan For) : Mishap;

    /// <summary>All connections of all silos are closed by the server.</summary>
    public sealed record CutDatabaseConnections : Mishap;

    /// <summary>Nobody reaches that silo: connections are reset and refused.</summary>
    public sealed record CutFromPeers(int Silo, TimeSpan For) : Mishap;

    /// <summary>Nothing passes to that silo, and nobody is told.</summary>
    public sealed record HangFromPeers(int Silo, TimeSpan For) : Mishap;

    public sealed record CutFromDatabase(int Silo, TimeSpan For) : Mishap;

    public sealed record HangFromDatabase(int Silo, TimeSpan For) : Mishap;

    public sealed record Both(Mishap One, Mishap Other) : Mishap
    {
        public override string ToString() => $"{One} and {Other}";
    }

    /// <summary>How many things go wrong.</summary>
    public int Count() => this is Both both ? both.One.Count() + both.Other.Count() : 1;
}

/// <param name="Calm">The time before it.</param>
internal sealed record Scheduled(TimeSpan Calm, Mishap Mishap);

/// <summary>Which mishaps happen, in which order and for how long: a function of the seed.</summary>
/// <param name="DatabaseAwayMax">How long the database may be away at a time.</param>
internal sealed record FaultSchedule(int Seed, int Silos, int Mishaps, TimeSpan CalmMax, TimeSpan FreezeMax, TimeSpan DatabaseAwayMax)
{
    public ImmutableArray<Scheduled> Draw()
    {
        var chance = new Random(Seed);
        var drawn = ImmutableArray.CreateBuilder<Scheduled>();
        for (var left = Mishaps; left > 0; left -= drawn[^1].Mishap.Count())
        {
            var one = One(chance, chance.Next(Silos));
            var mishap = left >= 2 && chance.Next(5) == 0 ? new Mishap.Both(one, Other(chance, one)) : one;
            drawn.Add(new Scheduled(chance.NextDouble() * CalmMax, mishap));
        }
        return drawn.ToImmutable();
    }

    private Mishap One(Random chance, int silo) => chance.Next(20) switch
    {
        < 4 => new Mishap.Kill(silo),
        < 7 => new Mishap.Freeze(silo, Skewed(chance, TimeSpan.FromSeconds(1), FreezeMax)),
        < 9 => new Mishap.Dismiss(silo),
        < 10 => new Mishap.RollingRestart(),
        < 12 => new Mishap.CrashPostgres(),
        < 13 => new Mishap.StopPostgres(Skewed(chance, TimeSpan.FromSeconds(1), DatabaseAwayMax)),
        < 15 => new Mishap.CutDatabaseConnections(),
        < 16 => new Mishap.CutFromPeers(silo, Skewed(chance, TimeSpan.FromMilliseconds(200), FreezeMax)),
        < 17 => new Mishap.HangFromPeers(silo, Skewed(chance, TimeSpan.FromMilliseconds(200), FreezeMax)),
        < 19 => new Mishap.CutFromDatabase(silo, Skewed(chance, TimeSpan.FromMilliseconds(200), FreezeMax)),
        _ => new Mishap.HangFromDatabase(silo, Skewed(chance, TimeSpan.FromMilliseconds(200), FreezeMax)),
    };

    /// <summary>At another place than the first, so that the two can go on at once; a whole rolling restart is enough by itself.</summary>
    private Mishap Other(Random chance, Mishap one)
    {
        while (true)
        {
            var other = One(chance, chance.Next(Silos));
            if (!Places(one).Overlaps(Places(other))) return other;
            if (one is Mishap.RollingRestart) return new Mishap.CutDatabaseConnections();
        }
    }

    private const int Database = -1;

    private HashSet<int> Places(Mishap mishap) => mishap switch
    {
        Mishap.Kill m => [m.Silo],
        Mishap.Freeze m => [m.Silo],
        Mishap.Dismiss m => [m.Silo],
        Mishap.CutFromPeers m => [m.Silo],
        Mishap.HangFromPeers m => [m.Silo],
        Mishap.CutFromDatabase m => [m.Silo],
        Mishap.HangFromDatabase m => [m.Silo],
        Mishap.RollingRestart => [.. Enumerable.Range(0, Silos)],
        _ => [Database],
    };

    /// <summary>Mostly short, sometimes as long as may be.</summary>
    private static TimeSpan Skewed(Random chance, TimeSpan least, TimeSpan most) =>
        TimeSpan.FromMilliseconds(Math.Round((least + Math.Pow(chance.NextDouble(), 3) * (most - least)).TotalMilliseconds));
}
