using Orleans.Serialization.Wire;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The letters that wait for one connection, and the one thread at a time that writes them: whoever finds nobody
/// writing writes all that is there, in few large pieces, until nothing is left; everybody else only adds. A peer
/// that does not take what is written stops the writer, and the bound on what waits then stops the senders.
/// </summary>
internal sealed class Outgoing(Stream stream, SiloAddress here, SiloAddress there, LinkSettings settings)
{
    private const int PieceBytesMax = 128 * 1024;
    private const int LetterOverheadBytes = 128;
    private const int MuchBytes = 1024 * 1024;

    // Larger bodies are written from where they are.
    private const int CopiedBodyBytesMax = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly WireWriter _piece = new();
    private List<Letter> _waiting = [];
    private List<Letter> _writing = [];
    private List<(FrameKind Kind, ulong Id)>? _urgent;
    private long _waitingBytes;
    private bool _closed;
    private int _busy;

    // Of the writer, whoever that is.
    private ReadOnlyMemory<byte> _rest;
    private byte[]? _largeBody;
    private long _writingBytes;
    private int _next;

    /// <summary>A peer that encrypts may keep its writer waiting, which then is no caller's thread.</summary>
    private SocketStream? Direct { get; } = stream as SocketStream;

    public bool CanFlushHere => Direct is not null;

    /// <summary>Whether it takes a slow line long to send what waits.</summary>
    public bool HasMuch
    {
        get
        {
            lock (_gate) return _waitingBytes >= MuchBytes;
        }
    }

    /// <summary>Takes a letter, unless the connection is closed; a full one refuses.</summary>
    public bool TryAdd(Letter letter)
    {
        MessageTooLargeException.Check(letter, settings);
        var bytes = letter.Body.Length + LetterOverheadBytes;
        var isRequest = letter.Kind is LetterKind.Request or LetterKind.OneWay;
        var max = isRequest ? settings.QueuedBytesMax : settings.AnswerBytesMax;
        lock (_gate)
        {
            if (_closed) return false;
            if (_waitingBytes > 0 && _waitingBytes + bytes > max)
            {
                throw new OrleansMessageRejectionException(
                    $"{_waitingBytes} bytes wait to be sent to {there}, which takes them too slowly; {max} may.");
            }

            _waiting.Add(letter);
            _waitingBytes += bytes;
        }

        return true;
    }

    /// <summary>Goes before all letters.</summary>
    public void AddUrgent(FrameKind kind, ulong id)
    {
        lock (_gate)
        {
            if (!_closed) (_urgent ??= []).Add((kind, id));
        }
    }

    /// <summary>No more letters; gives back those that nobody has begun to write.</summary>
    public Letter[] Close()
    {
        lock (_gate)
        {
            _closed = true;
            Letter[] unsent = [.. _waiting];
            _waiting = [];
            return unsent;
        }
    }

    /// <summary>Writes what waits; false when the peer takes no more now, and <see cref="Resume"/> must go on.</summary>
    public bool TryFlush() => Interlocked.Exchange(ref _busy, 1) != 0 || WriteAll(mayWait: false);

    /// <summary>Writes what waits, and waits for the peer.</summary>
    public void FlushWaiting()
    {
        if (Interlocked.Exchange(ref _busy, 1) == 0) WriteAll(mayWait: true);
    }

    /// <summary>Goes on for a writer that would have had to wait; it is still the one.</summary>
    public void Resume() => WriteAll(mayWait: true);

    private bool WriteAll(bool mayWait)
    {
        while (true)
        {
            while (_rest.Length > 0 || Fill())
            {
                if (!WriteRest(mayWait)) return false;
            }

            Volatile.Write(ref _busy, 0);
            lock (_gate)
            {
                if (_waiting.Count == 0 && _urgent is null) return true;
            }

            if (Interlocked.Exchange(ref _busy, 1) != 0) return true;
        }
    }

    private bool WriteRest(bool mayWait)
    {
        if (Direct is not { } socket)
        {
            stream.Write(_rest.Span);
            stream.Flush();
            _rest = default;
            return true;
        }

        while (_rest.Length > 0)
        {
            var count = socket.WriteSome(_rest.Span);
            _rest = _rest[count..];
            if (count > 0 || _rest.Length == 0) continue;
            if (!mayWait) return false;
            socket.WaitWritable();
        }

        return true;
    }

    // The next piece: a large body alone, or as many letters as fit.
    private bool Fill()
    {
        if (_largeBody is { } body)
        {
            _rest = body;
            _largeBody = null;
            return true;
        }

        _piece.Reset(PieceBytesMax * 4);
        WriteUrgent();
        while (_piece.Written.Length < PieceBytesMax && _largeBody is null)
        {
            if (_next == _writing.Count && !TakeWaiting()) break;
            var letter = _writing[_next++];
            var withBody = letter.Body.Length <= CopiedBodyBytesMax;
            Frames.Write(_piece, letter, here, there, withBody);
            if (!withBody) _largeBody = letter.Body;
        }

        _rest = _piece.WrittenMemory;
        return _rest.Length > 0;
    }

    private void WriteUrgent()
    {
        List<(FrameKind, ulong)>? urgent;
        lock (_gate)
        {
            urgent = _urgent;
            _urgent = null;
        }

        foreach (var (kind, id) in urgent ?? []) Frames.WriteControl(_piece, kind, id);
    }

    private bool TakeWaiting()
    {
        _writing.Clear();
        _next = 0;
        lock (_gate)
        {
            (_writing, _waiting) = (_waiting, _writing);
            // What is being written counts until it is gone.
            _waitingBytes -= _writingBytes;
            _writingBytes = _waitingBytes;
            return _writing.Count > 0;
        }
    }
}
