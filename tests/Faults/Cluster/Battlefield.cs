using System.Collections.Concurrent;
using System.Collections.Immutable;
using Npgsql;
using OrleansEtl.Client;
using OrleansEtl.Faults.Tests.Oracle;
using OrleansEtl.Faults.Tests.Workload;
using OrleansEtl.Servers;
using OrleansEtl.Storage;

namespace OrleansEtl.Faults.Tests.Cluster;

/// <summary>A Postgres and some silos, all real processes, of which anything can be broken.</summary>
internal sealed class Battlefield : IAsyncDisposable
{
    public static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    /// <summary>What a silo with 256 MB for its steps may take in all.</summary>
    private const long PeakBytesMax = 900_000_000;

    private readonly string _folder;
    private readonly string _effects;
    private readonly Action<string> _say;
    private readonly ConcurrentQueue<Life> _lives = new();
    private readonly List<Place> _places = [];

    private Battlefield(PostgresServer postgres, string store, string effects, string folder, Action<string> say) =>
        (Postgres, StoreText, _effects, _folder, _say) = (postgres, store, effects, folder, say);

    public PostgresServer Postgres { get; }

    public IReadOnlyList<Place> Places => _places;

    /// <summary>The database of the silos, past their proxies.</summary>
    public string StoreText { get; }

    public static async Task<Battlefield> Start(int silos, Action<string> say)
    {
        var postgres = await PostgresServer.Start();
        var (store, effects) = (await postgres.NewDatabase(), await postgres.NewDatabase());
        var field = new Battlefield(postgres, store, effects, Directory.CreateTempSubdirectory("etl-battle-").FullName, say);
        try
        {
            Directory.CreateDirectory(field.Shared);
            await EffectTables.Make(effects);
            for (var i = 0; i < silos; i++) field._places.Add(new Place(i, postgres.Port, field.StartSilo, field._lives, say));
            foreach (var place in field._places) await place.IsReady(ReadyPatience);
            return field;
        }
        catch
        {
            await field.DisposeAsync();
            throw;
        }
    }

    public Task<ClusterEtl> Connect(TimeSpan patience) => EtlClient.Connect(new EtlClientOptions
    {
        Gateways = [.. _places.Select(place => $"127.0.0.1:{place.GatewayPort}")], Retries = new RetrySettings { Patience = patience },
    });

    public async Task CutDatabaseConnections()
    {
        await using var source = NpgsqlDataSource.Create(Postgres.ConnectionString + ";Pooling=false");
        await using var cut = source.CreateCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
        await cut.ExecuteNonQueryAsync();
    }

    /// <summary>Every process that has lived here, and those that live.</summary>
    public ImmutableArray<Life> Lives => [.. _lives, .. _places.Select(place => place.Now.Life(ended: null))];

    public Task<ImmutableArray<Effect>> Effects() => EffectTables.Read(_effects);

    public async Task<(ImmutableArray<Chronicle> Chronicles, ImmutableArray<DatasetRow> Datasets)> Stored()
    {
        await using var source = NpgsqlDataSource.Create(StoreText);
        await using var store = await PostgresStore.Open(source, TimeProvider.System);
        return (await Archive.Chronicles(store, CancellationToken.None), await Archive.Datasets(store, CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_places.Select(place => place.DisposeAsync().AsTask()));
        await Postgres.DisposeAsync();
        if (Environment.GetEnvironmentVariable("ETL_KEEP_LOGS") is { Length: > 0 }) _say($"the logs of the silos are in {_folder}");
        else Directory.Delete(_folder, recursive: true);
    }

    private string Shared => Path.Combine(_folder, "shared");

    private SiloProcess StartSilo(Place place) => SiloProcess.Start(
        $"silo {place.Number}", Path.Combine(_folder, $"silo-{place.Number}.log"), PeakBytesMax,
        [
            "--postgres", Through(place, StoreText), "--data", Shared, "--name", $"place-{place.Number}",
            "--port", $"{place.Peers.Port}", "--listen-port", $"{place.ListenPort}", "--gateway-port", $"{place.GatewayPort}",
            "--memory", "256MiB", "--slots", "4", "--spill", Path.Combine(_folder, $"spill-{place.Number}"),
        ],
        [("ETL_THREADS", "1"), ("ETL_CONNECTION_" + Works.Connection.ToUpperInvariant(), Through(place, _effects))]);

    /// <summary>The silo's own way to the database, which can be cut.</summary>
    private static string Through(Place place, string text) => new NpgsqlConnectionStringBuilder(text) { Port = place.Database.Port }.ConnectionString;
}
