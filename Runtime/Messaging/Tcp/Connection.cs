namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>What happens on a connection; called from its reading thread, but for its end.</summary>
internal interface IConnectionOwner
{
    void Received(Connection connection, Letter letter);

    /// <summary>A letter came whose body is too large to be taken; it was left out.</summary>
    void Oversized(Connection connection, Letter letter, long bodyBytes);

    /// <summary>It is closed, once; the letters were not sent.</summary>
    void Closed(Connection connection, Letter[] unsent, string reason);
}

/// <summary>
/// Letters between two ends that know each other. One thread waits for what arrives and also runs the turns that
/// the letters make ready: with few callers no other thread needs to be woken. Should such a turn take long, the
/// thread is relieved: another one reads on, and it ends when the turn does. What turns send meanwhile goes out
/// together at the end of the burst.
/// </summary>
internal sealed partial class Connection : IOutbox, IReadingThread
{
    private static readonly TimeSpan SecondPatience = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly SocketStream _socket;
    private readonly LinkSettings _settings;
    private readonly IConnectionOwner _owner;
    private readonly Outgoing _outgoing;
    private int _closed;
    private int _flushQueued;

    public Connection(
        Stream stream, SocketStream socket, SiloAddress here, Introduction other, LinkSettings settings,
        IConnectionOwner owner)
    {
        _stream = stream;
        _socket = socket;
        _settings = settings;
        _owner = owner;
        Here = here;
        Other = other.Address;
        _outgoing = new(stream, here, other.Address, settings);
    }

    public SiloAddress Here { get; }

    /// <summary>Who has proved to be at the other end.</summary>
    public SiloAddress Other { get; }

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Sends, soon; false if the connection is closed.</summary>
    public bool TrySend(Letter letter)
    {
        if (!_outgoing.TryAdd(letter)) return false;
        if (!Turns.FlushLater(this)) Flush();
        return true;
    }

    /// <summary>Whether the other end answers in time.</summary>
    public async Task<bool> Ping(TimeSpan patience)
    {
        var answered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var id = (ulong)Interlocked.Increment(ref _pingId);
        _pings[id] = answered;
        try
        {
            if (IsClosed) return false;
            _outgoing.AddUrgent(FrameKind.Ping, id);
            FlushElsewhere();
            return await answered.Task.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            _pings.TryRemove(id, out _);
        }
    }

    /// <summary>Whether the other end says nothing for that long, though it is asked. A second question lets an end that was itself
    /// stopped read what has come meanwhile. While large letters go one way or the other, silence proves nothing.</summary>
    public async Task<bool> IsSilent(TimeSpan patience) =>
        !await Ping(patience).ConfigureAwait(false) && !await Ping(SecondPatience).ConfigureAwait(false)
        && _socket.SinceRead >= patience && !(_outgoing.HasMuch && _socket.SinceWrite < patience);

    public void Flush()
    {
        if (!_outgoing.CanFlushHere)
        {
            FlushElsewhere();
            return;
        }

        try
        {
            // The rest is for a thread that may wait.
            if (!_outgoing.TryFlush())
                Task.Factory.StartNew(() => Write(_outgoing.Resume), TaskCreationOptions.LongRunning);
        }
        catch (Exception error) when (IsOfTheWire(error))
        {
            Close(error.Message);
        }
    }

    public void Close(string reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        var unsent = _outgoing.Close();
        _socket.Cut();
        foreach (var ping in _pings.Values) ping.TrySetResult(false);
        // The closer may be in the middle of anything.
        ThreadPool.UnsafeQueueUserWorkItem(
            static told => told.here._owner.Closed(told.here, told.unsent, told.reason),
            (here: this, unsent, reason), false);
    }

    private void FlushElsewhere()
    {
        if (Interlocked.Exchange(ref _flushQueued, 1) != 0) return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static here =>
            {
                Volatile.Write(ref here._flushQueued, 0);
                here.Write(here._outgoing.FlushWaiting);
            },
            this, false);
    }

    private void Write(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (IsOfTheWire(error))
        {
            Close(error.Message);
        }
    }

    private static bool IsOfTheWire(Exception error) =>
        error is IOException or ObjectDisposedException or System.Net.Sockets.SocketException
            or Orleans.Serialization.SerializerException or InvalidOperationException or NotSupportedException
            or System.Security.Authentication.AuthenticationException;
}
