using System.Collections.Immutable;
using System.Net;
using OrleansEtl.Client;
using OrleansEtl.Shells;
using OrleansEtl.Silo.Hooks;
using OrleansEtl.Steps;

namespace OrleansEtl.Silo.Hosting;

/// <summary>With what a silo of a cluster is started; everything is checked in form, nothing yet in fact.</summary>
/// <param name="Postgres">A connection string of Npgsql.</param>
/// <param name="Secret">What all silos and clients of the cluster know; null: it takes connections of this machine only.</param>
/// <param name="Data">The folder that all silos with the role <c>data</c> share; null when this one has not that role.</param>
public sealed record SiloSettings(string Postgres, string? Secret, string? Data, ImmutableArray<string> Roles)
{
    public static readonly ImmutableArray<string> AllRoles = [SiloRoles.Control, SiloRoles.Data];
    public const int DefaultPort = 11111;
    public const int DefaultGatewayPort = 30000;

    /// <summary>Null: connections are not encrypted.</summary>
    public ClusterTls? Tls { get; init; }
    /// <summary>The address that other silos and clients are told; null: the one by which this machine reaches Postgres.</summary>
    public IPAddress? Host { get; init; } = IPAddress.Loopback;
    public int Port { get; init; } = DefaultPort;
    public int GatewayPort { get; init; } = DefaultGatewayPort;
    /// <summary>Where it listens for silos when something stands before it that forwards <see cref="Port"/>; null: there.</summary>
    public int? ListenPort { get; init; }
    /// <summary>Told to people; the roles and something unique are put around it. Null: the name of the machine.</summary>
    public string? Name { get; init; }
    /// <summary>Memory of all running steps together, in bytes; null: half of the machine's.</summary>
    public long? MemoryBytes { get; init; }
    /// <summary>Threads of all running steps together; null: one a processor.</summary>
    public int? Threads { get; init; }
    /// <summary>Stages that run at once; null: two.</summary>
    public int? Slots { get; init; }
    /// <summary>A folder of this machine for work larger than memory; null: below the temporary folder.</summary>
    public string? Spill { get; init; }
    /// <summary>How much of the shared datasets is copied to this machine's disk, in bytes. Default: nothing, which is right where the
    /// shared folder is a local disk.</summary>
    public long CopiesBytes { get; init; }
    /// <summary>What <c>cache:</c> means; null: <c>cache/</c> of the shared folder.</summary>
    public string? Cache { get; init; }
    /// <summary>Further folders whose files may be read and written.</summary>
    public ImmutableArray<string> Allowed { get; init; } = [];
    /// <summary>The programs that steps of the kind <c>process</c> may run: absolute paths, or names on the PATH.</summary>
    public ImmutableArray<string> AllowedPrograms { get; init; } = [];
    /// <summary>Where it takes webhooks; null: nowhere.</summary>
    public HookSettings? Hooks { get; init; }
    /// <summary>The kinds of steps that it knows; the same for all silos.</summary>
    public StepKinds Kinds { get; init; } = StepKinds.BuiltIn;
    /// <summary>How long ended runs are kept. Default: 90 days, a quarter's worth of history. Datasets stay.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(90);
    /// <summary>How long a silo that starts waits for Postgres, which may be starting too.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>How long a silo that leaves waits for its grains; then it goes, and the others take over as if it had died.</summary>
    public TimeSpan LeavePatience { get; init; } = TimeSpan.FromSeconds(20);

    public bool Has(string role) => Roles.Contains(role);
}

/// <summary>A silo that takes calls.</summary>
/// <param name="Gateway">Where clients connect.</param>
public sealed record SiloReady(string Name, IPEndPoint Silo, IPEndPoint Gateway, ImmutableArray<string> Roles);

/// <summary>How a silo went that was asked to.</summary>
public enum SiloEnd
{
    /// <summary>All its grains had let go.</summary>
    Left,
    /// <summary>Some grains took too long and are taken over by others.</summary>
    LeftInHaste,
}
