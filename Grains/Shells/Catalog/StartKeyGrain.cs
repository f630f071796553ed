using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Shells.Catalog;

/// <summary>
/// The first claim holds until it expires. It is written before the run is started, so a crash between the two leaves a claim without a run;
/// whoever comes with the same key then starts that very run, and starting a run twice is harmless. So one key never makes two runs.
/// </summary>
[GrainType("start-key"), Role(SiloRoles.Control)]
public sealed class StartKeyGrain([PersistentState("start-key")] IPersistentState<StartKeyState> kept, TimeProvider clock)
    : Grain, IStartKeyGrain
{
    public async Task<StartClaim> Claim(StartClaim wished)
    {
        if (kept.State.Claim is { } earlier && !earlier.HasExpired(clock.GetUtcNow())) return earlier;
        kept.State = new StartKeyState { Claim = wished };
        try
        {
            await kept.WriteStateAsync();
        }
        catch
        {
            kept.State = new StartKeyState(); // nobody may be told what is perhaps not stored: the next activation reads it
            DeactivateOnIdle();
            throw;
        }
        return wished;
    }
}

[GenerateSerializer, Alias("etl.StartKeyState")]
public sealed class StartKeyState
{
    [Id(0)] public StartClaim? Claim { get; set; }
}
