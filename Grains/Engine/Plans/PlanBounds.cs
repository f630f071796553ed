namespace OrleansEtl.Engine.Plans;

/// <summary>How large a pipeline may be.</summary>
/// <param name="StepsMax">More steps than people can follow; many alike belong into one step over many files.</param>
/// <param name="EdgesMax">Bounds the plan's size together with the steps.</param>
/// <param name="ParamsMax">More are configuration, not parameters.</param>
/// <param name="LimitsMax">Named limits of one step, or of the whole run: each is waited for by itself.</param>
/// <param name="FaultsMax">Nobody reads more at once.</param>
public sealed record PlanBounds(int StepsMax, int EdgesMax, int ParamsMax, int FaultsMax, int LimitsMax = 10)
{
    public static readonly PlanBounds Default = new(StepsMax: 10_000, EdgesMax: 200_000, ParamsMax: 200, FaultsMax: 50);
}
