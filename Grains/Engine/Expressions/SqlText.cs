using System.Globalization;
using System.Text;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

/// <summary>Values within SQL. A template in SQL text is always replaced by one complete literal of its value's type, never by raw
/// text, so that no value can change what the query does. That holds because a literal is put only where SQL expects a word of its
/// own: within quotes, identifiers or comments a template is refused. A name (a column, a table) cannot be given this way;
/// a field that holds the name of a column can.</summary>
public static class SqlText
{
    private enum Place { Plain, Text, EscapedText, Identifier, LineComment, BlockComment, DollarText }

    /// <summary>Why a template may not stand where it stands; null when all is well.</summary>
    public static Fault? Check(Template template)
    {
        var scan = new Scan();
        foreach (var part in template.Parts)
        {
            if (part is TemplatePart.Verbatim verbatim) scan.Read(verbatim.Text);
            else if (scan.Place != Place.Plain) return Refused(scan.Place);
        }
        return null;
    }

    /// <summary>The value as a SQL literal, set off from its neighbours so that it cannot grow together with them.</summary>
    public static Outcome<string> Literal(Typed value)
    {
        var text = new StringBuilder();
        return Write(text, value) is { } fault ? fault : text.ToString();
    }

    /// <summary>Whether a literal must be set off from this neighbour: <c>E</c> before a text changes its meaning, quotes join.</summary>
    public static bool Sticks(char neighbour) => char.IsLetterOrDigit(neighbour) || neighbour is '_' or '\'' or '"' or '$' or '.';

    private static Fault? Write(StringBuilder text, Typed typed)
    {
        switch (typed.Value)
        {
            case SpecValue.Null: text.Append("NULL"); return null;
            case SpecValue.Flag f: text.Append(f.Value ? "TRUE" : "FALSE"); return null;
            case SpecValue.Integer i: Number(text, i.Value < 0, i.ToJson()); return null;
            case SpecValue.Real r when !double.IsFinite(r.Value): return Evaluation.Wrong("NaN and infinity cannot stand in SQL.");
            case SpecValue.Real r:
                var digits = r.Value.ToString("R", CultureInfo.InvariantCulture);
                Number(text, r.Value < 0, digits.Contains('E') ? digits : digits + "e0");
                return null;
            case SpecValue.Text t when t.Value.Contains('\0'): return Evaluation.Wrong("A text with a zero byte cannot stand in SQL.");
            case SpecValue.Text t: Text(text, typed.Type, t.Value); return null;
            case SpecValue.List l:
                text.Append('[');
                for (var i = 0; i < l.Items.Length; i++)
                {
                    if (i > 0) text.Append(", ");
                    if (Write(text, Typed.Of(l.Items[i])) is { } fault) return fault;
                }
                text.Append(']');
                return null;
            default: Quote(text, typed.Value.ToJson()); return null;
        }
    }

    // Two minus signs in a row would begin a comment.
    private static void Number(StringBuilder text, bool negative, string digits) =>
        text.Append(negative ? "(" : "").Append(digits).Append(negative ? ")" : "");

    private static void Text(StringBuilder text, ValueType type, string value)
    {
        if (type == ValueType.Date && Comparison.IsDay(value, out _)) text.Append("DATE ");
        if (type == ValueType.Timestamp && Comparison.Timestamp(value) is { } time)
        {
            text.Append("TIMESTAMP ");
            value = time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        }
        Quote(text, value);
    }

    private static void Quote(StringBuilder text, string value) => text.Append('\'').Append(value.Replace("'", "''")).Append('\'');

    private static Fault Refused(Place place) => new(FaultKind.Invalid, PlanCodes.TemplateInSql,
        place switch
        {
            Place.Identifier => "A template stands within double quotes in SQL, where a name is expected.",
            Place.LineComment or Place.BlockComment => "A template stands within a comment in SQL.",
            _ => "A template stands within quotes in SQL.",
        },
        null,
        place switch
        {
            Place.Identifier => "Names cannot be filled in; give a column through a field that holds a column's name.",
            Place.LineComment or Place.BlockComment => "Remove it from the comment.",
            _ => "Remove the quotes: the value is put in as a complete literal, quotes included. Join texts with `||`.",
        });

    /// <summary>Follows SQL text just far enough to know whether it is within quotes or a comment.</summary>
    private sealed class Scan
    {
        private string _tag = "";
        private int _depth;
        public Place Place { get; private set; }

        public void Read(string text)
        {
            for (var i = 0; i < text.Length; i++) i += Step(text, i);
        }

        // How many further characters belong to what stands at i.
        private int Step(string text, int i)
        {
            var (c, next) = (text[i], i + 1 < text.Length ? text[i + 1] : '\0');
            switch (Place)
            {
                case Place.Plain: return Enter(text, i, c, next);
                case Place.EscapedText when c == '\\': return 1;
                case Place.Text or Place.EscapedText when c == '\'' && next == '\'': return 1;
                case Place.Text or Place.EscapedText when c == '\'': Place = Place.Plain; return 0;
                case Place.Identifier when c == '"' && next == '"': return 1;
                case Place.Identifier when c == '"': Place = Place.Plain; return 0;
                case Place.LineComment when c is '\n' or '\r': Place = Place.Plain; return 0;
                case Place.BlockComment when c == '/' && next == '*': _depth++; return 1;
                case Place.BlockComment when c == '*' && next == '/':
                    if (--_depth == 0) Place = Place.Plain;
                    return 1;
                case Place.DollarText when text.AsSpan(i).StartsWith(_tag, StringComparison.Ordinal):
                    Place = Place.Plain;
                    return _tag.Length - 1;
                default: return 0;
            }
        }

        private int Enter(string text, int i, char c, char next)
        {
            switch (c)
            {
                case '\'':
                    var escaped = i > 0 && text[i - 1] is 'e' or 'E' && (i == 1 || !char.IsLetterOrDigit(text[i - 2]));
                    Place = escaped ? Place.EscapedText : Place.Text;
                    return 0;
                case '"': Place = Place.Identifier; return 0;
                case '-' when next == '-': Place = Place.LineComment; return 1;
                case '/' when next == '*':
                    (Place, _depth) = (Place.BlockComment, 1);
                    return 1;
                case '$' when Tag(text, i) is { } tag:
                    (Place, _tag) = (Place.DollarText, tag);
                    return tag.Length - 1;
                default: return 0;
            }
        }

        private static string? Tag(string text, int i)
        {
            var end = i + 1;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_')) end++;
            return end < text.Length && text[end] == '$' && (end == i + 1 || !char.IsDigit(text[i + 1])) ? text[i..(end + 1)] : null;
        }
    }
}
