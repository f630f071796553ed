namespace OrleansEtl.Definitions;

/// <summary>A stretch of a file; lines and columns from 1, <paramref name="EndColumn"/> just behind the last character.</summary>
public readonly record struct SourceRange(int Line, int Column, int EndLine, int EndColumn)
{
    /// <summary>How many characters of the first line it takes; 1 when it is longer than the line.</summary>
    public int LengthOnLine => EndLine == Line ? Math.Max(1, EndColumn - Column) : 1;

    /// <summary>The file, when it is another one than that which is read: the file of a template.</summary>
    public SourceFile? Source { get; init; }

    /// <summary>Another place that has to do with it: where the template is used, or where it puts the value.</summary>
    public Relation? Relation { get; init; }
}

/// <summary>A file that was read.</summary>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>A line of it, from 1; null when it has none of this number.</summary>
    public string? Line(int number) => number > 0 ? Text.Split('\n').ElementAtOrDefault(number - 1) : null;
}

/// <summary><c>used here</c>, and where.</summary>
public sealed record Relation(string Note, SourceRange At);

/// <summary>Where the parts of a spec stand in its file: for each path the key and the value.</summary>
public sealed class SourceMap
{
    public static readonly SourceMap Empty = new();

    private readonly Dictionary<string, SourceRange> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceRange> _values = new(StringComparer.Ordinal);

    internal void AddKey(string path, SourceRange range) => _keys.TryAdd(path, range);
    internal void AddValue(string path, SourceRange range) => _values.TryAdd(path, range);

    /// <summary>The key of an entry of a mapping.</summary>
    public SourceRange? Key(string path) => _keys.TryGetValue(path, out var range) ? range : null;

    /// <summary>The value; for mappings and lists of several lines their first line.</summary>
    public SourceRange? Value(string path) => _values.TryGetValue(path, out var range) ? range : null;

    /// <summary>The best place for a fault: the key when the key is at fault, else the value; for what is missing, what it is
    /// missing from.</summary>
    public SourceRange? Place(string path, bool preferKey)
    {
        for (var at = path; at is not null; at = SpecPath.Parent(at), preferKey = true)
        {
            var (first, second) = preferKey ? (Key(at), Value(at)) : (Value(at), Key(at));
            if ((first ?? second) is not { } range) continue;
            return at != path && Value(SpecPath.Field(at, "id")) is { } id ? id : range;
        }
        return null;
    }
}
