using Orleans.Runtime;
using Orleans.Serialization.Codecs;

namespace Orleans.Metadata;

/// <summary>This assembly has grains, grain interfaces or serialisable types, described by the given class.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TypeManifestProviderAttribute(Type providerType) : Attribute
{
    /// <summary>A <see cref="AssemblyManifest"/>.</summary>
    public Type ProviderType { get; } = providerType;
}

/// <summary>This assembly refers to another one that has a manifest.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ApplicationPartAttribute(string assemblyName) : Attribute
{
    /// <summary>The other assembly.</summary>
    public string AssemblyName { get; } = assemblyName;
}

/// <summary>What the generator found in one assembly; it is read once, and no type is searched for.</summary>
public abstract class AssemblyManifest
{
    /// <summary>Enters everything into the process-wide manifest.</summary>
    public abstract void Describe(ManifestBuilder manifest);
}

/// <summary>Makes a reference; one per grain interface.</summary>
public delegate GrainReference ReferenceMaker(ReferenceKind kind, IdSpan key);

/// <summary>What generated manifests write to.</summary>
public abstract class ManifestBuilder
{
    /// <summary>A serialisable type.</summary>
    public abstract void Serializable(Type type, string? alias, Func<Codec> codec);

    /// <summary>A serialisable generic type and its open codec.</summary>
    public abstract void SerializableGeneric(Type openType, string? alias, Type openCodec);

    /// <summary>A grain interface.</summary>
    public abstract void Interface(Type type, string name, ushort version, ReferenceMaker make);

    /// <summary>A generic grain interface and its open proxy.</summary>
    public abstract void InterfaceGeneric(Type openType, string name, ushort version, Type openProxy);

    /// <summary>A type that only needs a name: an enum, or a method of a grain interface.</summary>
    public abstract void Named(Type type, string? name);

    /// <summary>A grain class and all grain interfaces that it implements.</summary>
    public abstract void Grain(string grainType, Type grainClass, params Type[] interfaces);

    /// <summary>A converter between a foreign type and its surrogate.</summary>
    public abstract void Converter(Type valueType, Func<Codec> codec);
}
