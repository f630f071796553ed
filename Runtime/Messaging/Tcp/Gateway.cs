using System.Collections.Concurrent;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The clients that are connected to this silo. A client hears nothing of the silos behind its gateway; so the
/// gateway remembers which calls it sent on and where, and answers them itself when that silo is lost.
/// </summary>
internal sealed class Gateway(TcpLink link) : IConnectionOwner
{
    private readonly ConcurrentDictionary<SiloAddress, Client> _clients = new();

    public int ClientsCount => _clients.Count;

    public void Welcome(Connection connection)
    {
        var client = new Client(connection);
        // The same client again: its earlier connection is broken, though nobody here knows yet.
        if (_clients.TryGetValue(connection.Other, out var earlier)) earlier.Connection.Close("The client came back.");
        _clients[connection.Other] = client;
        connection.Start();
    }

    /// <summary>Sends over the client's connection, if it is connected here.</summary>
    public bool TrySend(Letter letter)
    {
        if (!_clients.TryGetValue(letter.To, out var client)) return false;
        if (letter.Kind is LetterKind.Result or LetterKind.Error) client.SentOn.TryRemove(letter.CallId, out _);
        return client.Connection.TrySend(letter);
    }

    /// <summary>A client's call goes on to another silo.</summary>
    public void SentOn(Letter letter)
    {
        if (letter.Kind == LetterKind.Request && _clients.TryGetValue(letter.From, out var client))
            client.SentOn[letter.CallId] = letter with { Body = [] };
    }

    /// <summary>It did not: it was not sent.</summary>
    public void TakenBack(Letter letter)
    {
        if (_clients.TryGetValue(letter.From, out var client)) client.SentOn.TryRemove(letter.CallId, out _);
    }

    /// <summary>The silo will not answer any more.</summary>
    public void SiloEnded(SiloAddress silo)
    {
        foreach (var client in _clients.Values)
        {
            foreach (var (callId, letter) in client.SentOn)
            {
                if (letter.To.Equals(silo) && client.SentOn.TryRemove(callId, out _))
                    link.GiveUp(letter, new SiloUnavailableException($"{silo} died while it was called."));
            }
        }
    }

    public void Close()
    {
        foreach (var client in _clients.Values) client.Connection.Close("The silo stops.");
    }

    void IConnectionOwner.Received(Connection connection, Letter letter)
    {
        if (!letter.From.Equals(connection.Other) || !letter.To.Equals(connection.Here))
            throw new Serialization.SerializerException($"{connection.Other} sent a letter that is not its own.");
        if (letter.Kind == LetterKind.Cancel && SentOnOf(letter) is { } sent) SendOn(letter with { To = sent.To });
        else link.Node.Receive(letter);
    }

    void IConnectionOwner.Oversized(Connection connection, Letter letter, long bodyBytes) =>
        link.Refuse(letter, bodyBytes);

    void IConnectionOwner.Closed(Connection connection, Letter[] unsent, string reason)
    {
        var client = connection.Other;
        if (!_clients.TryGetValue(client, out var known) || known.Connection != connection) return;
        _clients.TryRemove(new(client, known));
        foreach (var letter in unsent)
            link.GiveBack(letter, new OrleansMessageRejectionException($"The client {client} has left."));
        link.Node.SiloDied(client);
    }

    private Letter? SentOnOf(Letter cancel) =>
        _clients.TryGetValue(cancel.From, out var client) && client.SentOn.TryRemove(cancel.CallId, out var sent)
            ? sent
            : null;

    private void SendOn(Letter cancel)
    {
        try
        {
            link.SendToSilo(cancel);
        }
        catch (OrleansMessageRejectionException)
        {
            // Best effort: the callee is gone, and the caller no longer waits.
        }
    }

    private sealed record Client(Connection Connection)
    {
        /// <summary>Calls without their bodies that other silos have not answered yet.</summary>
        public ConcurrentDictionary<long, Letter> SentOn { get; } = new();
    }
}
