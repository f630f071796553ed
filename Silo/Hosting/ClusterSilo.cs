using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansEtl.Client;
using OrleansEtl.Shells;
using OrleansEtl.Shells.Triggers;
using OrleansEtl.Silo.Hooks;
using OrleansEtl.Silo.Queues;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Hosting;

/// <summary>One silo of a cluster over Postgres, from its start to its end.</summary>
public static class ClusterSilo
{
    private static readonly TimeSpan AskPostgresEvery = TimeSpan.FromSeconds(2);

    /// <param name="ready">Called once, when the silo takes calls.</param>
    /// <param name="givenUp">Called with the silo's name when the others have given it up; must end the process, since whatever it
    /// held is theirs.</param>
    /// <param name="leave">Asks it to go.</param>
    /// <exception cref="FaultException">It could not start.</exception>
    public static async Task<SiloEnd> Run(
        SiloSettings settings, TimeProvider clock, LineLog log, Action<SiloReady> ready, Action<string> givenUp, CancellationToken leave)
    {
        try
        {
            return await Live(settings, clock, log, ready, givenUp, leave);
        }
        catch (Exception e) when (leave.IsCancellationRequested && e is (OperationCanceledException or OrleansException))
        {
            return SiloEnd.Left; // while it started: it had nothing to hand over
        }
    }

    private static async Task<SiloEnd> Live(
        SiloSettings settings, TimeProvider clock, LineLog log, Action<SiloReady> ready, Action<string> givenUp, CancellationToken leave)
    {
        await using var source = Source(settings.Postgres);
        var folders = settings.Has(SiloRoles.Data) ? Folders(settings) : null;
        var host = settings.Host ?? await OwnAddress(source.ConnectionString, leave);
        CheckFree("silos", new IPEndPoint(host, settings.ListenPort ?? settings.Port));
        CheckFree("clients", new IPEndPoint(host, settings.GatewayPort));
        var store = await Open(source, settings.StartPatience, clock, log.CreateLogger(nameof(ClusterSilo)), leave);
        var parts = Parts(settings, folders);
        using var silo = Build(settings, parts, host, source, store, clock, log);
        await SecretSeal.Check(silo.Services, store, settings.Secret, clock, leave);
        await Start(silo, leave);
        await using (Rooms.Queues(silo.Services, clock, log.CreateLogger(nameof(QueueListeners))))
        await using (await Hooks(settings, silo.Services, clock, leave))
        using (var housekeeping = new Housekeeping(silo.Services, store, settings, clock))
        {
            ready(new SiloReady(parts.Name, new IPEndPoint(host, settings.Port), new IPEndPoint(host, settings.GatewayPort), settings.Roles));
            // Nobody but the membership stops a silo that was not asked to leave.
            await Either(silo.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping, leave);
            if (!leave.IsCancellationRequested) givenUp(parts.Name);
            await housekeeping.Stop();
        }
        return await Leave(silo, store, settings.LeavePatience, clock);
    }

    /// <summary>Null: nobody asked for any.</summary>
    private static async Task<HookServer?> Hooks(SiloSettings settings, IServiceProvider silo, TimeProvider clock, CancellationToken leave) =>
        settings.Hooks is not { } taken ? null
        : await HookServer.Open(taken, silo.GetRequiredService<TriggerDesk>(), silo.GetRequiredService<IGrainFactory>(), clock, leave);

    private static async Task<PostgresStore> Open(
        NpgsqlDataSource source, TimeSpan patience, TimeProvider clock, ILogger log, CancellationToken leave)
    {
        var until = clock.GetUtcNow() + patience;
        while (true)
        {
            try
            {
                return await PostgresStore.Open(source, clock, cancellation: leave);
            }
            catch (FaultException e) when (e.Fault.Kind == FaultKind.Unavailable && clock.GetUtcNow() + AskPostgresEvery < until)
            {
                log.LogWarning("{Fault} Waiting for it until {Until:HH:mm:ss}.", e.Message, until);
                await Task.Delay(AskPostgresEvery, clock, leave);
            }
        }
    }

    private static async Task Either(CancellationToken one, CancellationToken other)
    {
        var either = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var first = one.Register(() => either.TrySetResult());
        using var second = other.Register(() => either.TrySetResult());
        await either.Task;
    }

    private static IHost Build(
        SiloSettings settings, SiloParts parts, IPAddress address, NpgsqlDataSource source, PostgresStore store, TimeProvider clock,
        LineLog log)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(ClusterSecurity.Settings(settings.Secret, settings.Tls));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.LeavePatience);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddLogging(logging => logging.AddProvider(log));
        builder.UseOrleans(silo =>
        {
            silo.Configure<Orleans.Configuration.SiloOptions>(options => options.SiloName = parts.Name);
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("etl", "etl"));
            silo.ConfigureEndpoints(address, settings.Port, settings.GatewayPort, listenOnAnyHostAddress: false);
            if (settings.ListenPort is { } port)
                silo.Configure<EndpointOptions>(options => options.SiloListeningEndpoint = new IPEndPoint(address, port));
            silo.UsePostgresClustering(source);
            silo.UsePostgresReminders(source);
            silo.AddRooms(parts, store, clock);
        });
        return builder.Build();
    }

    private static SiloParts Parts(SiloSettings settings, SiloFolders? folders)
    {
        var shells = new ShellOptions();
        shells = shells with
        {
            StagesAtOnce = settings.Slots ?? shells.StagesAtOnce,
            MemoryBytes = settings.MemoryBytes ?? shells.MemoryBytes,
        };
        // The roles come first, where every silo reads them; the rest tells two silos of one machine apart.
        var name = $"{string.Join('+', settings.Roles)}.{settings.Name ?? Dns.GetHostName()}-{settings.Port}";
        return new SiloParts(
            name, settings.Roles, folders, Rooms.Programs(settings.AllowedPrograms), shells, settings.MemoryBytes, settings.Threads)
        {
            Kinds = settings.Kinds,
        };
    }

    private static SiloFolders Folders(SiloSettings settings)
    {
        var shared = Path.GetFullPath(settings.Data!);
        if (!Directory.Exists(shared)) throw SiloFaults.FolderMissing("The shared folder (--data)", shared);
        var spill = Path.GetFullPath(settings.Spill ?? Path.Combine(Path.GetTempPath(), $"etl-spill-{settings.Port}"));
        var folders = new SiloFolders(shared, spill, settings.Cache, settings.Allowed, settings.CopiesBytes);
        foreach (var allowed in settings.Allowed)
            if (!Directory.Exists(allowed)) throw SiloFaults.FolderMissing("An allowed folder (--allow)", allowed);
        try
        {
            folders.Make();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SiloFaults.FolderReadOnly("The shared folder (--data) or the one for spilling (--spill)", $"{shared} or {spill}", e.Message);
        }
        return folders;
    }

    private static NpgsqlDataSource Source(string connection)
    {
        try
        {
            var text = new NpgsqlConnectionStringBuilder(connection);
            if (string.IsNullOrEmpty(text.ApplicationName)) text.ApplicationName = "etl silo";
            return NpgsqlDataSource.Create(text.ConnectionString);
        }
        catch (ArgumentException e)
        {
            throw SiloFaults.BadConnectionString(e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>The address that this machine has on the way to Postgres: the other silos are on that way too.</summary>
    private static async Task<IPAddress> OwnAddress(string connection, CancellationToken cancellation)
    {
        var text = new NpgsqlConnectionStringBuilder(connection);
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp); // sends nothing
            await probe.ConnectAsync(text.Host!.Split(',')[0], text.Port, cancellation);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException e)
        {
            throw SiloFaults.NoOwnAddress(e.Message);
        }
    }

    private static void CheckFree(string what, IPEndPoint endpoint)
    {
        try
        {
            using var probe = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            probe.Bind(endpoint);
            probe.Listen(1);
        }
        catch (SocketException e)
        {
            throw SiloFaults.PortTaken(what, endpoint, e.Message);
        }
    }

    private static async Task Start(IHost silo, CancellationToken cancellation)
    {
        try
        {
            await silo.StartAsync(cancellation);
        }
        catch (Exception e) when (e is OrleansException or OrleansConfigurationException or TimeoutException)
        {
            throw SiloFaults.CannotJoin(e.Message);
        }
    }

    /// <summary>Also where Postgres is away, which the store would wait for much longer than anybody waits for a silo to leave.</summary>
    private static async Task<SiloEnd> Leave(IHost silo, PostgresStore store, TimeSpan patience, TimeProvider clock)
    {
        using var hurry = new CancellationTokenSource(patience, clock);
        try
        {
            await silo.StopAsync(hurry.Token).WaitAsync(patience + TimeSpan.FromSeconds(5), clock, CancellationToken.None);
            await store.DisposeAsync().AsTask().WaitAsync(hurry.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            return SiloEnd.LeftInHaste;
        }
        return hurry.IsCancellationRequested ? SiloEnd.LeftInHaste : SiloEnd.Left;
    }
}
