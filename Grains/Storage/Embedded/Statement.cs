using System.Collections.Immutable;
using System.Text;
using SQLitePCL;

namespace OrleansEtl.Storage;

/// <summary>A prepared statement: <c>Begin</c>, then its values in order, then <c>Execute</c> or a query. It never stays open after the
/// call: an open read would hold the old state of the whole file.</summary>
internal sealed class Statement(Connection connection, sqlite3_stmt handle) : IDisposable
{
    private int _bound;

    public Statement Begin()
    {
        raw.sqlite3_reset(handle);
        _bound = 0;
        return this;
    }

    public Statement Add(long value) => Bound(raw.sqlite3_bind_int64(handle, ++_bound, value));
    public Statement Add(long? value) => value is { } v ? Add(v) : Nothing();
    public Statement Add(byte[]? value) => value is null ? Nothing() : Add(value.AsSpan());

    /// <remarks>SQLite takes an empty span for NULL.</remarks>
    public Statement Add(ReadOnlySpan<byte> value) => Bound(value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(handle, ++_bound, 0)
        : raw.sqlite3_bind_blob(handle, ++_bound, value));

    public Statement Add(string? value)
    {
        if (value is null) return Nothing();
        if (value.Length == 0) return Bound(raw.sqlite3_bind_text(handle, ++_bound, ""));
        var bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> bytes = bytesMax <= 512 ? stackalloc byte[512] : new byte[bytesMax];
        // With its length, because a text may hold a zero character.
        return Bound(raw.sqlite3_bind_text(handle, ++_bound, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
    }

    /// <summary>Runs a statement that returns no rows; the number of rows that it changed.</summary>
    public int Execute()
    {
        try
        {
            connection.Check(raw.sqlite3_step(handle));
            return connection.Changes;
        }
        finally
        {
            raw.sqlite3_reset(handle);
        }
    }

    public ImmutableArray<T> All<T>(Func<Statement, T> read)
    {
        var rows = ImmutableArray.CreateBuilder<T>();
        try
        {
            while (Step()) rows.Add(read(this));
            return rows.DrainToImmutable();
        }
        finally
        {
            raw.sqlite3_reset(handle);
        }
    }

    public T? First<T>(Func<Statement, T> read)
    {
        try
        {
            return Step() ? read(this) : default;
        }
        finally
        {
            raw.sqlite3_reset(handle);
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;
    public long Long(int column) => raw.sqlite3_column_int64(handle, column);
    public int Int(int column) => raw.sqlite3_column_int(handle, column);
    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);
    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(handle, column));
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);
    public byte[] Bytes(int column) => raw.sqlite3_column_blob(handle, column).ToArray();
    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);
    public DateTimeOffset Time(int column) => Instants.Time(Long(column));
    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    public void Dispose() => raw.sqlite3_finalize(handle);

    private Statement Nothing() => Bound(raw.sqlite3_bind_null(handle, ++_bound));

    private Statement Bound(int code)
    {
        connection.Check(code);
        return this;
    }

    private bool Step()
    {
        var code = raw.sqlite3_step(handle);
        connection.Check(code);
        return code == raw.SQLITE_ROW;
    }
}
