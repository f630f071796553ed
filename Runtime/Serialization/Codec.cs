using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>Writes, reads and copies values of one type; the untyped side, for values met by run-time type.</summary>
public abstract class Codec
{
    /// <summary>The type of the values.</summary>
    public abstract Type ValueType { get; }

    /// <summary>Values may be shared instead of copied: nothing reachable from them changes.</summary>
    public virtual bool SharesValues => false;

    /// <summary>Writes a value of exactly this type.</summary>
    public abstract void WriteBoxed(WireWriter writer, object value);

    /// <summary>Reads a value of exactly this type.</summary>
    public abstract object? ReadBoxed(ref WireReader reader);

    /// <summary>A deep copy of a value of exactly this type.</summary>
    public abstract object CopyBoxed(object value);
}

/// <summary>Writes, reads and copies values of one type.</summary>
public abstract class Codec<T> : Codec
{
    /// <inheritdoc/>
    public override Type ValueType => typeof(T);

    /// <summary>Writes shape and body.</summary>
    public abstract void Write(WireWriter writer, T value);

    /// <summary>Reads shape and body.</summary>
    public abstract T Read(ref WireReader reader);

    /// <summary>A deep copy, or the value itself where sharing is unobservable.</summary>
    public abstract T Copy(T value);

    /// <inheritdoc/>
    public override void WriteBoxed(WireWriter writer, object value) => Write(writer, (T)value);

    /// <inheritdoc/>
    public override object? ReadBoxed(ref WireReader reader) => Read(ref reader);

    /// <inheritdoc/>
    public override object CopyBoxed(object value) => Copy((T)value)!;
}

/// <summary>A codec of values that never change.</summary>
public abstract class ValueCodec<T> : Codec<T>
{
    /// <inheritdoc/>
    public sealed override bool SharesValues => true;

    /// <inheritdoc/>
    public sealed override T Copy(T value) => value;
}
