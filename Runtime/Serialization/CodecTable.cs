using System.Collections.Concurrent;
using Orleans.Metadata;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>
/// Which codec belongs to which type. Codecs are found once per process, on first use: built in, generated
/// (through the manifests of the assemblies), or composed for generic types, arrays and base types.
/// </summary>
public static class CodecTable
{
    private static readonly ConcurrentDictionary<Type, Codec> Found = new();

    /// <summary>The codec of a type known at compile time.</summary>
    public static Codec<T> Of<T>() => Slot<T>.Codec ??= (Codec<T>)Of(typeof(T));

    /// <summary>The generated codec of a base class.</summary>
    public static ObjectCodec<T> OfBase<T>() =>
        Of<T>() as ObjectCodec<T>
        ?? throw new CodecNotFoundException($"The base class {typeof(T)} has no generated serializer.");

    /// <summary>The codec of a type met at run time.</summary>
    public static Codec Of(Type type)
    {
        if (Found.TryGetValue(type, out var codec)) return codec;
        codec = CodecSearch.Find(type) ?? throw new CodecNotFoundException(type);
        return Found.GetOrAdd(type, codec);
    }

    /// <summary>Whether values of the type can be written.</summary>
    public static bool Has(Type type)
    {
        if (Found.ContainsKey(type)) return true;
        return CodecSearch.Find(type) is { } codec && Found.TryAdd(type, codec) | true;
    }

    /// <summary>A deep copy.</summary>
    public static T Copy<T>(T value) => Of<T>().Copy(value);

    internal static void WriteTyped(WireWriter writer, object value)
    {
        var type = value.GetType();
        var codec = Of(type);
        writer.Typed(TypeNames.Of(codec.ValueType));
        codec.WriteBoxed(writer, value);
    }

    internal static object? ReadTyped(ref WireReader reader, Type expected)
    {
        var name = reader.Text();
        var type = TypeNames.Resolve(name);
        if (!expected.IsAssignableFrom(type))
            throw new SerializerException($"Found a value of type {name} where {expected} was expected.");
        reader.Enter();
        var value = Of(type).ReadBoxed(ref reader);
        reader.Leave();
        return value;
    }

    private static class Slot<T>
    {
        public static Codec<T>? Codec;
    }
}
