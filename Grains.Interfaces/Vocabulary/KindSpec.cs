using System.Collections.Immutable;

namespace OrleansEtl;

/// <summary>All that can be said of a step kind without running it. Validation, JSON Schema, documentation and forms are made
/// from it.</summary>
/// <param name="Name">For example <c>transform.join</c>.</param>
/// <param name="Inputs">How many datasets it reads: the outputs of the steps that it depends on.</param>
/// <param name="Fusing">Whether a chain of such steps may run as one query.</param>
/// <param name="Ports">The datasets that it gives; <c>out</c> is what dependants read unless they say otherwise.</param>
/// <param name="Values">Small results for <c>{{ steps.ID.values.NAME }}</c>, besides <see cref="CommonValues"/>.</param>
/// <param name="Promise">For sinks: what is promised when the step is tried again.</param>
/// <param name="Aliases">Names in files of the older form.</param>
public sealed record KindSpec(
    string Name,
    StepCategory Category,
    string Summary,
    string Description,
    InputArity Inputs,
    Fusing Fusing,
    ImmutableArray<FieldSpec> Fields,
    ImmutableArray<PortSpec> Ports,
    ImmutableArray<ValueSpec> Values,
    ImmutableArray<ExampleSpec> Examples,
    ImmutableArray<string> Aliases,
    string? Promise = null)
{
    /// <summary>The field below <c>with</c> in which a step says, name by name, which further values it gives; null when it may not.
    /// The field is a map from names to anything; a text among <see cref="ValueType"/>'s names is the value's type.</summary>
    public string? DeclaresValues { get; init; }

    /// <summary>The field below <c>with</c> in which a step says, name by name, which further datasets it gives; null when it may not.
    /// The field is a map from names to anything.</summary>
    public string? DeclaresPorts { get; init; }

    /// <summary>What steps of this kind wait for instead of running; null: they run.</summary>
    public AwaitKind? Awaits { get; init; }

    /// <summary>Whether what it gives depends on nothing but its fields, its inputs and the content of the files that it reads, and whether
    /// it changes nothing outside: so a result of the same work may be used again.</summary>
    public bool IsPure { get; init; }

    /// <summary>What every step gives: <c>rows_in</c>, <c>rows_out</c>, <c>rows_rejected</c>.</summary>
    public static readonly ImmutableArray<ValueSpec> CommonValues =
    [
        new("rows_in", ValueType.Integer, "Rows read."),
        new("rows_out", ValueType.Integer, "Rows given."),
        new("rows_rejected", ValueType.Integer, "Rows put aside."),
    ];

    /// <summary>What every step that runs for each item gives, instead of the values of its kind: those are in its dataset
    /// <c>items</c>.</summary>
    public static readonly ImmutableArray<ValueSpec> ItemValues =
    [
        new("items_total", ValueType.Integer, "Items."),
        new("items_succeeded", ValueType.Integer, "Items that succeeded."),
        new("items_failed", ValueType.Integer, "Items that failed."),
    ];
}

public enum StepCategory { Extract, Transform, Check, Load, Flow }

/// <summary>How many inputs a kind takes.</summary>
public enum InputArity { None, One, Two, OneOrMore, Any }

/// <summary>What a step may be fused with into one query (a stage).</summary>
public enum Fusing
{
    /// <summary>Always a stage of its own.</summary>
    Alone,
    /// <summary>May begin a chain: it reads no input or several.</summary>
    Head,
    /// <summary>May stand anywhere in a chain: one input, one output, one SELECT.</summary>
    Link,
    /// <summary>May end a chain.</summary>
    Tail,
}

public sealed record PortSpec(string Name, string Summary);

public sealed record ValueSpec(string Name, ValueType Type, string Summary);

public sealed record ExampleSpec(string Title, string Yaml);

/// <summary>A field below <c>with:</c>.</summary>
/// <param name="Aliases">Names in files of the older form.</param>
public sealed record FieldSpec(
    string Name, FieldType Type, string Summary, bool Required = false, SpecValue? Default = null)
{
    public ImmutableArray<string> Aliases { get; init; } = [];
}

/// <summary>Who reads a query.</summary>
public enum SqlDialect { DuckDb, Postgres }

/// <summary>What a field holds.</summary>
public abstract record FieldType
{
    private FieldType() { }

    public sealed record Text(int LengthMax = 100_000) : FieldType;
    public sealed record Choice(ImmutableArray<string> Values) : FieldType;
    public sealed record Integer(long Min = long.MinValue, long Max = long.MaxValue) : FieldType;
    public sealed record Number(double Min = double.NegativeInfinity, double Max = double.PositiveInfinity) : FieldType;
    public sealed record Flag : FieldType;
    /// <summary><c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, <c>250ms</c>.</summary>
    public sealed record Duration : FieldType;
    /// <summary>Bytes: <c>64MiB</c>, or a whole number.</summary>
    public sealed record Size(long Min = 0, long Max = long.MaxValue) : FieldType;
    /// <summary>The name of a column of the input.</summary>
    public sealed record Column : FieldType;
    /// <summary>A SQL expression over the columns of one row.</summary>
    public sealed record Expression : FieldType;
    /// <summary>One SELECT: over the step's inputs, or, in another dialect, over the tables of a database.</summary>
    public sealed record Query(SqlDialect Dialect = SqlDialect.DuckDb) : FieldType;
    /// <summary>A SQL type such as <c>integer</c> or <c>decimal(18,4)</c>.</summary>
    public sealed record ColumnType : FieldType;
    /// <summary>A file, or files with <c>*</c> and <c>**</c>, to be read.</summary>
    public sealed record ReadPath : FieldType;
    /// <summary>A file to be written.</summary>
    public sealed record WritePath : FieldType;
    /// <summary>A step that this one depends on, or one of its ports: <c>orders</c>, <c>orders.rejects</c>.</summary>
    public sealed record Input : FieldType;
    /// <summary>A text, number, flag, date or null.</summary>
    public sealed record Scalar : FieldType;
    public sealed record List(FieldType Of, int LengthMin = 0) : FieldType;
    public sealed record Map(FieldType Of, int LengthMin = 0) : FieldType;
    public sealed record Record(ImmutableArray<FieldSpec> Fields) : FieldType;
    public sealed record OneOf(ImmutableArray<FieldType> Types) : FieldType;
}
