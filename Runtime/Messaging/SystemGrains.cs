namespace Orleans.Runtime;

/// <summary>Ids that say where they live: the control of a silo, its part of the directory, and observers.</summary>
internal static class SystemGrains
{
    public const string SiloControlType = "sys.silo";
    public const string DirectoryType = "sys.directory";
    public const string ObserverType = "sys.observer";

    public static readonly GrainType SiloControl = GrainType.Create(SiloControlType);
    public static readonly GrainType Directory = GrainType.Create(DirectoryType);
    public static readonly GrainType Observer = GrainType.Create(ObserverType);

    public static GrainId ControlOf(SiloAddress silo) => GrainId.Create(SiloControl, silo.ToParsableString());

    public static GrainId DirectoryOf(SiloAddress silo) => GrainId.Create(Directory, silo.ToParsableString());

    public static GrainId ObserverAt(SiloAddress holder) =>
        GrainId.Create(Observer, $"{holder.ToParsableString()}+{SequentialGuid.Next():N}");

    /// <summary>A part of the runtime, which nobody counts.</summary>
    public static bool Is(GrainId id) => id.Type.Equals(SiloControl) || id.Type.Equals(Directory);

    public static bool IsObserver(GrainId id) => id.Type.Equals(Observer);
}

internal static class FixedAddress
{
    public static SiloAddress? Of(GrainId id)
    {
        if (!id.Type.Equals(SystemGrains.SiloControl) && !id.Type.Equals(SystemGrains.Directory)
            && !id.Type.Equals(SystemGrains.Observer)) return null;
        var key = id.Key.ToString();
        var plus = key.IndexOf('+', StringComparison.Ordinal);
        return SiloAddress.FromParsableString(plus < 0 ? key : key[..plus]);
    }
}
