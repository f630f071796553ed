using Orleans;

namespace OrleansEtl.Shells.Statistics;

/// <summary>Speaks for the silo that it lives on.</summary>
[OnSilo, GrainType("silo-statistics")]
public sealed class SiloStatisticsGrain(SiloReport silo, CallBook calls) : Grain, ISiloStatisticsGrain
{
    public Task<SiloReport> Report() => Task.FromResult(silo);
    public Task<CallReport> Calls() => Task.FromResult(calls.Look());
}
