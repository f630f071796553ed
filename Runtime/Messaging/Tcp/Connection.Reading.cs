using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans.Serialization;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>
/// The reading side. Exactly one thread holds the buffer and the place in it. It hands a letter on, which puts it in
/// the queue of its grain, and only then marks itself as busy and runs the turn that has become ready. While it is
/// busy, a relief may take the reading over by changing the holder in one step, and the thread that comes back from
/// the turn finds that out in the same way and goes. So letters enter the queues in the order in which they came,
/// whoever reads.
/// </summary>
internal sealed partial class Connection
{
    private const int BufferBytes = 64 * 1024;

    // Turns that take longer than this on average are worth another thread each.
    private static readonly long BriefTicksMax = Stopwatch.Frequency / 100_000;
    private static readonly long BurstTicksMin = Stopwatch.Frequency / 10_000;

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<bool>> _pings = new();
    private readonly FrameNames _names = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _from;
    private int _to;
    private long _pingId;

    // Number of the reading thread, times two; odd while it is busy with a letter.
    private int _holder;

    /// <summary>Begins to read.</summary>
    public void Start() => StartReading(0);

    /// <summary>Called by the watch when a turn of the reading thread lasts.</summary>
    public void Relieve()
    {
        var holder = Volatile.Read(ref _holder);
        if ((holder & 1) == 0 || IsClosed) return;
        if (Interlocked.CompareExchange(ref _holder, holder + 1, holder) == holder) StartReading(holder + 1);
    }

    private void StartReading(int holder)
    {
        var thread = new Thread(() => Read(holder)) { IsBackground = true, Name = $"from {Other}" };
        thread.UnsafeStart();
    }

    private void Read(int holder)
    {
        var reason = "The other end closed the connection.";
        try
        {
            while (true)
            {
                if (!HandleAll(holder)) return;
                if (!ReadMore()) break;
            }
        }
        catch (Exception error)
        {
            // Whatever bytes arrive, it is this connection that breaks and nothing else.
            reason = error.Message;
        }

        Close(reason);
        _stream.Dispose();
    }

    // Handles the letters that are there in full; false if another thread holds the reading now.
    private bool HandleAll(int holder)
    {
        if (_to - _from < Frames.PrefixBytes) return true;
        Turns.BeginReading(this);
        try
        {
            var begun = Stopwatch.GetTimestamp();
            var here = true;
            for (var handled = 1; TakeLetter() is { } letter; handled++)
            {
                _owner.Received(this, letter);
                Volatile.Write(ref _holder, holder + 1);
                Turns.RunReady(here);
                if (Interlocked.CompareExchange(ref _holder, holder, holder + 1) != holder + 1) return false;
                if (!here || (handled & 7) != 0) continue;
                var ticks = Stopwatch.GetTimestamp() - begun;
                here = ticks < BurstTicksMin || ticks / handled < BriefTicksMax;
            }

            return true;
        }
        finally
        {
            Turns.EndReading();
        }
    }

    // The next letter, if all of it is there; frames that are none are dealt with on the way.
    private Letter? TakeLetter()
    {
        while (_to - _from >= Frames.PrefixBytes)
        {
            var there = _buffer.AsSpan(_from, _to - _from);
            var (headerBytes, bodyBytes) = Frames.Lengths(there);
            if (headerBytes is 0 || headerBytes > _settings.HeaderBytesMax)
                throw new SerializerException($"A frame with a header of {headerBytes} bytes came.");
            if (there.Length < Frames.PrefixBytes + (long)headerBytes + bodyBytes) return null;
            var header = there.Slice(Frames.PrefixBytes, (int)headerBytes);
            var body = there.Slice(Frames.PrefixBytes + (int)headerBytes, (int)bodyBytes);
            _from += Frames.PrefixBytes + (int)(headerBytes + bodyBytes);
            if (header[0] <= (byte)FrameKind.LastLetter) return LetterOf(header, body.ToArray());
            Control(header);
        }

        return null;
    }

    // Waits for bytes; a frame that does not fit in the buffer is read as a whole by this.
    private bool ReadMore()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            _to -= _from;
            _from = 0;
        }

        if (_to >= Frames.PrefixBytes)
        {
            var (headerBytes, bodyBytes) = Frames.Lengths(_buffer);
            if (Frames.PrefixBytes + (long)headerBytes + bodyBytes > _buffer.Length)
            {
                ReadLarge(headerBytes, bodyBytes);
                return true;
            }
        }

        var count = _stream.Read(_buffer.AsSpan(_to));
        _to += count;
        return count > 0;
    }

    private void ReadLarge(uint headerBytes, uint bodyBytes)
    {
        if (headerBytes > _settings.HeaderBytesMax)
            throw new SerializerException($"A frame with a header of {headerBytes} bytes came.");
        _from = Frames.PrefixBytes;
        var header = new byte[headerBytes];
        TakeExactly(header);
        if (header[0] > (byte)FrameKind.LastLetter) throw new SerializerException("A large frame is no letter.");
        if (bodyBytes > _settings.BodyBytesMax)
        {
            Skip(bodyBytes);
            _owner.Oversized(this, LetterOf(header, []), bodyBytes);
            return;
        }

        var body = new byte[bodyBytes];
        TakeExactly(body);
        _owner.Received(this, LetterOf(header, body));
    }

    private void TakeExactly(Span<byte> target)
    {
        var there = Math.Min(target.Length, _to - _from);
        _buffer.AsSpan(_from, there).CopyTo(target);
        _from += there;
        _stream.ReadExactly(target[there..]);
    }

    private void Skip(long bytes)
    {
        while (bytes > 0)
        {
            if (_from == _to)
            {
                _from = 0;
                _to = _stream.Read(_buffer);
                if (_to == 0) throw new EndOfStreamException("The connection ended in the middle of a frame.");
            }

            var some = (int)Math.Min(bytes, _to - _from);
            _from += some;
            bytes -= some;
        }
    }

    private Letter LetterOf(ReadOnlySpan<byte> header, byte[] body) =>
        Frames.Read(header, body, Here, Other, _names);

    private void Control(ReadOnlySpan<byte> header)
    {
        var reader = new WireReader(header);
        var kind = (FrameKind)reader.Byte();
        var id = reader.VarInt();
        switch (kind)
        {
            case FrameKind.Ping:
                _outgoing.AddUrgent(FrameKind.Pong, id);
                if (!Turns.FlushLater(this)) Flush();
                break;
            case FrameKind.Pong:
                if (_pings.TryRemove(id, out var answered)) answered.TrySetResult(true);
                break;
            default: throw new SerializerException($"A frame of unknown kind {(byte)kind} came.");
        }
    }
}
