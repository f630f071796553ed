using System.Collections.Immutable;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>How far the running query is. Null: unknown.</summary>
/// <param name="Fraction">0 to 1.</param>
/// <param name="Rows">Rows handled so far, of all sources of the query together.</param>
public readonly record struct DuckProgress(double? Fraction, long? Rows);

/// <summary>
/// A connection with a clean slate: what it makes with TEMP ends with it. One statement at a time; only <see
/// cref="Progress"/> and cancellation may come from other threads. Calls block: the work is done on the caller's thread
/// and the engine's.
/// </summary>
public sealed class DuckSession : IDisposable
{
    private const string ReportProgress = "PRAGMA enable_progress_bar; PRAGMA disable_print_progress_bar;";
    private readonly ConnectionHandle _connection;
    private readonly TapBoard _taps;
    private readonly FeedBoard _feeds;
    private readonly List<FeedTable> _fed = [];
    private readonly Action _returned;
    private bool _reportsProgress;
    private DuckRows? _open;
    private int _disposed;

    internal DuckSession(ConnectionHandle connection, TapBoard taps, FeedBoard feeds, Action returned) =>
        (_connection, _taps, _feeds, _returned) = (connection, taps, feeds, returned);

    /// <summary>Runs one or more statements.</summary>
    /// <returns>The rows that the last one changed or, for COPY, wrote.</returns>
    public long Execute(string sql, CancellationToken cancellation = default)
    {
        using var watch = Begin(cancellation);
        using var statements = Extract(sql, out var count);
        var changed = 0L;
        for (ulong i = 0; i < count; i++)
        {
            using var result = Run(statements, i, streams: false, cancellation);
            changed = (long)DuckNative.RowsChanged(result);
        }

        return changed;
    }

    /// <summary>Runs one statement and hands its rows on as they come. Dispose the rows before the next
    /// statement.</summary>
    public DuckRows Query(string sql, CancellationToken cancellation = default)
    {
        var watch = Begin(cancellation);
        try
        {
            using var statements = Extract(sql, out _, single: true);
            var result = Run(statements, 0, streams: true, cancellation);
            return _open = new DuckRows(
                result, watch, failed => Blame(Failure(failed, cancellation)), () => _open = null);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>The columns that a statement would give. It is planned, not run.</summary>
    public ImmutableArray<Column> Describe(string select, CancellationToken cancellation = default) =>
        [.. DescribeTypes(select, cancellation).Select(column => new Column(column.Name, column.Type.Text))];

    /// <inheritdoc cref="Describe"/>
    public unsafe ImmutableArray<(string Name, DuckType Type)> DescribeTypes(
        string select, CancellationToken cancellation = default)
    {
        using var watch = Begin(cancellation);
        using var statements = Extract(select, out _, single: true);
        using var prepared = Prepare(statements, 0, cancellation);
        var columns = ImmutableArray.CreateBuilder<(string, DuckType)>();
        for (ulong i = 0, n = DuckNative.PreparedColumnCount(prepared); i < n; i++)
        {
            var name = DuckNative.Owned(DuckNative.PreparedColumnName(prepared, i)) ?? "";
            columns.Add((name, DuckType.From(DuckNative.PreparedColumnType(prepared, i))));
        }

        return columns.ToImmutable();
    }

    /// <summary>The first value of the first row; null when it is NULL or there is no row.</summary>
    public object? Scalar(string sql, CancellationToken cancellation = default)
    {
        using var rows = Query(sql, cancellation);
        return rows.Read() ? rows.Value(0) : null;
    }

    /// <summary>The first value of the first row as a whole number; 0 when there is none.</summary>
    public long Count(string sql, CancellationToken cancellation = default)
    {
        using var rows = Query(sql, cancellation);
        return rows.Read() && !rows.IsNull(0) ? rows.Int64(0) : 0;
    }

    /// <summary>Counters for the steps of a query; see <see cref="TapSet"/>.</summary>
    public TapSet RentTaps(int count) => _taps.Rent(count);

    /// <summary>Rows from outside as a table, until the session ends. Where a reading of it fails, the query ends with a
    /// <see cref="FeedException"/>.</summary>
    public FeedTable Feed(IFeed feed)
    {
        var table = _feeds.Add(feed);
        _fed.Add(table);
        return table;
    }

    /// <summary>Lets <see cref="Progress"/> tell more than "unknown"; costs a fraction of a millisecond once.</summary>
    public void ReportsProgress()
    {
        if (_reportsProgress) return;
        Execute(ReportProgress);
        _reportsProgress = true;
    }

    /// <summary>How far the running statement is; readable from any thread.</summary>
    public DuckProgress Progress
    {
        get
        {
            try
            {
                var progress = DuckNative.QueryProgress(_connection);
                return new DuckProgress(
                    progress.Percentage < 0 ? null : Math.Min(progress.Percentage / 100, 1),
                    progress.RowsProcessed == 0 ? null : (long)progress.RowsProcessed);
            }
            catch (ObjectDisposedException)
            {
                return default; // The session was closed under the one who looks on.
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _open?.Dispose();
        _connection.Dispose();
        foreach (var table in _fed) table.Dispose();
        _returned();
    }

    private CancellationTokenRegistration Begin(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (_open is not null)
            throw new InvalidOperationException("The rows of the last query are still open; dispose them first.");
        cancellation.ThrowIfCancellationRequested();
        return cancellation.UnsafeRegister(static state => ((DuckSession)state!).Interrupt(), this);
    }

    internal void RegisterFunctions()
    {
        _taps.Register(_connection);
        _feeds.Register(_connection);
    }

    /// <summary>Only within a statement: ending one waits for this.</summary>
    private void Interrupt() => DuckNative.Interrupt(_connection);

    private unsafe StatementsHandle Extract(string sql, out ulong count, bool single = false)
    {
        count = DuckNative.ExtractStatements(_connection, sql, out var statements);
        var error = count == 0 ? DuckNative.Borrowed(DuckNative.ExtractStatementsError(statements)) : null;
        if (error is null && (count == 1 || (count > 1 && !single))) return statements;
        statements.Dispose();
        if (error is not null) throw new DuckException(DuckFault.Parse(error));
        throw new DuckException(new DuckFault(
            FaultKind.Invalid, DataCodes.SqlInvalid, $"Found {count} SQL statements; expected one.", null, null, []));
    }

    private ResultHandle Run(StatementsHandle statements, ulong index, bool streams, CancellationToken cancellation)
    {
        using var prepared = Prepare(statements, index, cancellation);
        using var pending = Start(prepared, streams, cancellation);
        // The library forgets an interrupt when a query begins. From here on it is heard; one that came before is seen
        // now.
        cancellation.ThrowIfCancellationRequested();
        var result = new ResultHandle();
        if (DuckNative.ExecutePending(pending, result) == DuckNative.Success) return result;
        using (result) throw Blame(Failure(result, cancellation));
    }

    private unsafe PreparedHandle Prepare(StatementsHandle statements, ulong index, CancellationToken cancellation)
    {
        var state = DuckNative.PrepareExtracted(_connection, statements, index, out var prepared);
        if (state == DuckNative.Success) return prepared;
        using (prepared) throw Failure(DuckNative.Borrowed(DuckNative.PrepareError(prepared)), cancellation);
    }

    private static unsafe PendingHandle Start(PreparedHandle prepared, bool streams, CancellationToken cancellation)
    {
        PendingHandle pending;
        var state = streams
            ? DuckNative.PendingPreparedStreaming(prepared, out pending)
            : DuckNative.PendingPrepared(prepared, out pending);
        if (state == DuckNative.Success) return pending;
        using (pending) throw Failure(DuckNative.Borrowed(DuckNative.PendingError(pending)), cancellation);
    }

    /// <summary>What the engine says of a feed that failed is only that it did.</summary>
    private Exception Blame(Exception failure) =>
        _fed.Select(table => table.Failure).FirstOrDefault(reason => reason is not null) is not { } reason ? failure
        : reason is OperationCanceledException ? reason : new FeedException(reason);

    private static unsafe Exception Failure(ResultHandle result, CancellationToken cancellation) =>
        Failure(DuckNative.Borrowed(DuckNative.ResultError(result)), cancellation);

    private static Exception Failure(string? error, CancellationToken cancellation)
    {
        var fault = DuckFault.Parse(error);
        return cancellation.IsCancellationRequested && fault.Kind == FaultKind.Cancelled
            ? new OperationCanceledException(cancellation)
            : new DuckException(fault);
    }
}
