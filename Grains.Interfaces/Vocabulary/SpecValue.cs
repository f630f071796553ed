using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orleans;

namespace OrleansEtl;

/// <summary>A plain value as a pipeline file can hold it. Maps keep the order in which they were written.
/// Two values are equal when their canonical JSON is.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.SpecValue)]
public abstract record SpecValue
{
    private SpecValue() { }

    [GenerateSerializer, Immutable, Alias(WireNames.SpecNull)]
    public sealed record Null : SpecValue;
    [GenerateSerializer, Immutable, Alias(WireNames.SpecFlag)]
    public sealed record Flag(bool Value) : SpecValue;
    [GenerateSerializer, Immutable, Alias(WireNames.SpecInteger)]
    public sealed record Integer(long Value) : SpecValue;
    [GenerateSerializer, Immutable, Alias(WireNames.SpecReal)]
    public sealed record Real(double Value) : SpecValue;
    [GenerateSerializer, Immutable, Alias(WireNames.SpecText)]
    public sealed record Text(string Value) : SpecValue;
    [GenerateSerializer, Immutable, Alias(WireNames.SpecList)]
    public sealed record List(ImmutableArray<SpecValue> Items) : SpecValue
    {
        public bool Equals(List? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());
        public override int GetHashCode() => Items.Aggregate(17, HashCode.Combine);
    }

    [GenerateSerializer, Immutable, Alias(WireNames.SpecMap)]
    public sealed record Map(ImmutableArray<Field> Fields) : SpecValue
    {
        public static readonly Map Empty = new([]);
        public SpecValue? this[string name] => Fields.FirstOrDefault(f => f.Name == name)?.Value;
        public bool Equals(Map? other) => other is not null && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());
        public override int GetHashCode() => Fields.Aggregate(19, HashCode.Combine);
    }

    /// <summary>Canonical JSON: no white space, map order kept, reals in their shortest round-trip form.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    public sealed override string ToString() => ToJson();

    /// <summary>The value as people write it: text without quotes, everything else as JSON.</summary>
    public string ToPlainText() => this is Text t ? t.Value : ToJson();

    private void Write(StringBuilder text)
    {
        switch (this)
        {
            case Null: text.Append("null"); break;
            case Flag f: text.Append(f.Value ? "true" : "false"); break;
            case Integer i: text.Append(i.Value.ToString(CultureInfo.InvariantCulture)); break;
            case Real r: WriteReal(text, r.Value); break;
            case Text s: WriteString(text, s.Value); break;
            case List l:
                text.Append('[');
                for (var i = 0; i < l.Items.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    l.Items[i].Write(text);
                }
                text.Append(']');
                break;
            case Map m:
                text.Append('{');
                for (var i = 0; i < m.Fields.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    WriteString(text, m.Fields[i].Name);
                    text.Append(':');
                    m.Fields[i].Value.Write(text);
                }
                text.Append('}');
                break;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    // A whole real keeps its ".0", so that it stays another value than the integer; JSON has no word for NaN and infinity.
    private static void WriteReal(StringBuilder text, double value)
    {
        var digits = value.ToString("R", CultureInfo.InvariantCulture);
        if (!double.IsFinite(value)) text.Append('"').Append(digits).Append('"');
        else text.Append(digits).Append(digits.AsSpan().ContainsAny('.', 'E') ? "" : ".0");
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case < ' ': text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)); break;
                default: text.Append(c); break;
            }
        }
        text.Append('"');
    }
}

/// <summary>A named value: an entry of a map, a parameter's value, a value that a step gives.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.Field)]
public sealed record Field(string Name, SpecValue Value);
