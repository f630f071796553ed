namespace Orleans.Serialization.Wire;

/// <summary>
/// How the bytes of a value are shaped, so that a reader can step over a member it does not know.
/// A value is one byte of shape and its body; members of an object carry the shape in their tag.
/// </summary>
public enum WireShape : byte
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>A number in groups of seven bits.</summary>
    VarInt,

    /// <summary>Four bytes.</summary>
    Fixed32,

    /// <summary>Eight bytes.</summary>
    Fixed64,

    /// <summary>Sixteen bytes.</summary>
    Fixed128,

    /// <summary>A length and that many bytes.</summary>
    Bytes,

    /// <summary>Tagged members up to an end mark.</summary>
    Object,

    /// <summary>A count and that many values.</summary>
    Sequence,

    /// <summary>A type name and a value of that type.</summary>
    Typed,
}
