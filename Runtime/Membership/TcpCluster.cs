using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime.MembershipService;

/// <summary>A cluster of processes: links by TCP, who is there by a table, where grains are by a ring.</summary>
internal sealed class TcpCluster : ICluster
{
    private static readonly TimeSpan LoadPeriod = TimeSpan.FromSeconds(1);

    private readonly SiloAddress _here;
    private readonly ISiloTransport _transport;
    private readonly RingDirectory _directory;
    private readonly IServiceProvider _services;
    private readonly SiloLoads _loads;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private SiloNode? _node;
    private Handover? _handover;
    private ITimer? _reports;
    private int _reported = -1;

    private TcpCluster(IServiceProvider services, IMembershipTable table)
    {
        _services = services;
        _here = services.GetRequiredService<ISiloAddressSource>().Address;
        _transport = services.GetRequiredService<ISiloTransport>();
        _loads = services.GetRequiredService<SiloLoads>();
        _time = services.GetRequiredService<TimeProvider>();
        _log = services.GetRequiredService<ILoggerFactory>().CreateLogger<TcpCluster>();
        Membership = new(_here, table, _transport,
            services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value, _time,
            services.GetRequiredService<ILoggerFactory>().CreateLogger<TableMembership>())
        {
            GatewayPort = services.GetRequiredService<IOptions<EndpointOptions>>().Value.GatewayPort,
            HostName = Dns.GetHostName(),
            Gossip = TellOfVersion,
        };
        _directory = new(_here, Membership, _time);
        Membership.Changed += OnChanged;
        Membership.Died += OnDied;
    }

    public ISiloLink Link => _transport;

    public TableMembership Membership { get; }

    public IGrainDirectory Directory => _directory;

    IClusterMembership ICluster.Membership => Membership;

    public static TcpCluster Of(IServiceProvider services, IMembershipTable table) => new(services, table);

    public SiloAddress NewClientAddress() =>
        SiloAddress.New(_here.Endpoint, -SiloAddress.AllocateNewGeneration());

    public async Task Connect(Node node, CancellationToken cancellation)
    {
        var silo = (SiloNode)node;
        _node = silo;
        silo.Vigil = Membership.Vigil;
        Membership.Vigil.Release = silo.ReceiveHeld;
        _directory.Attach(silo);
        await _transport.Listen(node, cancellation);
        _handover = new(silo, _directory, Membership);
        _reports = _time.CreateTimer(_ => ReportLoad(), null, LoadPeriod, LoadPeriod);
    }

    // Dead is written and told before the links close, so that nobody has to find out.
    public async Task Disconnect(Node node)
    {
        _reports?.Dispose();
        _handover?.Dispose();
        await Membership.Announce(new(_here, "", SiloStatus.Dead, default), CancellationToken.None);
        await _transport.DisposeAsync();
    }

    private void OnChanged(SiloAddress silo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
        {
            _loads.Forget(silo);
            _node?.SiloDied(silo);
        }
        else if (status == SiloStatus.Active)
        {
            _reported = -1;
        }
    }

    private void OnDied(string why)
    {
        _log.LogCritical("{Why} It stops at once; start it again.", why);
        _reports?.Dispose();
        _handover?.Dispose();
        _node?.Perish(why);
        _ = Task.Run(async () => await _transport.DisposeAsync());
        _services.GetRequiredService<SiloExit>().Leave(why);
    }

    private Task TellOfVersion(SiloAddress silo, int version) => Tell(silo, control => control.ViewChanged(version));

    private void ReportLoad()
    {
        var activations = _node!.Catalog.Count;
        _loads.Set(_here, activations);
        if (activations == _reported) return;
        _reported = activations;
        foreach (var silo in Membership.ActiveSilos().Where(silo => !silo.Equals(_here)))
            _ = Tell(silo, control => control.Loaded(_here, activations));
    }

    // Neither in the turn of whoever is the cause, nor with its request context.
    private Task Tell(SiloAddress silo, Func<ISiloControl, Task> what)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => what(_services.GetRequiredService<IGrainFactory>()
                .GetGrain<ISiloControl>(SystemGrains.ControlOf(silo))));
        }
    }
}
