using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>Makes fields. A field has to be given unless <c>Optional</c> or <c>Default</c> says what stands for
/// it.</summary>
public static class Fields
{
    public static WithField<string> Text(string name, string summary) =>
        Of(name, new FieldType.Text(), summary, AsText);
    public static WithField<string> Expression(string name, string summary) =>
        Of(name, new FieldType.Expression(), summary, AsText);
    public static WithField<string> Query(string name, string summary) =>
        Of(name, new FieldType.Query(), summary, AsText);
    /// <summary>One SELECT for a database, which checks it by itself.</summary>
    public static WithField<string> PostgresQuery(string name, string summary) =>
        Of(name, new FieldType.Query(SqlDialect.Postgres), summary, AsText);
    public static WithField<string> Type(string name, string summary) =>
        Of(name, new FieldType.ColumnType(), summary, AsText);
    public static WithField<string> Column(string name, string summary) =>
        Of(name, new FieldType.Column(), summary, AsText);
    public static WithField<string> Input(string name, string summary) =>
        Of(name, new FieldType.Input(), summary, AsText);
    public static WithField<string> WritePath(string name, string summary) =>
        Of(name, new FieldType.WritePath(), summary, AsText);
    public static WithField<bool> Flag(string name, string summary) => Of(name, new FieldType.Flag(), summary, AsFlag);
    public static WithField<SpecValue> Scalar(string name, string summary) =>
        Of(name, new FieldType.Scalar(), summary, placed => AsScalar(placed));

    public static WithField<string> Choice(string name, string summary, params string[] values) =>
        Of(name, new FieldType.Choice([.. values]), summary, placed =>
        AsText(placed) is var text && values.Contains(text)
            ? text : throw placed.Wrong($"one of {string.Join(", ", values)}"));

    public static WithField<long> Integer(
        string name, string summary, long min = long.MinValue, long max = long.MaxValue) =>
        Of(name, new FieldType.Integer(min, max), summary, placed => placed.Value is SpecValue.Integer whole
            && whole.Value >= min && whole.Value <= max
            ? whole.Value : throw placed.Wrong($"a whole number{Range(min, max)}"));

    public static WithField<double> Number(
        string name, string summary, double min = double.NegativeInfinity, double max = double.PositiveInfinity) =>
        Of(name, new FieldType.Number(min, max), summary, placed =>
        AsNumber(placed) is var number && number >= min && number <= max
            ? number : throw placed.Wrong($"a number from {min} to {max}"));

    /// <summary>Bytes.</summary>
    public static WithField<long> Size(string name, string summary, long min = 0, long max = long.MaxValue) =>
        Of(name, new FieldType.Size(min, max), summary, AsBytes);

    public static WithField<TimeSpan> Duration(string name, string summary) =>
        Of(name, new FieldType.Duration(), summary, AsDuration);

    public static WithField<ImmutableArray<long>> Integers(string name, string summary, long min, long max) => Of(
        name, new FieldType.List(new FieldType.Integer(min, max), 1), summary, placed => AsList(placed, AsInteger));

    /// <summary>One step or port, or a list of them.</summary>
    public static WithField<ImmutableArray<string>> Inputs(string name, string summary) =>
        OneOrMany(name, new FieldType.Input(), summary);

    /// <summary>One name or a list of them.</summary>
    public static WithField<ImmutableArray<string>> Columns(string name, string summary) =>
        OneOrMany(name, new FieldType.Column(), summary);

    /// <summary>One file or pattern, or a list of them.</summary>
    public static WithField<ImmutableArray<string>> ReadPaths(string name, string summary) =>
        OneOrMany(name, new FieldType.ReadPath(), summary);

    /// <summary>One text or a list of them.</summary>
    public static WithField<ImmutableArray<string>> Texts(string name, string summary) =>
        OneOrMany(name, new FieldType.Text(), summary);

    public static WithField<ImmutableArray<SpecValue>> Scalars(string name, string summary) => Of(
        name, new FieldType.List(new FieldType.Scalar(), 1), summary, placed => AsList(placed, AsScalar));

    public static WithField<ImmutableArray<double>> Numbers(string name, string summary) => Of(
        name, new FieldType.List(new FieldType.Number(), 1), summary, placed => AsList(placed, AsNumber));

    /// <summary>A map of texts, in the order written.</summary>
    public static WithField<ImmutableArray<KeyValuePair<string,
        string>>> Map(string name, FieldType of, string summary) => Of(
        name, new FieldType.Map(of, 1), summary, placed => AsMap(placed, AsText));

    /// <summary>A map of records, in the order written; <paramref name="shorthand"/> is what a plain text stands
    /// for.</summary>
    public static WithField<ImmutableArray<KeyValuePair<string, T>>> Records<T>(
        string name, string summary, IEnumerable<WithField> fields, Func<With, T> read,
        (FieldType Type, Func<string, T> Read)? shorthand = null)
    {
        FieldType record = new FieldType.Record([.. fields.Select(field => field.Spec)]);
        var type = shorthand is { } s ? new FieldType.OneOf([s.Type, record]) : record;
        return Of(name, new FieldType.Map(type, 1), summary, placed => AsMap(
            placed, entry => shorthand is { } plain && entry.Value is SpecValue.Text text
                ? plain.Read(text.Value) : read(new With(entry))));
    }

    public static WithField<T> Of<T>(string name, FieldType type, string summary, Func<Placed, T> parse) =>
        new(new FieldSpec(name, type, summary, Required: true), parse, null);

    public static WithField<string?> Optional(this WithField<string> field) =>
        new(NotRequired(field.Spec), field.Parse, () => null);

    public static WithField<SpecValue?> Optional(this WithField<SpecValue> field) =>
        new(NotRequired(field.Spec), field.Parse, () => null);

    public static WithField<long?> Optional(this WithField<long> field) =>
        new(NotRequired(field.Spec), placed => field.Parse(placed), () => null);

    public static WithField<double?> Optional(this WithField<double> field) =>
        new(NotRequired(field.Spec), placed => field.Parse(placed), () => null);

    public static WithField<TimeSpan?> Optional(this WithField<TimeSpan> field) =>
        new(NotRequired(field.Spec), placed => field.Parse(placed), () => null);

    public static WithField<bool?> Optional(this WithField<bool> field) =>
        new(NotRequired(field.Spec), placed => field.Parse(placed), () => null);

    /// <summary>A list or map that is empty when it is not given.</summary>
    public static WithField<ImmutableArray<T>> Optional<T>(this WithField<ImmutableArray<T>> field) =>
        new(NotRequired(field.Spec), field.Parse, () => []);

    public static WithField<string> Default(this WithField<string> field, string value) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.Text(value) }, field.Parse, () => value);

    public static WithField<long> Default(this WithField<long> field, long value) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.Integer(value) }, field.Parse, () => value);

    /// <param name="size">As people write it: <c>1MiB</c>.</param>
    public static WithField<long> DefaultSize(this WithField<long> field, string size) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.Text(size) }, field.Parse,
            () => field.Parse(new Placed(new SpecValue.Text(size), field.Spec.Name)));

    public static WithField<double> Default(this WithField<double> field, double value) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.Real(value) }, field.Parse, () => value);

    public static WithField<bool> Default(this WithField<bool> field, bool value) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.Flag(value) }, field.Parse, () => value);

    public static WithField<ImmutableArray<string>> Default(
        this WithField<ImmutableArray<string>> field, params string[] values) =>
        new(NotRequired(field.Spec) with { Default =
        new SpecValue.List([.. values.Select(v => (SpecValue)new SpecValue.Text(v))]) },
            field.Parse, () => [.. values]);

    public static WithField<TimeSpan> Default(this WithField<TimeSpan> field, TimeSpan value) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.Text(Durations.ToText(value)) }, field.Parse, () => value);

    public static WithField<ImmutableArray<long>> Default(this WithField<ImmutableArray<long>> field, params long[] values) =>
        new(NotRequired(field.Spec) with { Default = new SpecValue.List([.. values.Select(v => (SpecValue)new SpecValue.Integer(v))]) },
            field.Parse, () => [.. values]);

    private static FieldSpec NotRequired(FieldSpec spec) => spec with { Required = false };

    private static WithField<ImmutableArray<string>> OneOrMany(string name, FieldType type, string summary) => Of(
        name, new FieldType.OneOf([type, new FieldType.List(type, 1)]), summary,
        placed => placed.Value is SpecValue.List ? AsList(placed, AsText) : [AsText(placed)]);

    private static string AsText(Placed placed) => placed.Value switch
    {
        SpecValue.Text text => text.Value,
        // YAML reads an unquoted 7 or true as a number or a flag where a column or a text is meant.
        SpecValue.Integer or SpecValue.Real or SpecValue.Flag => placed.Value.ToPlainText(),
        _ => throw placed.Wrong("a text"),
    };

    private static bool AsFlag(Placed placed) =>
        placed.Value is SpecValue.Flag flag ? flag.Value : throw placed.Wrong("true or false");

    private static double AsNumber(Placed placed) => placed.Value switch
    {
        SpecValue.Integer whole => whole.Value,
        SpecValue.Real real => real.Value,
        _ => throw placed.Wrong("a number"),
    };

    private static long AsInteger(Placed placed) =>
        placed.Value is SpecValue.Integer whole ? whole.Value : throw placed.Wrong("a whole number");

    private static long AsBytes(Placed placed) => placed.Value switch
    {
        SpecValue.Integer whole => whole.Value,
        SpecValue.Text text when Sizes.TryParse(text.Value, out var bytes) => bytes,
        _ => throw placed.Wrong("a size such as 64MiB"),
    };

    private static TimeSpan AsDuration(Placed placed) =>
        placed.Value is SpecValue.Text text && Durations.TryParse(text.Value, out var duration)
            ? duration : throw placed.Wrong("a duration such as 30s");

    private static SpecValue AsScalar(Placed placed) =>
        placed.Value is SpecValue.List or SpecValue.Map ? throw placed.Wrong("a single value") : placed.Value;

    private static ImmutableArray<T> AsList<T>(Placed placed, Func<Placed, T> item) =>
        placed.Value is SpecValue.List list
        ? [.. list.Items.Select((value, i) => item(placed.At(i, value)))]
        : throw placed.Wrong("a list");

    private static ImmutableArray<KeyValuePair<string, T>> AsMap<T>(Placed placed, Func<Placed, T> item) =>
        placed.Value is SpecValue.Map map
            ? [.. map.Fields.Select(field => KeyValuePair.Create(field.Name, item(placed.At(field.Name, field.Value))))]
            : throw placed.Wrong("a map");

    private static string Range(long min, long max) => (min, max) switch
    {
        (long.MinValue, long.MaxValue) => "",
        (_, long.MaxValue) => $" of at least {min}",
        (long.MinValue, _) => $" of at most {max}",
        _ => $" from {min} to {max}",
    };
}
