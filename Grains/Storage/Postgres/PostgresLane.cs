using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>A connection of one group commit, with its statements prepared. One statement is under way at a time. A connection that fails
/// is thrown away, and the next statement has a new one.</summary>
/// <remarks>Behind a pooler that gives each transaction another connection, the pooler must carry prepared statements over (PgBouncer
/// 1.21 and later do, with max_prepared_statements above 0). The settings of the session are wishes about speed, but for
/// synchronous_commit: there the server's own must not be off.</remarks>
internal sealed class PostgresLane(NpgsqlDataSource source) : IAsyncDisposable
{
    private const int TimeoutSeconds = 15;

    // The planner knows neither how many rows come nor, on a young table, how many there are. Walks along the primary keys in the order
    // of the batch are right for all of them, and a plan that is made once is half of the time of a small batch.
    private const string Settings = """
        SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false),
            set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false),
            set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
            CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END
        """;

    private readonly Dictionary<string, NpgsqlCommand> _prepared = [];
    private NpgsqlConnection? _connection;

    /// <summary>Runs one statement.</summary>
    /// <exception cref="FaultException">As <see cref="IBatchStore{TWrite,TAnswer}.Commit"/> says.</exception>
    public async ValueTask<T> Run<T>(PostgresStatement statement, Action<Columns> fill, Func<NpgsqlDataReader, ValueTask<T>> read)
    {
        var command = await Prepared(statement);
        try
        {
            fill(new Columns(command.Parameters));
            await using var reader = await command.ExecuteReaderAsync();
            return await read(reader);
        }
        catch (Exception e)
        {
            // What a failed statement leaves on the connection is not worth finding out.
            await Disconnect();
            if (PostgresFaults.From(e) is { } fault) throw fault;
            if (e is PostgresException refused) throw PostgresFaults.Refused(refused);
            throw;
        }
    }

    public ValueTask DisposeAsync() => Disconnect();

    private async ValueTask<NpgsqlCommand> Prepared(PostgresStatement statement)
    {
        if (_prepared.TryGetValue(statement.Sql, out var known)) return known;
        try
        {
            var connection = _connection ??= await Connect();
            var command = new NpgsqlCommand(statement.Sql, connection) { CommandTimeout = TimeoutSeconds };
            statement.Declare(new Columns(command.Parameters));
            await command.PrepareAsync();
            return _prepared[statement.Sql] = command;
        }
        catch (Exception e)
        {
            await Disconnect();
            if (PostgresFaults.OfConnecting(e) is { } fault) throw fault;
            throw;
        }
    }

    private async ValueTask<NpgsqlConnection> Connect()
    {
        var connection = await source.OpenConnectionAsync();
        try
        {
            await using var settings = new NpgsqlCommand(Settings, connection) { CommandTimeout = TimeoutSeconds };
            await settings.ExecuteNonQueryAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask Disconnect()
    {
        foreach (var command in _prepared.Values) await command.DisposeAsync();
        _prepared.Clear();
        if (_connection is not { } connection) return;
        _connection = null;
        try
        {
            await connection.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // It was broken; nothing is left to close.
        }
    }
}

/// <param name="Declare">Says the types of its parameters, by filling them with no rows.</param>
internal sealed record PostgresStatement(string Sql, Action<Columns> Declare);
