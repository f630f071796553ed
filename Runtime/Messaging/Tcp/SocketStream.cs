using System.Diagnostics;
using System.Net.Sockets;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// A socket whose reader waits in the kernel on a thread of its own and whose writers never wait unless they ask
/// to. The socket itself does not block, and it is never used asynchronously: it would then be watched by the
/// poller of the process as well, which costs a wake-up of two more threads for everything that arrives.
/// </summary>
internal sealed class SocketStream : Stream
{
    // To look again costs less than half a microsecond; to be put to sleep and woken twenty and more, on a quiet
    // machine. An answer within that time is worth the looks, unless they are in vain: then they become rare.
    private const int LooksMax = 50;
    private const int KeepAliveSeconds = 30;
    private const int LooksToSkipMax = 512;

    private readonly Socket _socket;
    private long _readAt = Environment.TickCount64;
    private long _wroteAt = Environment.TickCount64;
    private bool _looked;
    private int _looksSkipped;
    private int _looksToSkip;

    public SocketStream(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
        // An end that vanishes without a word, when nothing is to be sent to it, would keep its thread for ever.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds / 3);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        socket.Blocking = false;
    }

    /// <summary>After this moment waiting ends in an exception; null = never.</summary>
    public long? DueTimestamp { get; set; }

    /// <summary>How long nothing has come.</summary>
    public TimeSpan SinceRead => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _readAt));

    /// <summary>How long nothing could be sent.</summary>
    public TimeSpan SinceWrite => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _wroteAt));

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reading and writing end now, also where somebody waits.</summary>
    public void Cut()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    public override int Read(Span<byte> buffer)
    {
        _looked = _looksSkipped >= _looksToSkip;
        var looks = _looked ? LooksMax : 0;
        while (true)
        {
            var count = _socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.Success)
            {
                _readAt = Environment.TickCount64;
                if (_looked && looks < LooksMax) NoteLook(worth: true);
                return count;
            }

            if (error != SocketError.WouldBlock) throw new IOException($"The connection broke: {error}.");
            if (looks-- > 0) continue;
            if (_looked) NoteLook(worth: false);
            else _looksSkipped++;
            Wait(SelectMode.SelectRead);
        }
    }

    /// <summary>Writes what goes out without waiting.</summary>
    public int WriteSome(ReadOnlySpan<byte> buffer)
    {
        var count = _socket.Send(buffer, SocketFlags.None, out var error);
        if (count > 0) Volatile.Write(ref _wroteAt, Environment.TickCount64);
        return error switch
        {
            SocketError.Success => count,
            SocketError.WouldBlock => 0,
            _ => throw new IOException($"The connection broke: {error}."),
        };
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = WriteSome(buffer);
            buffer = buffer[count..];
            if (count == 0) Wait(SelectMode.SelectWrite);
        }
    }

    public void WaitWritable() => Wait(SelectMode.SelectWrite);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _socket.Dispose();
        base.Dispose(disposing);
    }

    private void NoteLook(bool worth)
    {
        _looked = false;
        _looksSkipped = 0;
        _looksToSkip = worth ? 0 : Math.Min((_looksToSkip * 2) + 1, LooksToSkipMax);
    }

    private void Wait(SelectMode mode)
    {
        if (DueTimestamp is not { } due)
        {
            _socket.Poll(-1, mode);
            return;
        }

        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
        if (left <= TimeSpan.Zero || !_socket.Poll(left, mode))
            throw new IOException("The other end did not answer in time.");
    }
}
