using Npgsql;
using OrleansEtl.Servers;

[assembly: AssemblyFixture(typeof(OrleansEtl.Steps.Tests.Warehouse))]

namespace OrleansEtl.Steps.Tests;

/// <summary>A Postgres for all tests, started by the first that needs it; each test takes a database of its
/// own.</summary>
public sealed class Warehouse : IAsyncLifetime
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.Start());

    public Task<PostgresServer> Server => _server.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated) await (await _server.Value).DisposeAsync();
    }

    /// <summary>A new database after the statements, as the connection <c>warehouse</c>.</summary>
    public async Task<NamedConnections> Connections(string sql = "") => (await Database(sql)).Connections;

    /// <summary>A new database after the statements.</summary>
    public async Task<Database> Database(string sql = "")
    {
        var server = await Server;
        var database = new Database(server, await server.NewDatabase());
        if (sql.Length > 0) await database.Execute(sql);
        return database;
    }
}

/// <summary>A database as the tests look at it, beside the product.</summary>
public sealed class Database(PostgresServer server, string connectionString)
{
    public PostgresServer Server => server;
    public string ConnectionString => connectionString;
    public NamedConnections Connections => NamedConnections.Of(("warehouse", connectionString));

    public async Task Execute(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Rows as Postgres writes records, in the order of the query.</summary>
    public async Task<string[]> Rows(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand($"SELECT r::text FROM ({sql}) r", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return [.. rows];
    }

    public async Task<string> Scalar(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Until the query gives that: what waits in the database sends no signal.</summary>
    public async Task Until(string sql, string wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await Scalar(sql) != wanted) await Task.Delay(10, patience.Token);
    }

    public async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
