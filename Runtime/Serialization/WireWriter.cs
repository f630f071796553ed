using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Orleans.Serialization.Wire;

/// <summary>Writes values into one growing, pooled buffer.</summary>
public sealed class WireWriter : IDisposable
{
    // A graph deeper than this is taken for a cycle: values on the wire are trees.
    private const int DepthMax = 512;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length;
    private int _depth;

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>A copy of what has been written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The shape of the value that follows.</summary>
    public void Shape(WireShape shape) => Byte((byte)shape);

    /// <summary>No value.</summary>
    public void Null() => Byte((byte)WireShape.Null);

    /// <summary>Announces a member; its value follows with its own shape.</summary>
    public void Member(uint id) => VarInt(id + 2UL);

    /// <summary>The members of the next class down the hierarchy follow.</summary>
    public void NextLevel() => Byte(1);

    /// <summary>No more members.</summary>
    public void EndObject()
    {
        _depth--;
        Byte(0);
    }

    /// <summary>Members follow.</summary>
    public void BeginObject()
    {
        if (++_depth > DepthMax)
            throw new SerializerException($"The value is nested more than {DepthMax} levels deep, or contains itself.");
        Shape(WireShape.Object);
    }

    /// <summary>That many values follow.</summary>
    public void BeginSequence(int count)
    {
        if (++_depth > DepthMax)
            throw new SerializerException($"The value is nested more than {DepthMax} levels deep, or contains itself.");
        Shape(WireShape.Sequence);
        VarInt((ulong)count);
    }

    /// <summary>All values of the sequence are written.</summary>
    public void EndSequence() => _depth--;

    /// <summary>A type name; a value follows.</summary>
    public void Typed(string typeName)
    {
        Shape(WireShape.Typed);
        Text(typeName);
    }

    /// <summary>One byte.</summary>
    public void Byte(byte value)
    {
        if (_length == _buffer.Length) Grow(1);
        _buffer[_length++] = value;
    }

    /// <summary>A number in groups of seven bits.</summary>
    public void VarInt(ulong value)
    {
        if (_buffer.Length - _length < 10) Grow(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    /// <summary>Four bytes.</summary>
    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    /// <summary>Eight bytes.</summary>
    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    /// <summary>A length and the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        VarInt((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>A length and the text as UTF-8.</summary>
    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        VarInt((ulong)bytes);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    /// <summary>Room for that many bytes, to be filled by the caller.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Grow(bytes);
        var room = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        return room;
    }

    internal ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Overwrites four bytes that were written before.</summary>
    internal void Patch32(int position, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(position, 4), value);

    /// <summary>Forgets what has been written and keeps the buffer, unless it has become large.</summary>
    internal void Reset(int keepBytesMax)
    {
        _length = 0;
        _depth = 0;
        if (_buffer.Length <= keepBytesMax) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(512);
    }

    private void Grow(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
