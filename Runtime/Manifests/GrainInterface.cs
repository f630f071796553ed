using Orleans.Runtime;

namespace Orleans.Metadata;

/// <summary>A grain interface: its wire name and how a reference to it is made.</summary>
internal sealed record GrainInterface(Type Type, string Name, ushort Version, ReferenceMaker Make)
{
    public bool IsExtension { get; } = typeof(IGrainExtension).IsAssignableFrom(Type);

    public GrainInterfaceType Id { get; } = GrainInterfaceType.Create(Name);

    public static GrainInterface Closed(Type type, string openName, ushort version, Type openProxy)
    {
        var constructor = openProxy.MakeGenericType(type.GetGenericArguments())
            .GetConstructor([typeof(ReferenceKind), typeof(IdSpan)])!;
        return new(type, Serialization.TypeNames.Of(type), version,
            (kind, key) => (GrainReference)constructor.Invoke([kind, key]));
    }
}
