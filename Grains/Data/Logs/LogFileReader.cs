namespace OrleansEtl.Data.Logs;

/// <summary>The whole lines of a file that may still be written, from an offset on. The file is open only while it is read from.</summary>
internal sealed class LogFileReader(LogFile file, long offset)
{
    /// <summary>Of the first reading: most logs are shorter.</summary>
    private const int FirstBytes = 4 << 10;
    /// <summary>No line that we write is longer.</summary>
    private const int LineBytesMax = 64 << 10;

    private byte[] _buffer = [];
    private int _from, _to;
    private bool _isTooLong;

    public string Name => file.Name;

    /// <summary>Where the current line begins: what is before it has been read.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>The bytes of the current line, with its end.</summary>
    public int Bytes { get; private set; }

    public LogLine Line { get; private set; } = null!;

    /// <summary>Goes on behind the current line. Lines that are none of ours are passed over.</summary>
    /// <returns>False: there is no whole line more by now.</returns>
    public bool Read()
    {
        while (true)
        {
            Offset += Bytes;
            Bytes = 0;
            if (!TryFindEnd(out var end)) return false;
            var text = _buffer.AsSpan(_from, end - _from);
            Bytes = end - _from + 1;
            _from = end + 1;
            if (_isTooLong) _isTooLong = false;
            else if (LineJson.Read(text) is { } line)
            {
                Line = line;
                return true;
            }
        }
    }

    private bool TryFindEnd(out int end)
    {
        var seen = _from;
        while ((end = Array.IndexOf(_buffer, (byte)'\n', seen, _to - seen)) < 0)
        {
            if (_to - _from >= LineBytesMax) PassOver();
            var known = _to - _from;
            if (!TryFill()) return false;
            seen = _from + known;
        }
        return true;
    }

    /// <summary>The beginning of something that is no line.</summary>
    private void PassOver()
    {
        Offset += _to - _from;
        (_from, _isTooLong) = (_to, true);
    }

    private bool TryFill()
    {
        var kept = _to - _from;
        var buffer = new byte[_buffer.Length == 0 ? FirstBytes : Math.Min(LineBytesMax * 2, Math.Max(_buffer.Length * 2, FirstBytes))];
        _buffer.AsSpan(_from, kept).CopyTo(buffer);
        (_buffer, _from, _to) = (buffer, 0, kept);
        try
        {
            using var handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var read = RandomAccess.Read(handle, buffer.AsSpan(kept), Offset + kept);
            _to += read;
            return read > 0;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false; // swept meanwhile
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LogStore.Unreadable(file.Path, e);
        }
    }
}
