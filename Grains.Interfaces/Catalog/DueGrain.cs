using Orleans;

namespace OrleansEtl;

/// <summary>A grain to which time alone gives something to do. Its stored state says when; whoever sweeps the store wakes it.</summary>
[Alias("etl.IDueGrain")]
public interface IDueGrain : IGrainWithStringKey
{
    /// <summary>Does what is due. Nothing may be: it is woken early, late or twice.</summary>
    [Alias("Wake")]
    Task Wake();
}
