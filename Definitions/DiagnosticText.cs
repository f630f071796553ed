using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace OrleansEtl.Definitions;

/// <summary>Diagnostics as a terminal shows them: the line of the file, what is marked on it, what to do.</summary>
public static class DiagnosticText
{
    private const int LineMax = 120;

    /// <param name="text">The file's text; empty when it has none to show.</param>
    public static string Render(ImmutableArray<Diagnostic> diagnostics, string text)
    {
        var lines = text.Split('\n');
        var page = new StringBuilder();
        foreach (var diagnostic in diagnostics) Render(page, diagnostic, lines);
        if (!diagnostics.IsEmpty) page.Append(Summary(diagnostics)).Append('\n');
        return page.ToString();
    }

    /// <summary><c>2 errors, 1 warning</c>.</summary>
    public static string Summary(ImmutableArray<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Count(d => d.Severity == Severity.Error);
        var warnings = diagnostics.Length - errors;
        return string.Join(", ", new[] { Count(errors, "error"), Count(warnings, "warning") }.Where(t => t.Length > 0));
    }

    private static void Render(StringBuilder page, Diagnostic diagnostic, string[] lines)
    {
        var word = diagnostic.Severity == Severity.Error ? "error" : "warning";
        page.Append(CultureInfo.InvariantCulture, $"{word}[{diagnostic.Code}]: {diagnostic.Message}\n");
        var number = diagnostic.Line.ToString(CultureInfo.InvariantCulture);
        var margin = new string(' ', number.Length);
        var place = diagnostic.Line > 0 ? $":{diagnostic.Line}:{diagnostic.Column}" : "";
        page.Append(CultureInfo.InvariantCulture, $"{margin}--> {diagnostic.File}{place}\n");
        if (diagnostic.LineText is not null || (diagnostic.Line > 0 && diagnostic.Line <= lines.Length))
        {
            var line = (diagnostic.LineText ?? lines[diagnostic.Line - 1]).TrimEnd('\r');
            page.Append(CultureInfo.InvariantCulture, $"{margin} |\n{number} | {Shown(line)}\n{margin} | {Marks(line, diagnostic)}\n");
        }
        foreach (var related in diagnostic.Related) page.Append(CultureInfo.InvariantCulture, $"{margin} = {related}\n");
        if (Help(diagnostic) is { Length: > 0 } help) page.Append(CultureInfo.InvariantCulture, $"{margin} = help: {help}\n");
        page.Append(CultureInfo.InvariantCulture, $"{margin} = docs: etl explain {diagnostic.Code}\n\n");
    }

    // What was probably meant stands beside the mark already.
    private static string? Help(Diagnostic diagnostic) => diagnostic is { Suggestion: { } meant, Line: > 0, Help: { } help }
        ? help.Replace($"Did you mean `{meant}`?", "").Trim()
        : diagnostic.Help;

    private static string Shown(string line)
    {
        var shown = line.Length <= LineMax ? line : line[..(LineMax - 1)] + "…";
        return string.Concat(shown.Select(c => c == '\t' || !char.IsControl(c) ? c : '?')).TrimEnd();
    }

    private static string Marks(string line, Diagnostic diagnostic)
    {
        var start = Math.Clamp(diagnostic.Column - 1, 0, Math.Min(line.Length, LineMax - 1));
        var length = Math.Clamp(diagnostic.Length, 1, Math.Max(1, Math.Min(line.Length, LineMax) - start));
        var before = string.Concat(line.Take(start).Select(c => c == '\t' ? '\t' : ' '));
        return before + new string('^', length) + (diagnostic.Suggestion is { } s ? $" did you mean `{s}`?" : "");
    }

    private static string Count(int count, string word) => count switch
    {
        0 => "",
        1 => $"1 {word}",
        _ => $"{count} {word}s",
    };
}
