using System.Collections.Immutable;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// The rows of a query, forward only, one chunk in memory at a time. What <see cref="Bytes"/> gives is valid until the
/// next <see cref="Read"/>; everything else is a copy.
/// </summary>
public sealed class DuckRows : IDisposable
{
    private readonly ResultHandle _result;
    private readonly CancellationTokenRegistration _watch;
    private readonly Func<ResultHandle, Exception> _failure;
    private readonly Action _closed;
    private ChunkHandle? _chunk;
    private DuckVector[] _vectors = [];
    private long _rowsInChunk;
    private long _row = -1;
    private bool _disposed;

    internal DuckRows(
        ResultHandle result, CancellationTokenRegistration watch, Func<ResultHandle, Exception> failure, Action closed)
    {
        (_result, _watch, _failure, _closed) = (result, watch, failure, closed);
        Columns = ReadColumns(result);
    }

    public ImmutableArray<(string Name, DuckType Type)> Columns { get; }

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Read()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (++_row < _rowsInChunk) return true;
        return NextChunk();
    }

    public bool IsNull(int column) => _vectors[column].IsNull(_row);

    /// <summary>Any whole number that fits.</summary>
    public long Int64(int column) => _vectors[column].Int64(_row);

    /// <summary>Any number, to the nearest double.</summary>
    public double Double(int column) => _vectors[column].Double(_row);

    /// <summary>The bytes of a VARCHAR or BLOB, in place.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => _vectors[column].Bytes(_row);

    /// <summary>The value as the .NET type that can hold it, or as DuckDB's text where none can; null for NULL. Lists
    /// are arrays; structs and maps are <see cref="DuckStruct"/> and <see cref="DuckMap"/>.</summary>
    public object? Value(int column) => _vectors[column].Value(_row);

    /// <summary>The value as text; nested values as JSON; null for NULL.</summary>
    public string? Text(int column) => DuckJson.Text(Value(column));

    /// <summary>A column in place, and the row at which it stands.</summary>
    internal (DuckVector Vector, long Row) At(int column) => (_vectors[column], _row);

    /// <summary>All values of the row.</summary>
    public object?[] Values() => [.. _vectors.Select(vector => vector.Value(_row))];

    /// <summary>The rows of the chunk that was just begun: they can be skipped at once.</summary>
    internal bool NextChunk()
    {
        do
        {
            _chunk?.Dispose();
            _chunk = _result.FetchChunk();
            if (_chunk.IsInvalid) return End();
            _rowsInChunk = (long)DuckNative.ChunkSize(_chunk.DangerousGetHandle());
        }
        while (_rowsInChunk == 0);

        var chunk = _chunk.DangerousGetHandle();
        _vectors = [.. Columns.Select((column, i) =>
            new DuckVector(DuckNative.ChunkVector(chunk, (ulong)i), column.Type))];
        _row = 0;
        return true;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _watch.Dispose();
        _chunk?.Dispose();
        _result.Dispose();
        _closed();
    }

    private unsafe bool End()
    {
        (_rowsInChunk, _row) = (0, 0);
        if (DuckNative.ResultError(_result) is not null) throw _failure(_result);
        return false;
    }

    private static unsafe ImmutableArray<(string Name, DuckType Type)> ReadColumns(ResultHandle result)
    {
        var columns = ImmutableArray.CreateBuilder<(string, DuckType)>();
        for (ulong i = 0, n = DuckNative.ColumnCount(result); i < n; i++)
        {
            var name = DuckNative.Borrowed(DuckNative.ColumnName(result, i)) ?? "";
            columns.Add((name, DuckType.From(DuckNative.ColumnType(result, i))));
        }

        return columns.ToImmutable();
    }
}
