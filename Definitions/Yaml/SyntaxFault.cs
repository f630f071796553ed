using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace OrleansEtl.Definitions;

/// <summary>Says what a scanner's complaint means in the words of somebody who wrote a file.</summary>
internal sealed partial record SyntaxFault(string Code, string Message, SourceRange Range, string? Help)
{
    [GeneratedRegex(@"^(?<before>\s*(?:-\s+)*(?:[^\s#'""][^'""#]*?:\s+|-\s+))(?<value>\{\{.*)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unquoted();

    public static SyntaxFault Explain(string text, YamlException e)
    {
        var lines = text.Split('\n');
        var line = Math.Clamp((int)e.Start.Line, 1, Math.Max(1, lines.Length));
        var at = new SourceRange(line, Math.Max(1, (int)e.Start.Column), line, Math.Max(1, (int)e.Start.Column) + 1);
        return Tab(lines, line) ?? Template(lines, line) ?? Said(e.Message, LineOf(lines, line), at);
    }

    private static string LineOf(string[] lines, int line) => line <= lines.Length ? lines[line - 1].TrimEnd('\r') : "";

    // The complaint is about the tab's own line or the one after it.
    private static SyntaxFault? Tab(string[] lines, int line)
    {
        for (var l = line; l >= Math.Max(1, line - 1); l--)
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
            if (text.Length > 1_000 || Unquoted().Match(text) is not { Success: true } match) continue;
            var value = match.Groups["value"];
            return new SyntaxFault(YamlCodes.UnquotedTemplate, "A template must be quoted: YAML reads `{{` as a mapping.",
                new SourceRange(l, value.Index + 1, l, value.Index + 1 + value.Value.TrimEnd().Length),
                $"Write: {match.Groups["before"].Value.Trim()} \"{value.Value.TrimEnd()}\"");
        }
        return null;
    }

    private static SyntaxFault Said(string message, string line, SourceRange at)
    {
        var found = at.Column <= line.Length ? line[at.Column - 1] : '\0';
        var (what, help) = message switch
        {
            _ when Has("quoted scalar") => ("A quote is opened and never closed.", "Close it on the same line."),
            _ when Has("found invalid mapping") || Has("apping values are not allowed") =>
                ("A value holds `: `, which YAML reads as another mapping.", "Put the whole value in double quotes."),
            _ when Has("flow mapping") => ("A `{` is opened and not closed, or a comma is missing.", "Close it with `}`."),
            _ when Has("flow sequence") => ("A `[` is opened and not closed, or a comma is missing.", "Close it with `]`."),
            _ when Has("cannot start any token") && found != '\0' =>
                ($"A value cannot start with `{found}`.", "Put the whole value in double quotes."),
            _ when Has("block mapping") => ("The indentation does not fit: a key was expected here.",
                "Keys of one mapping start in the same column."),
            _ when Has("block sequence") || Has("block entry") || Has("Block sequence") =>
                ("The indentation does not fit: an item with `- ` was expected here.", "Items of one list start in the same column."),
            _ when Has("simple key") => ("A key is not followed by `: `.", "Write `key: value`, with a space after the colon."),
            _ when Has("anchor") || Has("alias") => ("An anchor or alias cannot be read.", "Write `&name` before a value, `*name` to use it."),
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
