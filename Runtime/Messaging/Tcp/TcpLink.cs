using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The links of one silo to others and to clients. What is for a client goes over the client's own connection or,
/// when the client is connected elsewhere, to the silo that its last letter came through. A connection that breaks
/// fails the calls that wait at its other end: their letters, or the answers, may be lost.
/// </summary>
internal sealed class TcpLink : ISiloTransport, IConnectionOwner
{
    // Far more than clients that wait for answers at any moment; a way that is forgotten comes with the next letter.
    private const int WaysMax = 100_000;

    // As many dead silos are remembered; an older one that still calls is refused by the membership.
    private const int ForgottenMax = 1000;

    private readonly ConcurrentDictionary<SiloAddress, SiloLine> _lines = new();
    private readonly ConcurrentDictionary<SiloAddress, SiloAddress> _ways = new();
    private readonly ConcurrentQueue<SiloAddress> _forgotten = new();
    private readonly LinkSettings _settings;
    private readonly EndpointOptions _endpoint;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Gateway _gateway;
    private readonly List<Door> _doors = [];
    private Node? _node;
    private bool _disposed;
    private int _waysCount;

    public TcpLink(LinkSettings settings, EndpointOptions endpoint, TimeProvider time, ILogger log)
    {
        _settings = settings;
        _endpoint = endpoint;
        _time = time;
        _log = log;
        _gateway = new(this);
    }

    public event Action<SiloAddress>? Lost;

    public static TcpLink Of(IServiceProvider services) => new(
        LinkSettings.Of<SiloMessagingOptions>(services),
        services.GetRequiredService<IOptions<EndpointOptions>>().Value,
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<TcpLink>>());

    /// <summary>How many clients are connected to this silo.</summary>
    public int ClientsCount => _gateway.ClientsCount;

    public Node Node => _node ?? throw new SiloUnavailableException("The silo is not connected yet.");

    public Task Listen(Node node, CancellationToken cancellation)
    {
        _node = node;
        Open(_endpoint.SiloListeningEndpoint ?? node.Address.Endpoint, clients: false, this, Welcome);
        if (_endpoint.GatewayPort != 0)
        {
            var endpoint = new IPEndPoint(_endpoint.AdvertisedIPAddress, _endpoint.GatewayPort);
            Open(_endpoint.GatewayListeningEndpoint ?? endpoint, clients: true, _gateway, _gateway.Welcome);
        }

        return Task.CompletedTask;
    }

    public void Send(Letter letter)
    {
        var node = Node;
        if (letter.To.Equals(node.Address))
            ThreadPool.UnsafeQueueUserWorkItem(static sent => sent.node.Receive(sent.letter), (node, letter), true);
        else if (letter.To.IsClient) SendToClient(letter);
        else SendToSilo(letter);
    }

    public Task<bool> Probe(SiloAddress silo, TimeSpan patience) =>
        IsForgotten(silo) ? Task.FromResult(false) : LineTo(silo).Probe(patience);

    public void Forget(SiloAddress silo)
    {
        _forgotten.Enqueue(silo);
        if (_forgotten.Count > ForgottenMax) _forgotten.TryDequeue(out _);
        if (_lines.TryRemove(silo, out var line)) line.Forget();
        foreach (var way in _ways)
        {
            if (way.Value.Equals(silo)) _ways.TryRemove(way);
        }

        Ended(silo);
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var door in _doors) door.Dispose();
        _gateway.Close();
        foreach (var line in _lines.Values) line.Forget();
        await Task.CompletedTask;
    }

    /// <summary>Opens a connection; for lines.</summary>
    public Task<Connection> Call(SiloAddress silo) =>
        Opening.Call(silo.Endpoint, Node.Address, silo, _settings, this);

    /// <summary>A letter that was taken was not sent; for lines.</summary>
    public void GiveBack(Letter letter, Exception error)
    {
        if (letter.From.IsClient) _gateway.TakenBack(letter);
        Tell(() => Node.Returned(letter, error));
    }

    /// <summary>A letter that was sent will not be answered; for the gateway.</summary>
    public void GiveUp(Letter letter, Exception error) => Tell(() => Node.Undeliverable(letter, error));

    private void Tell(Action node)
    {
        try
        {
            node();
        }
        catch (OrleansException unreachable)
        {
            _log.LogInformation("Nobody can be told of a lost letter: {Error}", unreachable.Message);
        }
    }

    /// <summary>No connection could be opened; for lines.</summary>
    public void NotReached(SiloAddress silo)
    {
        if (!_disposed) Lost?.Invoke(silo);
    }

    void IConnectionOwner.Received(Connection connection, Letter letter)
    {
        if (letter.From.IsClient) Remember(letter.From, connection.Other);
        if (letter.To.Equals(connection.Here)) Node.Receive(letter);
        else if (letter.To.IsClient && _gateway.TrySend(letter)) return;
        else GiveBack(letter, new OrleansMessageRejectionException($"{letter.To} is not at {connection.Here}."));
    }

    void IConnectionOwner.Oversized(Connection connection, Letter letter, long bodyBytes) =>
        Refuse(letter, bodyBytes);

    void IConnectionOwner.Closed(Connection connection, Letter[] unsent, string reason)
    {
        var silo = connection.Other;
        if (_disposed || IsForgotten(silo))
        {
            // A client that was told already that its call is lost may have repeated it.
            foreach (var letter in unsent.Where(letter => !letter.From.IsClient || _gateway.TakenBack(letter)))
                GiveBack(letter, new SiloUnavailableException($"{silo} is gone. {reason}"));
            return;
        }

        _log.LogInformation("The connection between {Here} and {Silo} broke: {Reason}", connection.Here, silo, reason);
        var again = unsent.Where(letter => !letter.Retried).Select(letter => (letter.From, letter.CallId)).ToHashSet();
        Ended(silo, again);
        LineTo(silo).Drop(connection, unsent, reason);
        Lost?.Invoke(silo);
    }

    /// <summary>Whoever sent too much is told, here or at the other end.</summary>
    public void Refuse(Letter letter, long bodyBytes)
    {
        var error = MessageTooLargeException.Body(bodyBytes, _settings);
        if (letter.Kind is LetterKind.Result or LetterKind.Error) Node.FailSent(letter.CallId, error);
        else GiveBack(letter, error);
    }

    /// <summary>Sends to another silo; for the gateway too.</summary>
    public void SendToSilo(Letter letter)
    {
        if (IsForgotten(letter.To))
            throw new SiloUnavailableException($"{letter.To} is no longer part of the cluster.");
        if (letter.From.IsClient) _gateway.SentOn(letter);
        try
        {
            LineTo(letter.To).Send(letter);
        }
        catch (OrleansException)
        {
            if (letter.From.IsClient) _gateway.TakenBack(letter);
            throw;
        }
    }

    private void SendToClient(Letter letter)
    {
        if (letter.Kind == LetterKind.SentOn)
        {
            // For the gateway that the call came through.
            if (_ways.TryGetValue(letter.To, out var gateway)) LineTo(gateway).Send(letter);
            return;
        }

        if (_gateway.TrySend(letter)) return;
        if (!_ways.TryGetValue(letter.To, out var silo))
            throw new OrleansMessageRejectionException($"The client {letter.To} has left, or its way is not known.");
        LineTo(silo).Send(letter);
    }

    private void Welcome(Connection connection)
    {
        if (!LineTo(connection.Other).Adopt(connection)) connection.Close("The silo is no longer part of the cluster.");
        connection.Start();
    }

    private void Ended(SiloAddress silo, IReadOnlySet<(SiloAddress From, long CallId)>? unsent = null)
    {
        _gateway.SiloEnded(silo, unsent);
        Node.SiloDied(silo, unsent);
    }

    private void Remember(SiloAddress client, SiloAddress gateway)
    {
        if (_ways.TryGetValue(client, out var known) && known.Equals(gateway)) return;
        _ways[client] = gateway;
        if (Interlocked.Increment(ref _waysCount) < WaysMax) return;
        _waysCount = 0;
        _ways.Clear();
    }

    public bool IsForgotten(SiloAddress silo) => !_forgotten.IsEmpty && _forgotten.Contains(silo);

    private SiloLine LineTo(SiloAddress silo) =>
        _lines.TryGetValue(silo, out var line)
            ? line
            : _lines.GetOrAdd(silo, address => new SiloLine(address, this, _settings, _time));

    private void Open(IPEndPoint endpoint, bool clients, IConnectionOwner owner, Action<Connection> welcome)
    {
        _settings.CheckListening(endpoint.Address);
        var door = new Door(endpoint, _settings, _log);
        _doors.Add(door);
        door.Open(
            socket => Opening.Answer(socket, Node.Address, clients, _settings, owner, Refusal), welcome);
    }

    private string? Refusal(SiloAddress caller) =>
        _disposed || IsForgotten(caller) ? $"{caller} is no longer part of the cluster" : null;
}
