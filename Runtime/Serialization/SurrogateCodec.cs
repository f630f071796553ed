using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>A type that is not ours, written as its surrogate.</summary>
public sealed class SurrogateCodec<TValue, TSurrogate, TConverter> : Codec<TValue>
    where TSurrogate : struct
    where TConverter : IConverter<TValue, TSurrogate>, new()
{
    private readonly TConverter _converter = new();

    /// <inheritdoc/>
    public override void Write(WireWriter writer, TValue value)
    {
        if (value is null) writer.Null();
        else CodecTable.Of<TSurrogate>().Write(writer, _converter.ConvertToSurrogate(in value));
    }

    /// <inheritdoc/>
    public override TValue Read(ref WireReader reader)
    {
        var surrogate = CodecTable.Of<TSurrogate?>().Read(ref reader);
        if (surrogate is not { } present) return default!;
        return _converter.ConvertFromSurrogate(in present);
    }

    /// <inheritdoc/>
    public override TValue Copy(TValue value)
    {
        if (value is null) return value;
        var surrogate = CodecTable.Of<TSurrogate>().Copy(_converter.ConvertToSurrogate(in value));
        return _converter.ConvertFromSurrogate(in surrogate);
    }
}
