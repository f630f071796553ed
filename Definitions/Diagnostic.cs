using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Definitions;

public enum Severity { Error, Warning }

/// <summary>A fault with its place in a file.</summary>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Column">From 1.</param>
/// <param name="Length">Characters of that line.</param>
/// <param name="Path">The place in the spec: <c>steps[2].with.columns[0]</c>.</param>
/// <param name="Help">What to do.</param>
/// <param name="Suggestion">The text that was probably meant in this place.</param>
public sealed record Diagnostic(
    Severity Severity,
    string Code,
    string Message,
    string File,
    int Line,
    int Column,
    int Length,
    string? Path = null,
    string? Help = null,
    string? Suggestion = null)
{
    /// <summary>The line itself, when the file is another one than that which was read.</summary>
    public string? LineText { get; init; }

    /// <summary>Other places that have to do with it, nearest first: a mistake of a template has one where the template is used.</summary>
    public ImmutableArray<RelatedPlace> Related { get; init; } = [];

    /// <param name="file">That is read; <paramref name="at"/> may be in another one.</param>
    internal static Diagnostic Of(
        Severity severity, string code, string message, string file, SourceRange? at, string? path, string? help, string? suggestion) =>
        new(severity, code, message, at?.Source?.Path ?? file, at?.Line ?? 0, at?.Column ?? 0, at?.LengthOnLine ?? 0, path, help, suggestion)
        {
            LineText = at?.Source?.Line(at.Value.Line),
            Related = at is { } place ? [.. Relations(place, file)] : [],
        };

    /// <summary>Those of the file first, each once, by their places.</summary>
    internal static IEnumerable<Diagnostic> InOrder(IEnumerable<Diagnostic> diagnostics, string file) => diagnostics
        .DistinctBy(one => (one.Code, one.Message, one.File, one.Line, one.Column, one.Path is null || one.File == file ? one.Path : ""))
        .OrderBy(one => one.File == file ? 0 : 1).ThenBy(one => one.File, StringComparer.Ordinal).ThenBy(one => one.Line).ThenBy(one => one.Column);

    private static IEnumerable<RelatedPlace> Relations(SourceRange at, string file)
    {
        for (var next = at.Relation; next is not null; next = next.At.Relation)
            yield return new RelatedPlace(next.Note, next.At.Source?.Path ?? file, next.At.Line, next.At.Column);
    }

    /// <summary><c>orders.yaml:14:5: error ETL1007: …</c>, as compilers write it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{File}{(Line > 0 ? $":{Line}:{Column}" : "")}: {(Severity == Severity.Error ? "error" : "warning")} {Code}: {Message}")
        + (Help is null ? "" : " " + Help) + string.Concat(Related.Select(place => $" ({place})"));
}

/// <summary>A place in a file, and what it has to do with a diagnostic.</summary>
public sealed record RelatedPlace(string Note, string File, int Line, int Column)
{
    /// <summary><c>used here: orders.yaml:2:7</c></summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Note}: {File}:{Line}:{Column}");
}
