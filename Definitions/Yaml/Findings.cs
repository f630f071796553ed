using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>Gathers diagnostics of one file, up to a bound.</summary>
internal sealed class Findings(string file, int max)
{
    private readonly List<Diagnostic> _diagnostics = [];

    /// <summary>Where errors were found: faults of the plan within these places only follow from them.</summary>
    public List<string> Paths { get; } = [];

    public bool HasErrors { get; private set; }

    /// <summary>Whether nothing more is kept: then it is not worth finding out what somebody meant.</summary>
    public bool IsFull => _diagnostics.Count >= max;

    public void Error(string code, string message, SourceRange? at, string? path = null, string? help = null, string? suggestion = null)
    {
        HasErrors = true;
        if (path is not null) Paths.Add(path);
        Add(Severity.Error, code, message, at, path, help, suggestion);
    }

    /// <summary>What was found in another file.</summary>
    /// <param name="used">Where that file is used.</param>
    public void Take(ImmutableArray<Diagnostic> others, SourceFile source, SourceRange used)
    {
        HasErrors = true;
        foreach (var other in others.Where(_ => !IsFull))
            _diagnostics.Add(other with
            {
                LineText = source.Line(other.Line),
                Related = Diagnostic.Of(other.Severity, "", "", file, new SourceRange { Relation = new Relation("used here", used) }, null, null, null).Related,
            });
    }

    public void Warning(string code, string message, SourceRange? at, string? path = null, string? help = null) =>
        Add(Severity.Warning, code, message, at, path, help, null);

    /// <summary>In the order of the file; those about the whole file first.</summary>
    public ImmutableArray<Diagnostic> All() => [.. Diagnostic.InOrder(_diagnostics, file)];

    private void Add(
        Severity severity, string code, string message, SourceRange? at, string? path, string? help, string? suggestion)
    {
        if (IsFull) return;
        _diagnostics.Add(Diagnostic.Of(severity, code, message, file, at, path, help, suggestion));
    }
}
