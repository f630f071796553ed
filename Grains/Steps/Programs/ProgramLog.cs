using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansEtl.Steps;

/// <summary>What a program says on both streams: the beginning and the end, up to a number of bytes; what is between is counted and
/// forgotten. Lines that speak to us (<c>ETL_PROGRESS</c>, <c>ETL_VALUES</c>) are heard and not kept.</summary>
/// <param name="heard">Told the stream and the text of each other line at once.</param>
internal sealed class ProgramLog(long bytesMax, TimeProvider time, Action<string, string> heard)
{
    /// <summary>What a kept line costs besides its text, so that empty lines have an end too.</summary>
    private const int LineCost = 32;

    private const int LastLinesMax = 10, LastCharactersMax = 1_500;
    private const string Values = "ETL_VALUES ", Progress = "ETL_PROGRESS ";

    private readonly Lock _lock = new();
    private readonly List<Line> _head = [];
    private readonly Queue<Line> _tail = [];
    private bool _headIsFull;
    private long _headBytes, _tailBytes, _lines, _left, _leftBytes;

    private sealed record Line(long Number, string Stream, DateTimeOffset At, string Text, int Bytes);

    /// <summary>The last that was said behind <c>ETL_VALUES</c>.</summary>
    public string? ValuesText { get; private set; }

    public ToldProgress? Told { get; private set; }

    /// <param name="line">Its bytes, without the end of the line; a longer one comes in pieces.</param>
    public void Hear(string stream, ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line.TrimEnd((byte)'\r'));
        lock (_lock)
        {
            if (stream == "stdout" && text.StartsWith(Values, StringComparison.Ordinal)) ValuesText = text[Values.Length..];
            else if (stream == "stdout" && text.StartsWith(Progress, StringComparison.Ordinal)) Told = ToldProgress.Parse(text[Progress.Length..]);
            else
            {
                heard(stream, text);
                Keep(new Line(++_lines, stream, time.GetUtcNow(), Printable.Of(Excerpt.Of(text, LineMax)), Math.Min(line.Length, LineMax) + LineCost));
            }
        }
    }

    /// <summary>No line is longer than what the end may hold.</summary>
    private int LineMax => (int)Math.Min(bytesMax / 2 - LineCost, int.MaxValue - LineCost);

    private void Keep(Line line)
    {
        if (!_headIsFull && _headBytes + line.Bytes <= bytesMax / 2)
        {
            _head.Add(line);
            _headBytes += line.Bytes;
            return;
        }

        _headIsFull = true;
        _tail.Enqueue(line);
        _tailBytes += line.Bytes;
        while (_tailBytes > bytesMax / 2 && _tail.TryDequeue(out var first))
        {
            _tailBytes -= first.Bytes;
            _leftBytes += first.Bytes - LineCost;
            _left++;
        }
    }

    /// <summary>The last lines, of stderr if anything was said there; null when nothing was said.</summary>
    public string? LastWords()
    {
        lock (_lock)
        {
            var all = _head.Concat(_tail).ToList();
            var spoken = all.Exists(line => line.Stream == "stderr") ? all.Where(line => line.Stream == "stderr") : all;
            var last = string.Join("\n  | ", spoken.Where(line => line.Text.Length > 0).TakeLast(LastLinesMax).Select(line => line.Text));
            if (last.Length == 0) return null;
            return "\n  | " + (last.Length <= LastCharactersMax ? last : "…" + last[^LastCharactersMax..]);
        }
    }

    /// <summary>Writes a JSON object a line: line, stream, at, text.</summary>
    public void Write(string file)
    {
        lock (_lock)
        {
            using var stream = new FileStream(file, FileMode.CreateNew);
            foreach (var line in _head) Write(stream, line);
            if (_left > 0) Write(stream, Gap());
            foreach (var line in _tail) Write(stream, line);
        }
    }

    private Line Gap()
    {
        var before = _tail.TryPeek(out var next) ? next : new Line(_lines + 1, "", time.GetUtcNow(), "", 0);
        var text = string.Create(CultureInfo.InvariantCulture, $"… {_left} lines of {_leftBytes} bytes are left out …");
        return new Line(before.Number - 1, "etl", before.At, text, 0);
    }

    private static void Write(Stream stream, Line line)
    {
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("line", line.Number);
            json.WriteString("stream", line.Stream);
            json.WriteString("at", line.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture));
            json.WriteString("text", line.Text);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}

/// <summary>What a program says of how far it is: <c>rows=10 total=200</c>.</summary>
internal sealed record ToldProgress(long? Rows, long? Total)
{
    public static ToldProgress Parse(string text)
    {
        var named = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToList();
        long? Find(string name) => named.Find(pair => pair[0] == name) is [_, var digits]
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return new ToldProgress(Find("rows"), Find("total"));
    }

    public double? Part => Rows is { } rows && Total is > 0 and var total ? Math.Clamp((double)rows / total, 0, 1) : null;
}
