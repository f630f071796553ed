using System.Collections.Concurrent;
using Npgsql;
using OrleansEtl.Servers;

[assembly: AssemblyFixture(typeof(OrleansEtl.Storage.Tests.PostgresOfTests))]

namespace OrleansEtl.Storage.Tests;

/// <summary>One private server for the whole suite, started by the first test that asks. A test has a database to itself; when it is done
/// the next one gets it, empty.</summary>
public sealed class PostgresOfTests : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Server = new(() => PostgresServer.Start());
    private static readonly ConcurrentBag<string> Databases = [];

    /// <summary>The connection string of a database with an empty schema in it.</summary>
    public static async Task<string> Rent()
    {
        if (Databases.TryTake(out var known)) return known;
        var made = await (await Server.Value).NewDatabase();
        await using var source = NpgsqlDataSource.Create(made + ";Pooling=false");
        await PostgresSchema.BringUpToDate(source, CancellationToken.None);
        return made;
    }

    public static async Task Return(NpgsqlDataSource source)
    {
        await using (var empty = source.CreateCommand("""
            DELETE FROM etl.run_heads; DELETE FROM etl.journal; DELETE FROM etl.snapshots;
            DELETE FROM etl.datasets; DELETE FROM etl.grain_state; DELETE FROM etl.reminders;
            DELETE FROM etl.membership; DELETE FROM etl.membership_versions;
            DELETE FROM etl.step_results; DELETE FROM etl.run_starts
            """)) await empty.ExecuteNonQueryAsync();
        Databases.Add(source.ConnectionString);
        await source.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Server.IsValueCreated) await (await Server.Value).DisposeAsync();
    }
}

public sealed class PostgresHome : IHome
{
    private readonly List<PostgresStore> _stores = [];

    public PostgresHome()
    {
        Source = NpgsqlDataSource.Create(Task.Run(PostgresOfTests.Rent).GetAwaiter().GetResult());
        Store = Another();
    }

    public NpgsqlDataSource Source { get; }
    public IStore Store { get; }
    public FakeHost Host { get; } = new();

    public IStore Another()
    {
        var store = Task.Run(() => PostgresStore.Open(Source, TimeProvider.System)).GetAwaiter().GetResult();
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        await PostgresOfTests.Return(Source);
    }
}
