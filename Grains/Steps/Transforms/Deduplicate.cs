using System.Collections.Immutable;

namespace OrleansEtl.Steps.Transforms;

internal static class Deduplicate
{
    private static readonly WithField<ImmutableArray<string>> By =
        Fields.Columns("by", "Rows that are equal in these columns are one. Default: whole rows.")
        .Alias("keys", "columns", "subset").Optional();

    private static readonly WithField<string> Keep =
        Fields.Choice("keep", "Which of them stays, in the order.", "first", "last").Default("first");

    private static readonly WithField<ImmutableArray<string>> OrderBy =
        Fields.Texts("order_by", Ordering.Summary + " Needed with by.").Optional();

    public static readonly StepKind Kind =
        StepKind.Transform("transform.deduplicate", "Keeps one of several equal rows.")
        .Describe("NULLs count as equal. Name enough columns in order_by to decide between any two rows, or chance "
        + "decides.")
        .Alias("deduplicate", "drop_duplicates", "remove_duplicates")
        .Takes(By, Keep, OrderBy)
        .Example("The newest state of each order", """
            pipeline: newest-orders
            steps:
              - id: events
                kind: extract.generate
                with:
                  rows: 100
                  columns: {n: {generator: sequence}, order_id: {generator: uniform, min: 1, max: 20}}
              - id: newest
                kind: transform.deduplicate
                depends_on: [events]
                with: {by: [order_id], keep: last, order_by: [n]}
            """)
        .Shapes(Distinct);

    private static ShapePlan Distinct(StepCall step)
    {
        var (by, order) = (step.Get(By), step.Get(OrderBy));
        if (by.IsEmpty) return new ShapePlan($"SELECT DISTINCT * FROM {step.Input.From}");
        if (order.IsEmpty)
            throw StepFaults.Conflict(
                "'by' is given, but 'order_by' is not.",
                "Rows of a dataset have no order of their own: name the columns that give one.");
        var keys = string.Join(", ", by.Select(step.Input.Sql));
        var ordered = Ordering.By(step.Input, order, reversed: step.Get(Keep) == "last");
        return new ShapePlan(
            $"SELECT * FROM {step.Input.From} QUALIFY row_number() OVER (PARTITION BY {keys} {ordered}) = 1");
    }
}
