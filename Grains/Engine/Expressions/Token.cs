using System.Globalization;
using System.Text;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

internal enum TokenKind { End, Name, Text, Integer, Number, Symbol }

/// <summary>A word of an expression. <paramref name="Text"/> is what it means: the letters of a name, the content of a text.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int At)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
    public bool IsWord(string word) => Kind == TokenKind.Name && Text == word;
    public string Shown() => Kind == TokenKind.End ? "the end" : $"`{Text}`";
}

internal static class Lexer
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", ",", "|", "."];

    public static Outcome<List<Token>> Read(string text)
    {
        var tokens = new List<Token>();
        var i = 0;
        while (true)
        {
            while (i < text.Length && char.IsWhiteSpace(text[i])) i++;
            if (i >= text.Length) break;
            var start = i;
            if (char.IsAsciiLetter(text[i]) || text[i] == '_') tokens.Add(Name(text, ref i, tokens));
            else if (char.IsAsciiDigit(text[i])) tokens.Add(Number(text, ref i));
            else if (text[i] is '"' or '\'')
            {
                if (Quoted(text, ref i) is not { } content)
                    return Wrong(text, start, "the quote is not closed", null);
                tokens.Add(new Token(TokenKind.Text, content, start));
            }
            else if (Symbols.FirstOrDefault(s => text.AsSpan(start).StartsWith(s, StringComparison.Ordinal)) is { } symbol)
            {
                i += symbol.Length;
                tokens.Add(new Token(TokenKind.Symbol, symbol, start));
            }
            else return Wrong(text, start, $"`{text[start]}` has no meaning here", Advice(text, start));
        }
        tokens.Add(new Token(TokenKind.End, "", text.Length));
        return tokens;
    }

    public static Fault Wrong(string text, int at, string what, string? hint) => new(FaultKind.Invalid, PlanCodes.Expression,
        $"The expression `{Shorten(text.Trim())}` cannot be read: {what} (character {at + 1}).", null, hint);

    public static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";

    // A step id may hold dashes; only there is a dash part of a name, so that `a - b` and `a-b` stay subtractions.
    private static Token Name(string text, ref int i, List<Token> before)
    {
        var start = i;
        var isStep = before.Count > 1 && before[^1].Is(".") && before[^2].IsWord("steps")
            && (before.Count < 3 || !before[^3].Is("."));
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_' || (isStep && text[i] == '-'))) i++;
        return new Token(TokenKind.Name, text[start..i], start);
    }

    private static Token Number(string text, ref int i)
    {
        var (start, kind) = (i, TokenKind.Integer);
        while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
        if (i + 1 < text.Length && text[i] == '.' && char.IsAsciiDigit(text[i + 1]))
        {
            kind = TokenKind.Number;
            i++;
            while (i < text.Length && char.IsAsciiDigit(text[i])) i++;
        }
        var digits = text[start..i];
        if (!long.TryParse(digits, CultureInfo.InvariantCulture, out _)) kind = TokenKind.Number;
        return new Token(kind, digits, start);
    }

    private static string? Quoted(string text, ref int i)
    {
        var quote = text[i++];
        var content = new StringBuilder();
        for (; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                i++;
                return content.ToString();
            }
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                content.Append(text[++i] switch { 'n' => '\n', 't' => '\t', var c => c });
                continue;
            }
            content.Append(text[i]);
        }
        return null;
    }

    private static string? Advice(string text, int at) => text[at] switch
    {
        '=' => "Write `==` to compare.",
        '!' => "Write `not`, or `!=`.",
        '&' => "Write `and`.",
        '[' => "Write a member with a dot: `params.name`.",
        '{' or '}' => "Write the expression once between `{{` and `}}`.",
        _ => null,
    };
}
