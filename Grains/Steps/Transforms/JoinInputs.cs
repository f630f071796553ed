using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class JoinInputs
{
    private sealed record Pair(string Left, string Right);

    private static readonly WithField<string> How = Fields.Choice(
        "how", "Which rows stay: those with a match, all left ones, all right ones, all, left ones without (anti) or "
        + "with (semi) a match.",
        "inner", "left", "right", "full", "anti", "semi").Alias("type", "join_type").Default("inner");

    private static readonly WithField<ImmutableArray<Pair>> On = Fields.Of(
        "on", new FieldType.OneOf([
            new FieldType.Column(), new FieldType.List(new FieldType.Column(), 1),
            new FieldType.Map(new FieldType.Column(), 1)]),
        "The key columns: a name or names that both inputs have, or a map {left column: right column}.", Pairs)
        .Alias("keys", "key") with { Absent = () => [] };

    private static readonly WithField<string?> Condition =
        Fields.Expression("condition",
        "Instead of on: a condition with l.column for the left and r.column for the right input.").Optional();

    private static readonly WithField<string?> Left = Fields.Input("left", "Default: the first step of depends_on.")
        .Optional();
    private static readonly WithField<string?> Right = Fields.Input("right", "Default: the other step of depends_on.")
        .Optional();

    private static readonly WithField<string> Suffix = Fields.Text(
        "suffix", "Added to the name of a right column that the left input has too.").Default("_right");

    public static readonly StepKind Kind = StepKind.Transform("transform.join", "Joins two inputs.")
        .Describe("A key column of the same name on both sides comes out once, filled from either side. NULL keys "
        + "match nothing.")
        .Alias("join", "join_datasets", "merge")
        .Reads(InputArity.Two, Fusing.Head)
        .Takes(How, On with { Spec = On.Spec with { Required = false } }, Condition, Left, Right, Suffix)
        .Example("Orders with their customers", """
            pipeline: orders-with-names
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 20
                  columns: {id: {generator: sequence}, customer: {generator: uniform, min: 1, max: 5}}
              - id: customers
                kind: extract.generate
                with:
                  rows: 5
                  columns: {customer: {generator: sequence, start: 1}, name: {generator: text, pattern: "C-???"}}
              - id: joined
                kind: transform.join
                depends_on: [orders, customers]
                with: {how: left, on: customer}
            """)
        .Shapes(Join);

    private static ImmutableArray<Pair> Pairs(Placed placed) => placed.Value switch
    {
        SpecValue.Text text => [new Pair(text.Value, text.Value)],
        SpecValue.List list => [.. list.Items.Select((item, i) => item is SpecValue.Text text
            ? new Pair(text.Value, text.Value) : throw placed.At(i, item).Wrong("a column name"))],
        SpecValue.Map map => [.. map.Fields.Select(field => field.Value is SpecValue.Text text
            ? new Pair(field.Name, text.Value) : throw placed.At(field.Name, field.Value).Wrong("a column name"))],
        _ => throw placed.Wrong("a column name, a list of them or a map"),
    };

    private static ShapePlan Join(StepCall step)
    {
        if (step.Inputs.Length != 2) throw StepFaults.InputCount(step.Inputs, "two inputs");
        var left = step.Get(Left) is { } l ? step.Named(l) : step.Inputs.First(input => input.Name != step.Get(Right));
        var right = step.Get(Right) is { } r ? step.Named(r) : step.Inputs.First(input => input.Name != left.Name);
        var pairs = step.Get(On).Select(pair => new Pair(left.Find(pair.Left).Name, right.Find(pair.Right).Name))
            .ToList();
        var condition = step.Get(Condition);
        if ((pairs.Count == 0) == (condition is null)) throw StepFaults.Conflict("give either 'on' or 'condition'.");

        var how = step.Get(How);
        var on = condition is not null ? StepCall.Nested(condition)
            : string.Join(" AND ", pairs.Select(pair => $"l.{Sql.Name(pair.Left)} = r.{Sql.Name(pair.Right)}"));
        var items = how is "anti" or "semi" ? left.ColumnNames.Select(name => $"l.{Sql.Name(name)}")
            : Items(left, right, pairs, how, step.Get(Suffix));
        return new ShapePlan(
            $"SELECT {string.Join(", ", items)} FROM {left.From} AS l {how.ToUpperInvariant()} JOIN {right.From} AS r "
            + $"ON {on}")
        {
            NeedsDataset = true,
        };
    }

    private static IEnumerable<string> Items(
        StepInput left, StepInput right, List<Pair> pairs, string how, string suffix)
    {
        bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
        var merged = pairs.Where(pair => Same(pair.Left, pair.Right)).ToList();
        var taken = new HashSet<string>(left.ColumnNames, StringComparer.OrdinalIgnoreCase);
        foreach (var name in left.ColumnNames)
        {
            var key = merged.Find(pair => pair.Left == name);
            yield return (key, how) switch
            {
                (null, _) or (_, "inner" or "left") => $"l.{Sql.Name(name)}",
                (_, "right") => $"r.{Sql.Name(key.Right)} AS {Sql.Name(name)}",
                _ => $"coalesce(l.{Sql.Name(name)}, r.{Sql.Name(key.Right)}) AS {Sql.Name(name)}",
            };
        }

        foreach (var name in right.ColumnNames.Where(name => !merged.Exists(pair => pair.Right == name)))
        {
            var given = taken.Contains(name) ? name + suffix : name;
            if (!taken.Add(given)) throw StepFaults.ColumnTwice(given);
            yield return $"r.{Sql.Name(name)} AS {Sql.Name(given)}";
        }
    }
}
