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
    /// <summary><c>orders.yaml:14:5: error ETL1007: …</c>, as compilers write it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{File}{(Line > 0 ? $":{Line}:{Column}" : "")}: {(Severity == Severity.Error ? "error" : "warning")} {Code}: {Message}")
        + (Help is null ? "" : " " + Help);
}
