using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// A client's view of a cluster in other processes: the gateways that it is connected to. Calls that were sent
/// through a gateway that is lost fail at once; later ones take another.
/// </summary>
internal sealed class ClientLink(
    LinkSettings settings, IGatewayListProvider list, GatewayOptions options, TimeProvider time, ILogger log)
    : ICluster, ISiloLink, IClusterMembership
{
    private static readonly TimeSpan RefreshPauseMin = TimeSpan.FromSeconds(1);

    // Many silos' worth; a way that is forgotten comes with the next letter.
    private const int WaysMax = 10_000;

    private readonly ConcurrentDictionary<SiloAddress, GatewayLine> _ways = new();
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private ImmutableArray<GatewayLine> _lines = [];
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Node? _node;

    event Action<SiloAddress, SiloStatus>? IClusterMembership.Changed
    {
        add { }
        remove { }
    }

    public ISiloLink Link => this;

    public IClusterMembership Membership => this;

    public IGrainDirectory Directory => throw new InvalidOperationException("A client has no directory.");

    public Node Node => _node ?? throw new SiloUnavailableException("The client is not connected yet.");

    /// <summary>The gateways that are connected, in an order that all clients share.</summary>
    public ImmutableArray<ClusterPeer> Peers { get; private set; } = [];

    public static ClientLink Of(IServiceProvider services) => new(
        LinkSettings.Of<ClientMessagingOptions>(services),
        services.GetRequiredService<IGatewayListProvider>(),
        services.GetRequiredService<IOptions<GatewayOptions>>().Value,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<ClientLink>>());

    // Chance alone keeps clients apart, so there must be much of it: no two may be taken for one.
    public SiloAddress NewClientAddress()
    {
        Span<byte> chance = stackalloc byte[16];
        RandomNumberGenerator.Fill(chance);
        return SiloAddress.New(new IPAddress(chance), 0, -RandomNumberGenerator.GetInt32(1, int.MaxValue));
    }

    public async Task Connect(Node node, CancellationToken cancellation)
    {
        if (_node is null)
        {
            _node = node;
            await list.InitializeGatewayListProvider().WaitAsync(cancellation).ConfigureAwait(false);
        }

        await Refresh().WaitAsync(cancellation).ConfigureAwait(false);
        if (_lines.IsEmpty) throw new SiloUnavailableException("The cluster has no gateways.");
        var attempts = _lines.Select(line => (Line: line, Task: line.Connect())).ToArray();
        await AnyOf([.. attempts.Select(attempt => attempt.Task)]).WaitAsync(cancellation).ConfigureAwait(false);
        // Gateways that answer late, or not at all, keep nobody waiting.
        foreach (var (line, attempt) in attempts) _ = line.Keep(attempt);
        _ = KeepList();
    }

    public Task Disconnect(Node node)
    {
        _ended.Cancel();
        foreach (var line in _lines) line.End();
        return Task.CompletedTask;
    }

    public Task Announce(ClusterPeer peer, CancellationToken cancellation) => Task.CompletedTask;

    public void Send(Letter letter)
    {
        foreach (var line in _lines)
        {
            if (letter.To.Equals(line.Silo) && line.TrySend(letter)) return;
        }

        if (_ways.TryGetValue(letter.To, out var way) && way.TrySend(letter)) return;
        throw new SiloUnavailableException($"The gateway {letter.To} is not connected.");
    }

    /// <summary>A letter came in through a gateway; what answers another silo goes back through the same.</summary>
    public void Received(GatewayLine line, Letter letter)
    {
        if (letter.Kind is LetterKind.Request && !letter.From.Equals(line.Silo))
        {
            if (_ways.Count >= WaysMax) _ways.Clear();
            _ways[letter.From] = line;
        }

        Node.Receive(letter);
    }

    /// <summary>A gateway has come or gone; for lines.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            Peers =
            [
                .. _lines.Select(line => line.Silo).OfType<SiloAddress>().Distinct().Order()
                    .Select(silo => new ClusterPeer(silo, "", SiloStatus.Active, default)),
            ];
            if (Peers.IsEmpty) _wanted.TrySetResult();
        }
    }

    private static async Task AnyOf(List<Task> attempts)
    {
        while (true)
        {
            var first = await Task.WhenAny(attempts).ConfigureAwait(false);
            attempts.Remove(first);
            if (first.IsCompletedSuccessfully) return;
            if (attempts.Count == 0) await first.ConfigureAwait(false);
        }
    }

    // The list is read again now and then, and soon when no gateway is left.
    private async Task KeepList()
    {
        while (!_ended.IsCancellationRequested)
        {
            var period = Task.Delay(options.GatewayListRefreshPeriod, time, _ended.Token);
            await Task.WhenAny(period, _wanted.Task).ConfigureAwait(false);
            await Task.Delay(RefreshPauseMin, time, _ended.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.IsCancellationRequested) return;
            _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                var before = _lines;
                await Refresh().ConfigureAwait(false);
                foreach (var line in _lines.Except(before)) _ = line.Keep(Task.CompletedTask);
                Changed();
            }
            catch (Exception error)
            {
                // The gateways known so far stay; the list is asked again after the period.
                log.LogWarning("The list of gateways could not be read: {Error}", error.Message);
            }
        }
    }

    private async Task Refresh()
    {
        var uris = await list.GetGateways().ConfigureAwait(false);
        var endpoints = uris
            .Select(uri => new IPEndPoint(IPAddress.Parse(uri.Host.Trim('[', ']')), uri.Port)).ToHashSet();
        lock (_gate)
        {
            var gone = _lines.RemoveAll(line => endpoints.Contains(line.Endpoint));
            var known = _lines.Select(line => line.Endpoint).ToHashSet();
            _lines =
            [
                .. _lines.Except(gone),
                .. endpoints.Where(e => !known.Contains(e)).Select(e => new GatewayLine(e, this, settings, time)),
            ];
            foreach (var line in gone) line.End();
        }
    }
}
