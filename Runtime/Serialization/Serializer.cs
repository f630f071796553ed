using System.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization;

/// <summary>Values to bytes and back.</summary>
public sealed class Serializer
{
    private readonly IReferenceBinder? _binder;

    internal Serializer(IReferenceBinder? binder) => _binder = binder;

    /// <summary>Writes a value.</summary>
    public byte[] SerializeToArray<T>(T value)
    {
        using var writer = new WireWriter();
        CodecTable.Of<T>().Write(writer, value);
        return writer.ToArray();
    }

    /// <summary>Writes a value into a buffer.</summary>
    public void Serialize<T, TBufferWriter>(T value, TBufferWriter destination)
        where TBufferWriter : IBufferWriter<byte>
    {
        using var writer = new WireWriter();
        CodecTable.Of<T>().Write(writer, value);
        destination.Write(writer.Written);
    }

    /// <summary>Reads a value.</summary>
    public T Deserialize<T>(byte[] source) => Read<T>(source);

    /// <inheritdoc cref="Deserialize{T}(byte[])"/>
    public T Deserialize<T>(ReadOnlyMemory<byte> source) => Read<T>(source.Span);

    /// <inheritdoc cref="Deserialize{T}(byte[])"/>
    public T Deserialize<T>(ReadOnlySpan<byte> source) => Read<T>(source);

    /// <inheritdoc cref="Deserialize{T}(byte[])"/>
    public T Deserialize<T>(ReadOnlySequence<byte> source) => Read<T>(source.ToArray());

    private T Read<T>(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, _binder);
        return CodecTable.Of<T>().Read(ref reader);
    }
}

/// <summary>Values of one type to bytes and back.</summary>
public sealed class Serializer<T>(Serializer serializer)
{
    /// <summary>Writes a value.</summary>
    public byte[] SerializeToArray(T value) => serializer.SerializeToArray(value);

    /// <summary>Reads a value.</summary>
    public T Deserialize(byte[] source) => serializer.Deserialize<T>(source);

    /// <inheritdoc cref="Deserialize(byte[])"/>
    public T Deserialize(ReadOnlyMemory<byte> source) => serializer.Deserialize<T>(source);
}

/// <summary>Deep copies.</summary>
public sealed class DeepCopier
{
    /// <summary>A copy that shares nothing that can change.</summary>
    public T Copy<T>(T value) => CodecTable.Copy(value);
}

/// <summary>Deep copies of one type.</summary>
public sealed class DeepCopier<T>
{
    /// <summary>A copy that shares nothing that can change.</summary>
    public T Copy(T value) => CodecTable.Copy(value);
}
