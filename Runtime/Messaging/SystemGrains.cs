namespace Orleans.Runtime;

/// <summary>Ids that say where they live: the control of a silo, and observers.</summary>
internal static class SystemGrains
{
    public const string SiloControlType = "sys.silo";
    public const string ObserverType = "sys.observer";

    public static readonly GrainType SiloControl = GrainType.Create(SiloControlType);
    public static readonly GrainType Observer = GrainType.Create(ObserverType);

    public static GrainId ControlOf(SiloAddress silo) => GrainId.Create(SiloControl, silo.ToParsableString());

    public static GrainId ObserverAt(SiloAddress holder) =>
        GrainId.Create(Observer, $"{holder.ToParsableString()}+{SequentialGuid.Next():N}");

    public static bool IsObserver(GrainId id) => id.Type.Equals(Observer);
}

internal static class FixedAddress
{
    public static SiloAddress? Of(GrainId id)
    {
        if (!id.Type.Equals(SystemGrains.SiloControl) && !id.Type.Equals(SystemGrains.Observer)) return null;
        var key = id.Key.ToString();
        var plus = key.IndexOf('+', StringComparison.Ordinal);
        return SiloAddress.FromParsableString(plus < 0 ? key : key[..plus]);
    }
}
