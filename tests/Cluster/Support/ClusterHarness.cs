using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using OrleansEtl.Client;
using OrleansEtl.Servers;

namespace OrleansEtl.Cluster.Tests;

/// <summary>A Postgres of its own, a shared folder, and silos as processes. Everything ends with it.</summary>
internal sealed class ClusterHarness : IAsyncDisposable
{
    public const string Secret = "open sesame, but longer";

    private readonly List<SiloProcess> _silos = [];
    private readonly (string, string?)[] _settings;

    private ClusterHarness(PostgresServer postgres, string database, string folder, (string, string?)[] settings) =>
        (Postgres, Database, Folder, _settings) = (postgres, database, folder, settings);

    public PostgresServer Postgres { get; }
    /// <summary>The connection string of the cluster's database.</summary>
    public string Database { get; }
    public string Folder { get; }
    public string Data => Path.Combine(Folder, "data");
    public string Files => Path.Combine(Data, "files");
    public IReadOnlyList<SiloProcess> Silos => _silos;
    public string Gateways => string.Join(',', _silos.Select(silo => silo.Gateway));

    public static string RepoRoot { get; } = typeof(ClusterHarness).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepoRoot").Value!;

    /// <summary>Silos that are ready.</summary>
    /// <param name="database">How silos reach Postgres, when it is not directly: through a proxy.</param>
    public static async Task<ClusterHarness> Start(int silos = 2, Func<PostgresServer, string, string>? database = null, params (string, string?)[] settings)
    {
        var postgres = await PostgresServer.Start();
        var own = await postgres.NewDatabase();
        var folder = Directory.CreateTempSubdirectory("etl-cluster-").FullName;
        var harness = new ClusterHarness(postgres, own, folder, settings);
        Directory.CreateDirectory(harness.Data);
        try
        {
            for (var i = 0; i < silos; i++) harness.Add(database?.Invoke(postgres, own) ?? own).Start();
            foreach (var silo in harness.Silos) await silo.Ready();
            return harness;
        }
        catch
        {
            await harness.DisposeAsync();
            throw;
        }
    }

    /// <summary>A further silo, not started yet.</summary>
    public SiloProcess Add(string? database = null, params (string, string?)[] more)
    {
        (string, string?)[] settings =
        [
            ("ETL_POSTGRES", database ?? Database), ("ETL_SECRET", Secret), ("ETL_DATA", Data), ("ETL_MEMORY", "256MB"), ("ETL_THREADS", "1"),
            ("ETL_SPILL", Path.Combine(Folder, $"spill-{_silos.Count}")), .. _settings, .. more,
        ];
        var silo = new SiloProcess(Folder, $"s{_silos.Count}", FreePorts.Next(), FreePorts.Next(), settings);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>The C# client, through all gateways.</summary>
    public Task<ClusterEtl> Connect(RetrySettings? retries = null) => EtlClient.Connect(new EtlClientOptions
    {
        Gateways = [.. _silos.Select(silo => silo.Gateway)], Secret = Secret, Retries = retries ?? new RetrySettings(),
    });

    /// <summary>A command of the command line, on this cluster.</summary>
    public Program Etl(params string[] arguments) =>
        Program.Start(Folder, ["--cluster", Gateways, .. arguments], ("ETL_SECRET", Secret));

    /// <summary>Runs a command to its end, which must have this exit code; gives what it wrote to stdout.</summary>
    public async Task<string> Run(int code, params string[] arguments)
    {
        using var program = Etl(arguments);
        var ended = await program.End();
        Assert.True(ended == code, $"expected exit code {code}, found {ended}: {string.Join(' ', arguments)}\n{program.Talk}\n{program.Data}");
        return program.Data;
    }

    public async Task<JsonElement> RunJson(int code, params string[] arguments) =>
        JsonDocument.Parse(await Run(code, [.. arguments, "-o", "json"])).RootElement;

    public string Write(string path, string text)
    {
        var whole = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(whole)!);
        File.WriteAllText(whole, text);
        return whole;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) silo.Dispose();
        await Postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
