using System.Buffers.Binary;
using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>Reads the rows of a binary COPY: a head, then for each row its number of values and each value behind its
/// length. Only one value at a time is held.</summary>
internal sealed class CopyReader(Stream stream, ImmutableArray<PostgresColumn> columns)
{
    private const int HeadBytes = 19;
    private const int BufferBytes = 256 << 10;

    /// <summary>No value may be larger; it has to be held at once.</summary>
    private const int ValueBytesMax = 256 << 20;

    /// <summary>A chunk ends behind the row that makes it larger.</summary>
    private const int ChunkBytesMax = 16 << 20;

    private byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private bool _begun;
    private bool _over;

    public int Fill(ReadOnlySpan<FeedVector> vectors, int rowsMax)
    {
        if (_over) return 0;
        if (!_begun) Begin();
        var bytes = 0;
        for (var row = 0; row < rowsMax; row++)
        {
            if (bytes > ChunkBytesMax) return row;
            var values = BinaryPrimitives.ReadInt16BigEndian(Take(2));
            if (values < 0)
            {
                _over = true;
                return row;
            }

            if (values != columns.Length) throw new IOException($"A row has {values} values; expected {columns.Length}.");
            for (var i = 0; i < values; i++)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(Take(4));
                if (length < 0)
                {
                    vectors[i].SetNull(row);
                    continue;
                }

                bytes += length;
                Put(columns[i], vectors[i], row, Take(length));
            }
        }

        return rowsMax;
    }

    private static void Put(PostgresColumn column, FeedVector vector, int row, ReadOnlySpan<byte> value)
    {
        try
        {
            column.Decode(vector, row, value);
        }
        catch (FaultException foreign)
        {
            throw new FaultException(foreign.Fault with { Message = $"column '{column.Name}': {foreign.Fault.Message}" });
        }
    }

    private void Begin()
    {
        var head = Take(HeadBytes);
        var extension = BinaryPrimitives.ReadInt32BigEndian(head[15..]);
        Take(extension);
        _begun = true;
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (_end - _start < bytes) Need(bytes);
        var taken = _buffer.AsSpan(_start, bytes);
        _start += bytes;
        return taken;
    }

    private void Need(int bytes)
    {
        if (bytes > ValueBytesMax)
            throw PostgresTypes.Foreign($"a value of {bytes} bytes", $"At most {ValueBytesMax} bytes are read.");
        var kept = _end - _start;
        var target = bytes > _buffer.Length ? new byte[Math.Max(bytes, BufferBytes)] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, kept);
        while (_end < bytes)
        {
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0) throw new IOException("The rows end within a value.");
            _end += read;
        }
    }
}
