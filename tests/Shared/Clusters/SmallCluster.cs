using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.TestingHost;
using OrleansEtl.Client;
using OrleansEtl.Shells;
using OrleansEtl.Silo.Hosting;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Clusters;

/// <summary>Silos in this process with all their rooms, over one store in memory and one shared folder.</summary>
public sealed class SmallCluster : IAsyncDisposable
{
    /// <summary>As for a client of people: a call whose silo died is asked again well before anybody gives up.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(15);

    private readonly InProcessTestCluster _silos;
    private readonly MemoryStore _store;
    private int _runs;

    private SmallCluster(InProcessTestCluster silos, MemoryStore store, string folder) => (_silos, _store, Folder) = (silos, store, folder);

    /// <summary>The folder that all silos share.</summary>
    public string Folder { get; }

    public string Files => Path.Combine(Folder, "files");

    public InProcessTestCluster Silos => _silos;

    public IGrainFactory Grains => _silos.Client!;

    public static async Task<SmallCluster> Start(short silos = 2)
    {
        var folder = Directory.CreateTempSubdirectory("etl-cluster-").FullName;
        var store = new MemoryStore();
        var folders = new SiloFolders(folder, Path.Combine(folder, "spill"), null, []);
        folders.Make();
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((silo, orleans) => orleans.AddRooms(
            new SiloParts(silo.SiloName, SiloSettings.AllRoles, folders, AllowedPrograms.None, new ShellOptions(), MemoryBytes: 256 << 20, Threads: 1), store, TimeProvider.System));
        builder.ConfigureClient(client => client.Services.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = AnswersWithin));
        var built = builder.Build();
        await built.DeployAsync();
        return new SmallCluster(built, store, folder);
    }

    /// <summary>A client of its own. Disposing it leaves the cluster alone.</summary>
    public ClusterEtl Connect(RetrySettings? retries = null, IGrainFactory? through = null) => new(
        through ?? Grains,
        new PatientCalls(retries ?? new RetrySettings(), TimeProvider.System, () => 0, () => "made"),
        TimeProvider.System, Entropy, owned: null);

    public async ValueTask DisposeAsync()
    {
        // In order, so that no attempt still writes into the folder.
        await _silos.StopAllSilosAsync();
        await _silos.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private byte[] Entropy() => [.. new byte[6], .. BitConverter.GetBytes(Interlocked.Increment(ref _runs))];
}
