namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The way to one life of one silo: a connection that one of the two has opened, or letters that wait for one.
/// When it breaks, letters that nobody had begun to write get one more try over a new connection. When none can
/// be opened, what waits is given back, and for a while everything else too.
/// </summary>
internal sealed class SiloLine(SiloAddress silo, TcpLink link, LinkSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<Connection> _open = [];
    private readonly List<Letter> _waiting = [];
    private long _waitingBytes;
    private Task<Connection>? _opening;
    private string? _failure;
    private long _failedAt;
    private bool _forgotten;

    public SiloAddress Silo => silo;

    public void Send(Letter letter)
    {
        while (true)
        {
            Connection? connection;
            lock (_gate)
            {
                connection = Current();
                if (connection is null)
                {
                    Wait_NeedsGate(letter);
                    return;
                }
            }

            if (connection.TrySend(letter)) return;
        }
    }

    /// <summary>A connection is open, by whomever.</summary>
    public bool Adopt(Connection connection)
    {
        var refused = new List<(Letter, Exception)>();
        lock (_gate)
        {
            if (_forgotten) return false;
            _open.Add(connection);
            _failure = null;
            // Under the gate, so that no later letter overtakes them.
            foreach (var letter in _waiting)
            {
                try
                {
                    if (!connection.TrySend(letter)) refused.Add((letter, Broken("It closed at once.")));
                }
                catch (OrleansMessageRejectionException error)
                {
                    refused.Add((letter, error));
                }
            }

            _waiting.Clear();
            _waitingBytes = 0;
        }

        connection.Flush();
        foreach (var (letter, error) in refused) link.GiveBack(letter, error);
        return true;
    }

    /// <summary>It broke; letters that it did not send are tried once more.</summary>
    public void Drop(Connection connection, Letter[] unsent, string reason)
    {
        lock (_gate) _open.Remove(connection);
        foreach (var letter in unsent)
        {
            try
            {
                if (letter.Retried) throw Broken(reason);
                Send(letter with { Retried = true });
            }
            catch (OrleansMessageRejectionException error)
            {
                link.GiveBack(letter, error);
            }
        }
    }

    public async Task<bool> Probe(TimeSpan patience)
    {
        Task<Connection> opening;
        lock (_gate)
        {
            if (_forgotten) return false;
            opening = Current() is { } open ? Task.FromResult(open) : _opening ??= Open();
        }

        var begun = time.GetTimestamp();
        try
        {
            var connection = await opening.WaitAsync(patience).ConfigureAwait(false);
            var left = patience - time.GetElapsedTime(begun);
            return left > TimeSpan.Zero && await connection.Ping(left).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or ConnectionFailedException)
        {
            return false;
        }
    }

    public void Forget()
    {
        Connection[] open;
        lock (_gate)
        {
            _forgotten = true;
            open = [.. _open];
        }

        foreach (var connection in open) connection.Close($"{silo} is no longer part of the cluster.");
        GiveWaitingBack($"{silo} is no longer part of the cluster.");
    }

    private SiloUnavailableException Broken(string reason) => new($"The connection to {silo} broke. {reason}");

    private Connection? Current() => _open.Find(static connection => !connection.IsClosed);

    private void Wait_NeedsGate(Letter letter)
    {
        if (_forgotten) throw new SiloUnavailableException($"{silo} is no longer part of the cluster.");
        MessageTooLargeException.Check(letter, settings);
        if (_opening is null && _failure is not null && time.GetElapsedTime(_failedAt) < settings.RetryDelay)
            throw new SiloUnavailableException($"{silo} cannot be reached. {_failure}");
        if (_waitingBytes > settings.QueuedBytesMax)
            throw new OrleansMessageRejectionException($"{_waitingBytes} bytes wait for a connection to {silo}.");
        _waiting.Add(letter);
        _waitingBytes += letter.Body.Length;
        _opening ??= Open();
    }

    private async Task<Connection> Open()
    {
        await Task.Yield();
        try
        {
            var connection = await link.Call(silo).ConfigureAwait(false);
            lock (_gate) _opening = null;
            if (!Adopt(connection)) connection.Close("Not needed.");
            connection.Start();
            return connection;
        }
        catch (Exception error) // whatever it was, the next letter tries again
        {
            lock (_gate)
            {
                _opening = null;
                _failure = error.Message;
                _failedAt = time.GetTimestamp();
            }

            GiveWaitingBack($"{silo} cannot be reached. {error.Message}");
            link.NotReached(silo);
            throw;
        }
    }

    private void GiveWaitingBack(string reason)
    {
        Letter[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
            _waitingBytes = 0;
        }

        foreach (var letter in waiting) link.GiveBack(letter, new SiloUnavailableException(reason));
    }
}
