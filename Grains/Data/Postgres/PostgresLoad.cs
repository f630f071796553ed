using System.Collections.Immutable;
using System.Data;
using Npgsql;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>
/// One attempt to bring rows into a table. The rows travel as one binary COPY: those that are added, into the table
/// itself, within the transaction; those that replace others, into a table of the session's own. One transaction then
/// makes them the table's and records that (see <see cref="LoadLedger"/>): others see all or nothing, and once means
/// once, also where the answer to the commit is lost or an earlier attempt wakes up late.
/// </summary>
public sealed class PostgresLoad : IDisposable
{
    /// <summary>How long a commit, and the question after one, may go without an answer.</summary>
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(30);

    private const string Staging = "pg_temp.etl_staging";
    private readonly PostgresAddress _address;
    private readonly TableLoad _load;
    private readonly LoadOwner _owner;
    private readonly CancellationToken _cancellation;
    private readonly NpgsqlConnection _connection;
    private readonly LoadTarget _target;
    private readonly LoadLedger _ledger;
    private ImmutableArray<LoadColumn> _columns = [];
    private NpgsqlTransaction? _transaction;
    private long _rows;
    private bool _isCommitting;

    private PostgresLoad(
        PostgresAddress address, TableLoad load, LoadOwner owner, NpgsqlConnection connection, CancellationToken cancellation)
    {
        (_address, _load, _owner, _connection, _cancellation) = (address, load, owner, connection, cancellation);
        _target = LoadTarget.Find(connection, load.Table, cancellation);
        if (_target.IsOfRuns(connection, cancellation))
            throw new FaultException(new Fault(
                FaultKind.Denied, PostgresCodes.Denied,
                $"the table {_target.Name} is in the schema '{_target.Schema}', where a cluster keeps its runs.", "with.table",
                $"Name another schema, such as public.{load.Table.Table}."));
        _ledger = new LoadLedger(connection, _target.Schema, owner, cancellation);
        if (!_target.Exists && !load.Creates)
            throw new FaultException(new Fault(
                FaultKind.Invalid, PostgresCodes.TableDiffers, $"there is no table {_target.Name}.", "with.table",
                "Make it, or let the step make it with create: true."));
        Applied = _ledger.Enter(_target.Name.ToString(), load.Mode.ToString().ToLowerInvariant());
    }

    /// <summary>The rows that an attempt has brought already: then nothing is left to do.</summary>
    public long? Applied { get; }

    /// <exception cref="FaultException">The database cannot be reached, the table is not there, or a later attempt has
    /// begun.</exception>
    public static PostgresLoad Begin(
        PostgresAddress address, TableLoad load, LoadOwner owner, CancellationToken cancellation)
    {
        var connection = address.Open(LoadLedger.SessionOf(owner), cancellation);
        try
        {
            return PostgresFaults.Within(address.Name, cancellation, () =>
                new PostgresLoad(address, load, owner, connection, cancellation));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Holds the columns of the rows against the table's.</summary>
    /// <returns>The rows as they are written: a SELECT over the given one.</returns>
    public string Fit(string select, ImmutableArray<(string Name, DuckType Type)> rows)
    {
        _columns = _target.Fit(rows, _load);
        return $"SELECT {string.Join(", ", _columns.Select(column => $"{column.Select} AS {Sql.Name(column.Source)}"))} FROM {Sql.Nested(select)}";
    }

    /// <summary>For upsert: rows that are not told apart by the key, as the engine finds them. Gives the key's columns and
    /// a number.</summary>
    public string? Ambiguous(string select)
    {
        if (_load.Mode != LoadMode.Upsert) return null;
        var keys = Sql.Names(_load.Keys.Select(key => _columns.First(column => column.Target == key).Source));
        var noKey = string.Join(" OR ", _load.Keys.Select(key =>
            $"{Sql.Name(_columns.First(column => column.Target == key).Source)} IS NULL"));
        return $"SELECT {keys}, count(*) FROM {Sql.Nested(select)} GROUP BY {keys} HAVING count(*) > 1 OR {noKey} LIMIT 3";
    }

    /// <summary>Queries for a value of each column that cannot become the table's type, to be asked when a cast
    /// failed.</summary>
    public IEnumerable<(string Column, string TableType, string Select)> Misfits(string select) =>
        from column in _columns
        where column.IsCast
        let attempt = "TRY_" + column.Select
        select (column.Source, column.TableType,
            $"SELECT {Sql.Name(column.Source)}::VARCHAR FROM {Sql.Nested(select)} "
            + $"WHERE {attempt} IS NULL AND {Sql.Name(column.Source)} IS NOT NULL LIMIT 1");

    /// <summary>Sends the rows. Called again, it begins anew.</summary>
    public long Write(DuckRows rows) => OrAsRecorded(() =>
    {
        _transaction?.Dispose();
        _transaction = null;
        if (_load.Mode == LoadMode.Append)
        {
            Begin();
            if (!_target.Exists) Execute(_target.Create(_columns, []));
            return _rows = Copy(rows, _target.Name.Quoted);
        }

        Execute($"DROP TABLE IF EXISTS {Staging}; CREATE TEMP TABLE etl_staging ("
            + string.Join(", ", _columns.Select(column => $"{Sql.Name(column.Target)} {column.TableType}")) + ")");
        return _rows = Copy(rows, Staging);
    });

    /// <summary>Makes the rows that were sent the table's, and records it.</summary>
    /// <returns>The rows that the table has got from this load, now or by an attempt that was first.</returns>
    public long Apply() => OrAsRecorded(() =>
    {
        if (_transaction is null) Begin();
        if (_ledger.Lock() is { } earlier) return earlier;
        if (_load.Mode != LoadMode.Append) Merge();
        _ledger.Record(_rows);
        Commit();
        return _rows;
    });

    // Whoever gives up here does not know whether the rows are in. So a commit is not cancelled, and one without an answer is asked after.
    private void Commit()
    {
        _cancellation.ThrowIfCancellationRequested();
        using var patience = new CancellationTokenSource(CommitPatience);
        _isCommitting = true;
        try
        {
            _transaction!.CommitAsync(patience.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new FaultException(new Fault(
                FaultKind.Unavailable, PostgresCodes.Unavailable,
                $"connection '{_address.Name}': no answer to a commit within {CommitPatience.TotalSeconds:0} s."));
        }
    }

    public void Dispose()
    {
        try
        {
            _transaction?.Dispose();
        }
        catch (Exception broken) when (broken is NpgsqlException or InvalidOperationException or IOException)
        {
            // The server rolls back what a broken connection left behind.
        }

        _connection.Dispose();
    }

    private void Begin() => _transaction = _connection.BeginTransaction(IsolationLevel.ReadCommitted);

    private void Merge()
    {
        // One load at a time per table: two that replace each other's rows would deadlock.
        Execute($"SELECT pg_advisory_xact_lock(hashtextextended('etl_load:' || {Literal(_target.Name.Quoted)}, 0))");
        if (!_target.Exists) Execute(_target.Create(_columns, _load.Keys));
        var names = Sql.Names(_columns.Select(column => column.Target));
        if (_load.Mode == LoadMode.Replace) Execute($"DELETE FROM {_target.Name.Quoted}");
        Execute($"INSERT INTO {_target.Name.Quoted} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {Staging}"
            + (_load.Mode == LoadMode.Upsert ? OnConflict() : ""));
    }

    private string OnConflict()
    {
        var others = _columns.Select(column => column.Target).Except(_load.Keys).Select(Sql.Name).ToList();
        return $" ON CONFLICT ({Sql.Names(_load.Keys)}) DO "
            + (others.Count == 0 ? "NOTHING" : $"UPDATE SET {string.Join(", ", others.Select(name => $"{name} = excluded.{name}"))}");
    }

    private long Copy(DuckRows rows, string table)
    {
        var names = Sql.Names(_columns.Select(column => column.Target));
        var stream = _connection.BeginRawBinaryCopyAsync($"COPY {table} ({names}) FROM STDIN (FORMAT binary)", _cancellation)
            .GetAwaiter().GetResult();
        try
        {
            var count = new CopyWriter(stream, _cancellation).Write(rows, _columns);
            End(stream);
            return count;
        }
        catch
        {
            GiveUp(stream);
            throw;
        }
    }

    /// <summary>Ends the COPY and hears what the server says of it, which may wait for the locks of others.</summary>
    private void End(NpgsqlRawCopyStream stream)
    {
        using var watch = new ServerCancel(_address, _connection, _cancellation);
        stream.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static void GiveUp(NpgsqlRawCopyStream stream)
    {
        try
        {
            stream.Cancel();
            stream.Dispose();
        }
        catch (Exception broken) when (broken is NpgsqlException or InvalidOperationException or IOException or OperationCanceledException)
        {
            // What went wrong before is what is told.
        }
    }

    private void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection);
        command.ExecuteNonQueryAsync(_cancellation).GetAwaiter().GetResult();
    }

    /// <summary>A failure says nothing about what is in the table: the answer to a commit may be lost, and the attempt may have
    /// met the rows of another one. So the database is asked.</summary>
    private long OrAsRecorded(Func<long> act)
    {
        try
        {
            return PostgresFaults.Within(_address.Name, _cancellation, act);
        }
        catch (FaultException failed) when (failed.Fault.Code != PostgresCodes.Superseded)
        {
            using var patience = new CancellationTokenSource(CommitPatience);
            return Recorded(_isCommitting ? patience.Token : _cancellation) ?? throw new FaultException(failed.Fault);
        }
    }

    private long? Recorded(CancellationToken cancellation)
    {
        try
        {
            _connection.Dispose();
            using var connection = _address.Open(LoadLedger.SessionOf(_owner), cancellation);
            using var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
            // The lock waits for a commit that is still under way.
            return new LoadLedger(connection, _target.Schema, _owner, cancellation).Lock();
        }
        catch (Exception away) when (away is FaultException { Fault.Kind: FaultKind.Unavailable } or NpgsqlException
            || away is OperationCanceledException && !_cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''")}'";
}
