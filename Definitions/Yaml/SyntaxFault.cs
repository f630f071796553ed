using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace OrleansEtl.Definitions;

/// <summary>Says what a scanner's complaint means in the words of somebody who wrote a file.</summary>
internal sealed partial record SyntaxFault(string Code, string Message, SourceRange Range, string? Help)
{
    private const string Misread = "A template must be quoted: YAML reads `{{` as a mapping.";
    private const string Indentation = "The indentation does not fit: a key was expected in another column.";

    [GeneratedRegex(@"^(?<before>\s*(?:-\s+)*(?:[^\s#'""][^'""#]*?:\s+|-\s+))(?<value>\{\{.*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TemplateLine();

    [GeneratedRegex(@"^\s+(?:-\s+)?[A-Za-z0-9_.-]+\s*$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeyAlone();

    public static SyntaxFault Explain(string text, YamlException e)
    {
        var lines = text.Split('\n');
        var line = Math.Clamp((int)e.Start.Line, 1, Math.Max(1, lines.Length));
        var column = Math.Max(1, (int)e.Start.Column);
        var at = new SourceRange(line, column, line, column + 1);
        return Tab(lines, line, e.Message) ?? Template(lines, line) ?? Bracket(lines, at, e.Message)
            ?? Said(e.Message, LineOf(lines, line), at);
    }

    /// <summary>A template without quotes that happened to be YAML: a mapping as the key of a mapping.</summary>
    public static SyntaxFault Unquoted(string text, SourceRange at) =>
        Template(text.Split('\n'), at.Line)
        ?? new SyntaxFault(YamlCodes.UnquotedTemplate, Misread, at, "Put the whole value in double quotes: \"{{ … }}\".");

    private static string LineOf(string[] lines, int line) => line <= lines.Length ? lines[line - 1].TrimEnd('\r') : "";

    // The complaint is about the tab's own line or the one after it, or about the mapping that the tab is in.
    private static SyntaxFault? Tab(string[] lines, int line, string message)
    {
        var last = message.Contains("tab", StringComparison.Ordinal) ? lines.Length : line;
        for (var l = Math.Max(1, line - 1); l <= last; l++)
        {
            var text = LineOf(lines, l);
            var indent = text.Length - text.TrimStart().Length;
            var tab = text.IndexOf('\t');
            if (tab >= 0 && tab < indent)
            {
                return new SyntaxFault(YamlCodes.Tab, "A tab is used to indent; YAML allows only spaces.",
                    new SourceRange(l, tab + 1, l, tab + 2), "Replace each tab with two spaces.");
            }
        }
        return null;
    }

    private static SyntaxFault? Template(string[] lines, int line)
    {
        for (var l = line; l >= Math.Max(1, line - 1); l--)
        {
            var text = LineOf(lines, l);
            if (text.Length > 1_000 || TemplateLine().Match(text) is not { Success: true } match) continue;
            var (before, value) = (match.Groups["before"].Value, match.Groups["value"]);
            var plain = WithoutClosing(before, value.Value);
            return new SyntaxFault(YamlCodes.UnquotedTemplate, Misread,
                new SourceRange(l, value.Index + 1, l, value.Index + 1 + plain.Length),
                $"Write: {before.Trim()} \"{plain.Replace("\"", "'")}\"{value.Value[plain.Length..].TrimEnd()}");
        }
        return null;
    }

    // Within { } or [ ] the line's last brackets close those, and are not part of the value.
    private static string WithoutClosing(string before, string value)
    {
        var plain = value.TrimEnd();
        var open = before.Count(c => c is '{' or '[') - before.Count(c => c is '}' or ']');
        for (; open > 0 && plain is [.., '}' or ']']; open--) plain = plain[..^1].TrimEnd();
        return plain;
    }

    // A bracket that is never closed is found out far behind it: the innermost one that is open there is meant.
    private static SyntaxFault? Bracket(string[] lines, SourceRange at, string message)
    {
        if (!message.Contains("flow", StringComparison.Ordinal)) return null;
        var closed = 0;
        for (var l = Math.Min(at.Line, lines.Length); l >= Math.Max(1, at.Line - 200); l--)
        {
            var text = LineOf(lines, l);
            for (var c = Math.Min(text.Length, l == at.Line ? at.Column - 1 : int.MaxValue) - 1; c >= 0; c--)
            {
                if (text[c] is '}' or ']') closed++;
                else if (text[c] is '{' or '[' && --closed < 0)
                {
                    var close = text[c] == '{' ? '}' : ']';
                    return new SyntaxFault(YamlCodes.Syntax, $"This `{text[c]}` is not closed, or a comma is missing behind it.",
                        new SourceRange(l, c + 1, l, c + 2), $"Close it with `{close}`.");
                }
            }
        }
        return null;
    }

    private static SyntaxFault Said(string message, string line, SourceRange at)
    {
        var found = at.Column <= line.Length ? line[at.Column - 1] : '\0';
        var before = line[..Math.Clamp(at.Column - 1, 0, Math.Min(line.Length, 200))];
        const string sameColumn = "Keys of one mapping start in the same column.";
        const string quote = "Put the whole value in double quotes.";
        var (what, help) = message switch
        {
            _ when Has("quoted scalar") => ("A quote is opened and never closed.", "Close it on the same line."),
            _ when (Has("found invalid mapping") || Has("apping values are not allowed")) && KeyAlone().IsMatch(before) =>
                (Indentation, sameColumn),
            _ when Has("found invalid mapping") || Has("apping values are not allowed") =>
                ("A value holds `: `, which YAML reads as another mapping.", quote),
            _ when Has("flow mapping") => ("A `{` is opened and not closed, or a comma is missing.", "Close it with `}`."),
            _ when Has("flow sequence") => ("A `[` is opened and not closed, or a comma is missing.", "Close it with `]`."),
            _ when Has("cannot start any token") && found != '\0' => ($"A value cannot start with `{found}`.", quote),
            _ when Has("block mapping") => (Indentation, sameColumn),
            _ when Has("block sequence") || Has("block entry") =>
                ("The indentation does not fit: an item with `- ` was expected here.", "Items of one list start in the same column."),
            _ when Has("simple key") => ("A key is not followed by `: `.", "Write `key: value`, with a space after the colon."),
            _ when Has("anchor") || Has("alias") => ("An anchor or alias cannot be read.",
                "Write `&name` before a value, `*name` to use it."),
            _ when Has("tag") => ("Tags are not allowed.", "Remove what starts with `!`."),
            _ when Has("directive") || Has("version") => ("A line starts with `%`, which YAML keeps for itself.", "Remove it."),
            _ when Has("escape") || Has("hexadecimal") => ("A backslash in double quotes starts something unknown.",
                "Write `\\\\` for a backslash, or use single quotes."),
            _ when Has("block scalar") => ("A text block with `|` or `>` cannot be read.", "Indent all its lines by the same spaces."),
            _ => ("This is not YAML that can be read: " + message.TrimEnd('.') + ".", (string?)null),
        };
        return new SyntaxFault(YamlCodes.Syntax, what, at, help);

        bool Has(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}
