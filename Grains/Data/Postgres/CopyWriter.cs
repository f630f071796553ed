using System.Buffers.Binary;
using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>Writes the value of a row of a column, without its length.</summary>
internal delegate void Encode(CopyWriter writer, DuckVector column, long row);

/// <summary>Writes rows as a binary COPY. Holds one value at most besides its buffer.</summary>
internal sealed class CopyWriter(Stream stream, CancellationToken cancellation)
{
    private const int BufferBytes = 128 << 10;
    private const int FlushBytes = 64 << 10;
    private static readonly byte[] Head = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    private byte[] _buffer = new byte[BufferBytes];
    private int _length;

    /// <summary>All rows that there are.</summary>
    public long Write(DuckRows rows, ImmutableArray<LoadColumn> columns)
    {
        Bytes(Head);
        var count = 0L;
        while (rows.Read())
        {
            Int16((short)columns.Length);
            for (var i = 0; i < columns.Length; i++)
            {
                var (vector, row) = rows.At(i);
                if (vector.IsNull(row)) Int32(-1);
                else Value(columns[i], vector, row);
            }

            if (_length > FlushBytes) Flush();
            count++;
        }

        Int16(-1);
        Flush();
        return count;
    }

    public void Item(Encode encode, DuckVector vector, long row)
    {
        var start = _length;
        Int32(0);
        encode(this, vector, row);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start), _length - start - 4);
    }

    public void Byte(byte value) => Room(1)[0] = value;
    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Room(2), value);
    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Room(4), value);
    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Room(8), value);
    public void UInt128(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Room(16), value);
    public void Single(float value) => BinaryPrimitives.WriteSingleBigEndian(Room(4), value);
    public void Double(double value) => BinaryPrimitives.WriteDoubleBigEndian(Room(8), value);
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    public void Text(ReadOnlySpan<byte> text)
    {
        if (text.Contains((byte)0))
            throw new FaultException(new Fault(
                FaultKind.Invalid, PostgresCodes.ValueRefused, "a text holds the character 0, which Postgres cannot keep.",
                Hint: "Remove it before: replace(column, chr(0), '')."));
        Bytes(text);
    }

    public void Decimal(Int128 unscaled, int scale)
    {
        const int bytesMax = 8 + 2 * 12;
        var start = _length;
        Room(bytesMax);
        _length = start + PostgresNumeric.Write(_buffer.AsSpan(start), unscaled, scale);
    }

    private void Value(LoadColumn column, DuckVector vector, long row)
    {
        try
        {
            Item(column.Encode, vector, row);
        }
        catch (FaultException wrong)
        {
            throw new FaultException(wrong.Fault with { Message = $"column '{column.Source}': {wrong.Fault.Message}" });
        }
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, checked((int)Math.Min(Array.MaxLength, Math.Max(2L * _buffer.Length, (long)_length + bytes))));
        var room = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        return room;
    }

    private void Flush()
    {
        stream.WriteAsync(_buffer.AsMemory(0, _length), cancellation).AsTask().GetAwaiter().GetResult();
        _length = 0;
        if (_buffer.Length > BufferBytes) _buffer = new byte[BufferBytes];
    }
}
