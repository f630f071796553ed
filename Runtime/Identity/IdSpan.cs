using System.Text;

namespace Orleans.Runtime;

/// <summary>The bytes of a grain type or of a grain key, with their hash.</summary>
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>
{
    private readonly byte[]? _bytes;
    private readonly int _hash;

    private IdSpan(byte[] bytes)
    {
        _bytes = bytes;
        _hash = (int)StableHash.Of(bytes);
    }

    /// <summary>The UTF-8 form of a text.</summary>
    public static IdSpan Create(string id) => new(Encoding.UTF8.GetBytes(id));

    /// <summary>An id that owns the given bytes.</summary>
    public static IdSpan UnsafeCreate(byte[] bytes) => new(bytes);

    /// <summary>Nothing has been put here yet.</summary>
    public bool IsDefault => _bytes is null || _bytes.Length == 0;

    /// <summary>The raw bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>A hash that is the same in every process.</summary>
    public uint GetUniformHashCode() => (uint)_hash;

    /// <inheritdoc/>
    public bool Equals(IdSpan other) =>
        ReferenceEquals(_bytes, other._bytes)
        || (_hash == other._hash && AsSpan().SequenceEqual(other.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public int CompareTo(IdSpan other) => AsSpan().SequenceCompareTo(other.AsSpan());

    /// <summary>The text of the id.</summary>
    public override string ToString() => _bytes is null ? "" : Encoding.UTF8.GetString(_bytes);

    /// <inheritdoc/>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}
