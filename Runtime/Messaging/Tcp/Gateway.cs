using System.Collections.Concurrent;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The clients that are connected to this silo. A client hears nothing of the silos behind its gateway; so the
/// gateway remembers which calls it sent on and where, and answers them itself when that silo is lost.
/// </summary>
internal sealed class Gateway(TcpLink link) : IConnectionOwner
{
    private const int SentOnMax = 100_000;

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
        if (letter.Kind == LetterKind.SentOn)
        {
            client.Move(letter.CallId, letter.From);
            if (link.IsForgotten(letter.From)) SiloEnded(letter.From, null);
            return true;
        }

        if (letter.Kind is LetterKind.Result or LetterKind.Error) client.Take(letter.CallId);
        return client.Connection.TrySend(letter);
    }

    /// <summary>A client's call goes on to another silo.</summary>
    public void SentOn(Letter letter)
    {
        if (letter.Kind != LetterKind.Request || !_clients.TryGetValue(letter.From, out var client)) return;
        client.Note(letter with { Body = [] });
    }

    /// <summary>It did not: it was not sent. False: the client has been told that it is lost, so it must not be sent any more.</summary>
    public bool TakenBack(Letter letter) =>
        letter.Kind != LetterKind.Request || !_clients.TryGetValue(letter.From, out var client) || client.Take(letter.CallId) is not null;

    /// <summary>The silo will not answer any more.</summary>
    public void SiloEnded(SiloAddress silo, IReadOnlySet<(SiloAddress From, long CallId)>? unsent)
    {
        foreach (var client in _clients.Values)
        {
            foreach (var (callId, letter) in client.SentOn)
            {
                if (letter.To.Equals(silo) && unsent?.Contains((letter.From, callId)) is not true && client.Take(callId) is not null)
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
        // Requests go to the gateway; only what answers another silo goes further.
        var isAnswer = letter.Kind is LetterKind.Result or LetterKind.Error;
        var isForHere = letter.To.Equals(connection.Here);
        if (!letter.From.Equals(connection.Other) || !(isForHere || (isAnswer && !letter.To.IsClient)))
            throw new Serialization.SerializerException($"{connection.Other} sent a letter that is not its own.");
        if (!isForHere) SendOn(letter);
        else if (letter.Kind == LetterKind.Cancel && SentOnOf(letter) is { } sent) SendOn(letter with { To = sent.To });
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
        _clients.TryGetValue(cancel.From, out var client) ? client.Take(cancel.CallId) : null;

    private void SendOn(Letter letter)
    {
        try
        {
            link.SendToSilo(letter);
        }
        catch (OrleansMessageRejectionException)
        {
            // Nobody waits any more: the silo is gone, and its callers with it.
        }
    }

    private sealed class Client(Connection connection)
    {
        private int _notes;

        public Connection Connection { get; } = connection;

        /// <summary>Calls without their bodies that other silos have not answered yet.</summary>
        public ConcurrentDictionary<long, Letter> SentOn { get; } = new();

        public void Note(Letter letter)
        {
            // Only answers shorten the list, and a call may stay without one.
            if (Interlocked.Increment(ref _notes) > SentOnMax)
            {
                SentOn.Clear();
                _notes = 0;
            }

            SentOn[letter.CallId] = letter;
        }

        public void Move(long callId, SiloAddress to)
        {
            if (SentOn.TryGetValue(callId, out var letter)) SentOn.TryUpdate(callId, letter with { To = to }, letter);
        }

        public Letter? Take(long callId)
        {
            if (!SentOn.TryRemove(callId, out var letter)) return null;
            Interlocked.Decrement(ref _notes);
            return letter;
        }
    }
}
