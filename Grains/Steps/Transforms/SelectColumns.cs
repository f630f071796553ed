using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Transforms;

internal static class SelectColumns
{
    private sealed record Cast(string Type, string? OnError);

    private static readonly string[] OnErrorWords = ["fail", "null", "reject"];

    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to keep, in this order. Default: all.").Optional();

    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Rename =
        Fields.Map("rename", new FieldType.Text(), "New names: {old: new}.").Optional();

    private static readonly WithField<string> CastType = Fields.Type("type", "The type to turn the column into.");

    private static readonly WithField<string?> CastOnError =
        Fields.Choice("on_error", "What becomes of a value that does not fit; default: the step's on_error.",
        OnErrorWords).Optional();

    private static readonly WithField<ImmutableArray<KeyValuePair<string, Cast>>> Casts = Fields.Records(
        "cast", "New types: {column: type} or {column: {type, on_error}}; columns by their new names.",
        [CastType, CastOnError], cast => new Cast(cast.Get(CastType), cast.Get(CastOnError)),
        (new FieldType.ColumnType(), type => new Cast(type, null))).Optional();

    private static readonly WithField<string> OnError = Fields.Choice(
        "on_error", "What becomes of a value that a cast cannot turn: fail the step, NULL, or the whole row to rejects.",
        OnErrorWords).Default("fail");

    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Derive = Fields.Map(
        "derive", new FieldType.Expression(),
        "Further columns: {name: expression} over the columns by their new names and types. One of an existing name "
        + "takes its place.")
        .Optional();

    public static readonly StepKind Kind =
        StepKind.Transform("transform.select", "Picks, renames, casts and derives columns.")
        .Describe("Works in this order: columns picks, rename gives new names, cast new types, derive adds columns. "
            + "What none of them names stays as it is, in its place.")
        .Alias("select_columns", "rename_columns", "cast_columns")
        .Takes(Columns, Rename, Casts, OnError, Derive)
        .Port("rejects", "Rows with a value that could not be cast, with the column and the reason.")
        .Example("Amounts as decimals, with tax", """
            pipeline: amounts
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 10
                  columns: {id: {generator: sequence}, amt: {generator: uniform, min: 1, max: 99, decimals: 2}}
              - id: typed
                kind: transform.select
                depends_on: [orders]
                with:
                  rename: {amt: amount}
                  cast: {amount: {type: "decimal(18,2)", on_error: reject}}
                  derive: {with_tax: amount * 1.19}
            """)
        .Shapes(Select);

    private static ShapePlan Select(StepCall step)
    {
        var input = step.Input;
        var picked = step.Get(Columns) is { IsEmpty: false } names ? input.FindAll(names) : input.Columns;
        var renamed = Renamed(picked, step.Get(Rename), input);
        var casts = step.Get(Casts).ToImmutableDictionary(
            cast => Known(cast.Key, renamed, input), cast =>
            cast.Value with { OnError = cast.Value.OnError ?? step.Get(OnError) });
        var derived = step.Get(Derive);

        var typed = renamed.Select(column => Item(column.From, column.To, casts.GetValueOrDefault(column.To)));
        var inner = $"SELECT {string.Join(", ", typed)} FROM {input.From}";
        var select = derived.IsEmpty ? inner : Derived(renamed, derived, inner);
        var rejecting = renamed.Where(column => casts.GetValueOrDefault(column.To) is { OnError: "reject" })
            .Select(column => (column.From, column.To, casts[column.To].Type)).ToList();
        if (rejecting.Count == 0) return new ShapePlan(select) { KeepsCount = true };

        var bad = rejecting.Select(column => Misfit(column.From, column.Type)).ToList();
        var good = $"{inner} WHERE NOT ({string.Join(" OR ", bad)})";
        return new ShapePlan(derived.IsEmpty ? good : Derived(renamed, derived, good))
        {
            NeedsDataset = true,
            Rejects = $"SELECT * FROM (SELECT *, {Reasons(rejecting)} AS _reason FROM {input.From}) WHERE _reason IS "
            + $"NOT NULL",
        };
    }

    private static ImmutableArray<(string From, string To)> Renamed(
        ImmutableArray<Column> picked, ImmutableArray<KeyValuePair<string, string>> rename, StepInput input)
    {
        var to = rename.ToDictionary(pair => input.Find(pair.Key).Name, pair => pair.Value, StringComparer.Ordinal);
        foreach (var from in to.Keys)
            if (picked.All(column => column.Name != from)) throw StepFaults.Conflict(
                $"rename names '{from}', which columns leaves out.");
        var renamed = picked.Select(column => (column.Name, To: to.GetValueOrDefault(column.Name, column.Name)))
            .ToImmutableArray();
        var twice = renamed.GroupBy(column => column.To, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1);
        return twice is null ? renamed : throw StepFaults.ColumnTwice(twice.Key);
    }

    private static string Known(string name, ImmutableArray<(string From, string To)> columns, StepInput input) =>
        columns.FirstOrDefault(column => string.Equals(column.To, name, StringComparison.OrdinalIgnoreCase)).To
        ?? throw StepFaults.NoColumn(
        name, input with { Columns = [.. columns.Select(column => new Column(column.To, ""))] });

    private static string Item(string from, string to, Cast? cast)
    {
        var source = Sql.Name(from);
        if (cast is null) return from == to ? source : $"{source} AS {Sql.Name(to)}";
        // A rejecting cast is only applied to rows that passed; TRY keeps the order of evaluation from mattering.
        var verb = cast.OnError == "fail" ? "CAST" : "TRY_CAST";
        return $"{verb}({source} AS {SqlType.Checked(cast.Type)}) AS {Sql.Name(to)}";
    }

    private static string Misfit(string from, string type) =>
        $"({Sql.Name(from)} IS NOT NULL AND TRY_CAST({Sql.Name(from)} AS {SqlType.Checked(type)}) IS NULL)";

    private static string Reasons(IEnumerable<(string From, string To, string Type)> columns) =>
        "nullif(concat_ws('; ', " + string.Join(", ",
        columns.Select(column => $"CASE WHEN {Misfit(column.From, column.Type)} THEN "
            + $"{Sql.Text($"{column.From}: cannot turn ")} || '''' || {Sql.Name(column.From)}::VARCHAR || '''' || "
            + $"{Sql.Text($" into {column.Type}")} END")) + "), '')";

    private static string Derived(
        ImmutableArray<(string From, string To)> columns, ImmutableArray<KeyValuePair<string, string>> derived,
        string inner)
    {
        string Expression(KeyValuePair<string, string> one) => $"{StepCall.Nested(one.Value)} AS {Sql.Name(one.Key)}";
        bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
        var replaced = columns.Select(column => derived.Where(one => Same(one.Key, column.To)).ToArray() is [var one]
            ? Expression(one) : Sql.Name(column.To));
        var added = derived.Where(one => !columns.Any(column => Same(column.To, one.Key))).Select(Expression);
        return $"SELECT {string.Join(", ", replaced.Concat(added))} FROM {Sql.Nested(inner)}";
    }
}
