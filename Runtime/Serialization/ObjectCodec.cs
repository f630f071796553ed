using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>
/// What generated codecs derive from. An object is written as levels, base class first, each with its own
/// numbering; members are told apart by id, unknown ones are stepped over and absent ones keep their default,
/// so old bytes are read by new code and the other way round.
/// </summary>
public abstract class ObjectCodec<T> : Codec<T>
{
    private static readonly bool Exact = typeof(T).IsValueType || typeof(T).IsSealed;
    private Sharing _sharing;

    /// <inheritdoc/>
    public sealed override bool SharesValues => DecideSharing();

    /// <summary>Whether the type is declared immutable.</summary>
    protected virtual bool IsImmutable => false;

    /// <summary>The codecs of the members, if no member can be set after construction; else null.</summary>
    protected virtual Codec[]? ReadOnlyMembers() => null;

    /// <summary>An object whose members are to be filled.</summary>
    protected abstract T Create();

    /// <summary>Writes the members, base class first.</summary>
    public abstract void WriteLevels(WireWriter writer, T value);

    /// <summary>Reads the members, base class first; false when the input has no further level.</summary>
    public abstract bool ReadLevels(ref WireReader reader, ref T value);

    /// <summary>Copies the members, base class first.</summary>
    public abstract void CopyLevels(T from, ref T to);

    /// <inheritdoc/>
    public sealed override void Write(WireWriter writer, T value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        if (!Exact && value.GetType() != typeof(T))
        {
            CodecTable.WriteTyped(writer, value);
            return;
        }

        writer.BeginObject();
        WriteLevels(writer, value);
        writer.EndObject();
    }

    /// <inheritdoc/>
    public sealed override T Read(ref WireReader reader)
    {
        var shape = reader.Shape();
        if (shape == WireShape.Null) return default!;
        if (shape == WireShape.Typed) return (T)CodecTable.ReadTyped(ref reader, typeof(T))!;
        if (shape != WireShape.Object)
            throw new SerializerException($"Found {shape} where an object of {typeof(T)} was expected.");
        if (typeof(T).IsAbstract)
            throw new SerializerException($"Found an object without its type where a {typeof(T)} was expected.");
        reader.Enter();
        var value = Create();
        if (ReadLevels(ref reader, ref value))
        {
            while (reader.SkipLevel())
            {
            }
        }

        reader.Leave();
        return value;
    }

    /// <inheritdoc/>
    public sealed override T Copy(T value)
    {
        if (value is null) return value;
        if (!Exact && value.GetType() != typeof(T)) return (T)CodecTable.Of(value.GetType()).CopyBoxed(value);
        if (IsImmutable || SharesValues) return value;
        var copy = Create();
        CopyLevels(value, ref copy);
        return copy;
    }

    // While the answer is being found, a type that contains itself is taken for one that must be copied.
    private bool DecideSharing()
    {
        if (_sharing != Sharing.Unknown) return _sharing == Sharing.Yes;
        _sharing = Sharing.Deciding;
        var shares = Exact
            && (IsImmutable || (ReadOnlyMembers() is { } members && Array.TrueForAll(members, m => m.SharesValues)));
        _sharing = shares ? Sharing.Yes : Sharing.No;
        return shares;
    }

    private enum Sharing : byte
    {
        Unknown,
        Deciding,
        Yes,
        No,
    }
}
