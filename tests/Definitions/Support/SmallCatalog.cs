using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Tests;

/// <summary>A few kinds with every sort of field, arity and fusing.</summary>
internal static class SmallCatalog
{
    private static readonly PortSpec Out = new("out", "The rows.");
    private static readonly PortSpec Rejects = new("rejects", "The rows that could not be read, with the reason.");

    public static readonly KindCatalog Kinds = new(
    [
        Kind("extract.csv", StepCategory.Extract, InputArity.None, Fusing.Head,
            [
                new("path", new FieldType.OneOf([new FieldType.ReadPath(), new FieldType.List(new FieldType.ReadPath(), 1)]),
                    "The files.", Required: true) { Aliases = ["file_path"] },
                new("header", new FieldType.Flag(), "Whether the first line holds names.", Default: new SpecValue.Flag(true)),
                new("delimiter", new FieldType.Text(1), "Between two values.", Default: new SpecValue.Text(",")),
                new("columns", new FieldType.Map(new FieldType.ColumnType(), 1), "Names and types."),
                new("rejects_max", new FieldType.Integer(0, 1_000_000), "How many rows may be rejected."),
                new("block", new FieldType.Size(1024), "How much is read at once."),
            ],
            [Out, Rejects], ["extract_csv"]) with
        {
            Examples = [new ExampleSpec("Orders of one day",
                "pipeline: orders\nsteps:\n  - id: raw\n    kind: extract.csv\n    with: { path: orders.csv }\n")],
        },
        Kind("extract.generate", StepCategory.Extract, InputArity.None, Fusing.Head,
            [new("rows", new FieldType.Integer(0), "How many.", Required: true)], [Out], []),
        Kind("transform.sql", StepCategory.Transform, InputArity.OneOrMore, Fusing.Link,
            [new("query", new FieldType.Query(), "One SELECT.", Required: true) { Aliases = ["sql"] }], [Out], []),
        Kind("transform.select", StepCategory.Transform, InputArity.One, Fusing.Link,
            [
                new("columns", new FieldType.List(new FieldType.Column(), 1), "Which."),
                new("derive", new FieldType.Map(new FieldType.Expression()), "New columns."),
                new("filter", new FieldType.Expression(), "Only rows for which this is true."),
            ],
            [Out], ["select_columns"]),
        Kind("transform.clean", StepCategory.Transform, InputArity.One, Fusing.Link,
            [
                new("rules", new FieldType.List(new FieldType.Record(
                [
                    new("column", new FieldType.Column(), "Which column.", Required: true) { Aliases = ["col"] },
                    new("how", new FieldType.Choice(["drop", "mean", "value"]), "What to do.", Required: true),
                    new("value", new FieldType.Scalar(), "What to put in."),
                ]), 1), "One for each column.", Required: true),
                new("wait", new FieldType.Duration(), "How long."),
                new("share", new FieldType.Number(0, 1), "How much."),
            ],
            [Out], []),
        Kind("transform.join", StepCategory.Transform, InputArity.Two, Fusing.Head,
            [
                new("left", new FieldType.Input(), "The left side."),
                new("right", new FieldType.Input(), "The right side."),
                new("on", new FieldType.List(new FieldType.Column(), 1), "Columns of the same name.", Required: true),
                new("how", new FieldType.Choice(["inner", "left", "full"]), "Which rows.", Default: new SpecValue.Text("inner")),
            ],
            [Out], []),
        Kind("check.row_count", StepCategory.Check, InputArity.One, Fusing.Tail,
            [new("min", new FieldType.Integer(0), "At least."), new("max", new FieldType.Integer(0), "At most.")],
            [Out, new("report", "What was found.")], []) with
        {
            Values = [new("passed", ValueType.Flag, "Whether the check passed.")],
        },
        Kind("check.values", StepCategory.Check, InputArity.Any, Fusing.Alone,
            [
                new("query", new FieldType.Query(), "One row.", Required: true),
                new("values", new FieldType.Map(new FieldType.Text()), "Names and types."),
            ],
            [], []) with
        {
            DeclaresValues = "values",
        },
        Kind("load.parquet", StepCategory.Load, InputArity.One, Fusing.Tail,
            [new("path", new FieldType.WritePath(), "The file.", Required: true), new("input", new FieldType.Input(), "What to write.")],
            [], []) with
        {
            Promise = "The file is replaced as a whole; a retry writes the same file again.",
        },
    ]);

    private static KindSpec Kind(
        string name, StepCategory category, InputArity inputs, Fusing fusing,
        ImmutableArray<FieldSpec> fields, ImmutableArray<PortSpec> ports, ImmutableArray<string> aliases) =>
        new(name, category, $"Does what {name} says.", $"{name} at length.", inputs, fusing, fields, ports, [], [], aliases)
        {
            IsPure = category != StepCategory.Load,
        };
}
