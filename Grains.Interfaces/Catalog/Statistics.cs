using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>One per silo; the key is the silo's address, and it lives on that very silo.</summary>
[Alias("etl.ISiloStatisticsGrain"), DefaultGrainType("silo-statistics")]
public interface ISiloStatisticsGrain : IGrainWithStringKey
{
    /// <summary>What this silo says of itself. That it answers is half of the answer.</summary>
    [Alias("Report"), AlwaysInterleave]
    Task<SiloReport> Report();

    /// <summary>The calls that its grains have answered since somebody began to look; they are counted as long as somebody
    /// looks at least every 30 seconds.</summary>
    [Alias("Calls"), AlwaysInterleave]
    Task<CallReport> Calls();
}

/// <param name="Name">As given at its start.</param>
/// <param name="Roles"><c>control</c>, <c>data</c>.</param>
/// <param name="Since">When its process started.</param>
[GenerateSerializer, Immutable, Alias(WireNames.SiloReport)]
public sealed record SiloReport(string Name, ImmutableArray<string> Roles, DateTimeOffset Since, string Version);

/// <param name="Since">Since when calls are counted: at the first look, now.</param>
[GenerateSerializer, Immutable, Alias(WireNames.CallReport)]
public sealed record CallReport(DateTimeOffset Since, DateTimeOffset Until, ImmutableArray<CallStatistic> Calls);

/// <param name="Grain">The type of the grain, as in its id: <c>pipeline</c>.</param>
/// <param name="Errors">How many of the calls ended with an exception.</param>
/// <param name="P50">Half of the calls took at most this, within an eighth.</param>
/// <param name="P99">99 of 100 calls took at most this, within an eighth.</param>
[GenerateSerializer, Immutable, Alias(WireNames.CallStatistic)]
public sealed record CallStatistic(string Grain, string Method, long Count, long Errors, TimeSpan P50, TimeSpan P99);
