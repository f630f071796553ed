namespace OrleansEtl.Simulation.Tests;

/// <summary>How rough a world is; each seed has its own. In a gentle one the network and the store fail, but every silo lives and all
/// agree who they are: there nothing that has been done may be done again.</summary>
internal sealed record Weather(
    bool IsGentle, bool Skew, int Silos, double RoughSeconds, double DisturbEverySeconds, int OneLetterLostIn, int OneRequestFailsIn)
{
    public static Weather Of(Chance chance) => new(
        IsGentle: chance.OneIn(4),
        Skew: chance.OneIn(2),
        Silos: 1 + chance.Below(4),
        RoughSeconds: chance.Between(10, 30).TotalSeconds,
        DisturbEverySeconds: chance.Between(0.7, 4).TotalSeconds,
        OneLetterLostIn: chance.Of([5, 15, 100]),
        OneRequestFailsIn: chance.Of([5, 20, 100]));
}
