using System.Buffers;
using System.Collections.Immutable;

namespace OrleansEtl.Data.Logs;

/// <summary>
/// What one attempt says, on its way to the file. Saying it costs a copy into memory; the file is written beside the work, soon
/// after. A file that cannot be written loses lines and never the attempt: what is missing is counted, and said where it can be.
/// </summary>
public sealed class AttemptLog : IAsyncDisposable
{
    private readonly LogStore _store;
    private readonly (RunId Run, StepId Step, Attempt Attempt) _of;
    private readonly string? _correlation;
    private readonly TimeProvider _clock;
    private readonly ITimer _due;

    /// <summary>Over what waits to be written. Never held while a file is written.</summary>
    private readonly Lock _saying = new();
    private readonly ArrayBufferWriter<byte> _line = new();
    private ArrayBufferWriter<byte> _waiting = new();
    private DateTimeOffset _last;
    private long _bytes, _left;
    private bool _isFull, _isClosed;

    /// <summary>Over the file.</summary>
    private readonly Lock _writing = new();
    private ArrayBufferWriter<byte> _spare = new();
    private string? _path;
    private long _written;
    private bool _isGone;

    internal AttemptLog(LogStore store, RunId run, StepId step, Attempt attempt, string? correlation, TimeProvider clock)
    {
        (_store, _of, _correlation, _clock) = (store, (run, step, attempt), correlation, clock);
        _due = clock.CreateTimer(static log => ((AttemptLog)log!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private LogBounds Bounds => _store.Bounds;

    /// <summary>From any thread. After the end nothing is heard any more.</summary>
    public void Say(LineLevel level, ImmutableArray<StepId> steps, string message, params ReadOnlySpan<Field> fields)
    {
        lock (_saying)
        {
            if (_isClosed) return;
            if (_isFull && level < LineLevel.Error)
            {
                _left++;
                return;
            }
            Write(level, steps, message, fields);
            var free = Bounds.AttemptBytesMax - _bytes + (level == LineLevel.Error ? Bounds.ErrorBytes : 0);
            if (_line.WrittenCount <= free) Keep();
            else if (_isFull) _left++;
            else Fill(steps);
        }
    }

    /// <summary>Writes what is still to be written; it is in the file when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_saying)
        {
            if (_isClosed) return;
            _isClosed = true;
        }
        await _due.DisposeAsync();
        await Task.Run(() =>
        {
            Flush();
            lock (_saying)
            {
                if (_left == 0) return;
                Write(LineLevel.Warn, [_of.Step], "so many lines were left out", [new Field("lines", new SpecValue.Integer(_left))]);
                _waiting.Write(_line.WrittenSpan);
            }
            Flush();
        });
    }

    /// <summary>Time does not go back within a file, so that files can be read side by side.</summary>
    private void Write(LineLevel level, ImmutableArray<StepId> steps, string message, ReadOnlySpan<Field> fields)
    {
        var now = _clock.GetUtcNow();
        if (now > _last) _last = now;
        _line.ResetWrittenCount();
        LineJson.Write(_line, _of.Run, new LogLine(_last, level, steps, _of.Attempt, message, [.. fields], _correlation), Bounds.CharactersMax);
    }

    private void Keep()
    {
        if (_waiting.WrittenCount == 0) _due.Change(Bounds.FlushAfter, Timeout.InfiniteTimeSpan);
        var before = _waiting.WrittenCount;
        _waiting.Write(_line.WrittenSpan);
        _bytes += _line.WrittenCount;
        if (before < Bounds.FlushBytes && _waiting.WrittenCount >= Bounds.FlushBytes) _due.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Fill(ImmutableArray<StepId> steps)
    {
        _isFull = true;
        _left++;
        Write(LineLevel.Warn, steps, "the log of this attempt is full: only errors are kept from here on",
            [new Field("bytes", new SpecValue.Integer(_bytes))]);
        Keep();
        _bytes = Math.Max(_bytes, Bounds.AttemptBytesMax);
    }

    private void Flush()
    {
        lock (_writing)
        {
            ArrayBufferWriter<byte> full;
            lock (_saying)
            {
                if (_waiting.WrittenCount == 0) return;
                (full, _waiting) = (_waiting, _spare);
            }
            if (!TryAppend(full.WrittenSpan))
                lock (_saying) _left += full.WrittenSpan.Count((byte)'\n');
            full.ResetWrittenCount();
            _spare = full;
        }
    }

    /// <summary>Opened for every write: so nothing is held between, and other machines see what is written to a network's
    /// folder.</summary>
    private bool TryAppend(ReadOnlySpan<byte> lines)
    {
        if (_isGone) return false;
        try
        {
            _path ??= _store.Make(_of.Run, _of.Step, _of.Attempt);
            if (_path is null) return !(_isGone = true);
            using (var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                RandomAccess.Write(file, lines, _written);
            LookAtRun(_written, _written += lines.Length);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return !(_isGone = true); // swept: the run is forgotten, or what was frozen here has long been done elsewhere
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the next lines take the place of what may be there in part
        }
    }

    private void LookAtRun(long before, long after)
    {
        if (before / Bounds.LookAtRunBytes == after / Bounds.LookAtRunBytes || _store.BytesOf(_of.Run) < Bounds.RunBytesMax) return;
        lock (_saying)
            if (!_isFull && !_isClosed) Fill([_of.Step]);
    }
}
