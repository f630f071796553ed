using System.Collections.Immutable;
using System.Data;
using Npgsql;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>What a user asks of a database.</summary>
/// <param name="Sql">One reading statement.</param>
/// <param name="TimeoutSeconds">For the statement; null: what the database sets.</param>
/// <param name="RowsMax">More rows than this are refused; null: any number.</param>
public sealed record PostgresQueryText(string Sql, int? TimeoutSeconds = null, long? RowsMax = null);

/// <summary>
/// A query's rows as a feed. It runs in one transaction that only reads and sees one state of the database, so that
/// reading twice gives the same rows. The user's statement is first prepared alone, by which the server makes sure that
/// it is one whole statement; only then is it put into the parentheses of a COPY, out of which such a text cannot break.
/// Cancellation reaches the server's query.
/// </summary>
public sealed class PostgresQuery : IFeed, IDisposable
{
    private readonly PostgresAddress _address;
    private readonly PostgresQueryText _query;
    private readonly CancellationToken _cancellation;
    private readonly NpgsqlConnection _connection;
    private readonly ServerCancel _watch;
    private readonly NpgsqlTransaction _transaction;
    private readonly ImmutableArray<PostgresColumn> _columns;

    private PostgresQuery(
        PostgresAddress address, PostgresQueryText query, NpgsqlConnection connection, CancellationToken cancellation)
    {
        (_address, _query, _connection, _cancellation) = (address, query, connection, cancellation);
        _watch = new ServerCancel(address, connection, cancellation);
        try
        {
            (_transaction, _columns) = PostgresFaults.Within(address.Name, cancellation, () => (Begin(), Describe()), query.Sql);
        }
        catch
        {
            _watch.Dispose();
            throw;
        }
        Columns = [.. _columns.Select(column => new FeedColumn(column.Name, column.Type))];
    }

    public ImmutableArray<FeedColumn> Columns { get; }

    /// <summary>The columns that come as the text that Postgres writes of them, since their type has no
    /// counterpart.</summary>
    public IEnumerable<string> ColumnsAsText => _columns.Where(column => column.AsText).Select(column => column.Name);

    /// <summary>Opens the connection and has the server prepare the query; no row is read.</summary>
    /// <exception cref="FaultException">The database cannot be reached, or refuses the query.</exception>
    public static PostgresQuery Open(PostgresAddress address, PostgresQueryText query, CancellationToken cancellation)
    {
        var connection = address.Open("etl extract", cancellation);
        try
        {
            return new PostgresQuery(address, query, connection, cancellation);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public IFeedReading Read() => PostgresFaults.Within(_address.Name, _cancellation, () =>
    {
        Execute("SAVEPOINT before_reading");
        var stream = _connection.BeginRawBinaryCopy($"COPY {Selected()} TO STDOUT (FORMAT binary)"); // the server answers with its first rows
        return new Reading(this, stream);
    }, _query.Sql);

    public void Dispose()
    {
        _watch.Dispose();
        _transaction.Dispose();
        _connection.Dispose();
    }

    private NpgsqlTransaction Begin()
    {
        EndWithUs();
        var transaction = _connection.BeginTransaction(IsolationLevel.RepeatableRead);
        // Templates were filled in by literals that these rules hold for; then the session is shut in.
        Execute("SET LOCAL standard_conforming_strings = on; SET LOCAL extra_float_digits = 1; "
            + "SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; "
            + (_query.TimeoutSeconds is { } seconds ? $"SET LOCAL statement_timeout = '{seconds}s'; " : "")
            + "SET TRANSACTION READ ONLY");
        return transaction;
    }

    /// <summary>A query whose process was killed ends soon; by itself the server notices when it has rows to send. Servers before 14 and on
    /// some systems know no such bound.</summary>
    private void EndWithUs()
    {
        try
        {
            Execute("SET client_connection_check_interval = '5s'");
        }
        catch (PostgresException unknown) when (unknown.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidParameterValue)
        {
        }
    }

    private ImmutableArray<PostgresColumn> Describe()
    {
        using var batch = new NpgsqlBatch(_connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(_query.Sql));
        using var reader = Prepared(batch);
        var columns = Enumerable.Range(0, reader.FieldCount)
            .Select(i => PostgresTypes.Of(reader.GetName(i), reader.GetDataTypeName(i))).ToImmutableArray();
        if (columns.IsEmpty) throw NotOneQuery("found a statement that gives no rows; expected one SELECT.");
        var twice = columns.GroupBy(column => column.Name).FirstOrDefault(same => same.Count() > 1);
        if (twice is not null)
            throw NotOneQuery($"the query gives two columns '{twice.Key}'.", "Name one of them otherwise: … AS name.");
        return columns;
    }

    private static NpgsqlDataReader Prepared(NpgsqlBatch batch)
    {
        try
        {
            return batch.ExecuteReader(CommandBehavior.SchemaOnly);
        }
        catch (NotSupportedException) // Npgsql sees several statements by itself.
        {
            throw Several();
        }
        catch (PostgresException several) when (several is { SqlState: "42601" }
            && several.MessageText.StartsWith("cannot insert multiple commands", StringComparison.Ordinal))
        {
            throw Several();
        }
    }

    /// <summary>The statement in parentheses, with the server's text for what has no counterpart.</summary>
    private string Selected()
    {
        var query = Sql.Nested(_query.Sql);
        if (!_columns.Any(column => column.AsText)) return query;
        var selected = _columns.Select(column => Sql.Name(column.Name) + (column.AsText ? "::text" : ""));
        return $"(SELECT {string.Join(", ", selected)} FROM {query} AS etl_rows({Sql.Names(_columns.Select(c => c.Name))}))";
    }

    private void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection);
        command.ExecuteNonQuery();
    }

    private static FaultException Several() => NotOneQuery("found several statements; expected one SELECT.");

    private static FaultException NotOneQuery(string message, string? hint = null) =>
        new(new Fault(FaultKind.Invalid, PostgresCodes.NotOneQuery, message, "with.query", hint));

    private sealed class Reading : IFeedReading
    {
        private readonly PostgresQuery _owner;
        private readonly NpgsqlRawCopyStream _stream;
        private readonly CopyReader _rows;
        private long _read;
        private bool _ended;

        public Reading(PostgresQuery owner, NpgsqlRawCopyStream stream)
        {
            (_owner, _stream) = (owner, stream);
            _rows = new CopyReader(stream, owner._columns);
        }

        public int Fill(ReadOnlySpan<FeedVector> columns, int rowsMax)
        {
            if (_ended) return 0;
            try
            {
                var rows = _rows.Fill(columns, rowsMax);
                _ended = rows == 0;
                if ((_read += rows) > _owner._query.RowsMax)
                    throw new FaultException(new Fault(
                        FaultKind.Invalid, PostgresCodes.RowsTooMany,
                        $"the query gives more than {_owner._query.RowsMax} rows.", "with.rows_max"));
                return rows;
            }
            catch (Exception failed) when (failed is NpgsqlException or IOException or OperationCanceledException)
            {
                _owner._cancellation.ThrowIfCancellationRequested();
                throw new FaultException(PostgresFaults.Of(_owner._address.Name, failed, null));
            }
        }

        /// <summary>A reading that was left early fails on the server; what came before it stands, and with it the
        /// state that the transaction sees.</summary>
        public void Dispose()
        {
            if (!_ended) _stream.Cancel();
            _stream.Dispose();
            if (!_ended && !_owner._cancellation.IsCancellationRequested)
                PostgresFaults.Within(_owner._address.Name, _owner._cancellation, () =>
                    _owner.Execute("ROLLBACK TO SAVEPOINT before_reading"));
        }
    }
}
