using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;
using Xunit;

[assembly: AssemblyFixture(typeof(OrleansEtl.Runtime.Tests.SharedCluster))]

namespace OrleansEtl.Runtime.Tests;

/// <summary>One silo and a client for all tests that need none of their own; to start them is what takes time.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    public InProcessTestCluster Cluster { get; private set; } = null!;

    public IGrainFactory Client => Cluster.Client!;

    /// <summary>Calls from here stay inside the silo.</summary>
    public IGrainFactory Silo => Cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();

    public async ValueTask InitializeAsync()
    {
        Cluster = await Start(1);
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    public static async Task<InProcessTestCluster> Start(
        short silos, Action<ISiloBuilder>? configure = null, Action<IClientBuilder>? client = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("named");
            silo.UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromMilliseconds(50));
            configure?.Invoke(silo);
        });
        if (client is not null) builder.ConfigureClient(client);
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}

/// <summary>Meeting points of tests and grains: both run in this process and wait for one another by name.</summary>
public static class Signals
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Known = new();
    private static readonly ConcurrentDictionary<string, Barrier> Meetings = new();

    public static Task Wait(string name) => Of(name).Task.WaitAsync(TimeSpan.FromSeconds(10));

    public static void Set(string name) => Of(name).TrySetResult();

    /// <summary>Blocks its thread until two are here.</summary>
    public static void Meet(string name)
    {
        if (!Meetings.GetOrAdd(name, static _ => new(2)).SignalAndWait(TimeSpan.FromSeconds(10)))
            throw new TimeoutException($"Nobody else came to {name}.");
    }

    public static bool IsSet(string name) => Of(name).Task.IsCompleted;

    public static string NewKey() => "key-" + Guid.NewGuid().ToString("N");

    private static TaskCompletionSource Of(string name) =>
        Known.GetOrAdd(name, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
