using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Checks;

internal static class RowCount
{
    private static readonly WithField<long?> Min = Fields.Integer("min", "The fewest rows allowed.", 0).Optional();
    private static readonly WithField<long?> Max = Fields.Integer("max", "The most rows allowed.", 0).Optional();

    public static readonly StepKind Kind =
        CheckFields.Begin("check.row_count", "The number of rows lies between two bounds.", Min, Max)
        .Describe("rows_failed is the number of rows that are missing or too many.")
        .Alias("check_row_count", "row_count")
        .Example("Not empty", """
            pipeline: not-empty
            steps:
              - id: orders
                kind: extract.generate
                with: {rows: 10, columns: {id: {generator: sequence}}}
              - id: some
                kind: check.row_count
                depends_on: [orders]
                with: {min: 1}
            """)
        .Verifies(Verify);

    private static CheckPlan Verify(StepCall step)
    {
        var (min, max) = (step.Get(Min), step.Get(Max));
        if (min is null && max is null) throw StepFaults.Conflict("give 'min', 'max' or both.");
        if (min > max) throw StepFaults.Conflict($"min is {min}, more than max, {max}.");
        var rule = (min, max) switch
        {
            (not null, not null) => $"from {min} to {max} rows",
            (not null, _) => $"at least {min} rows",
            _ => $"at most {max} rows",
        };
        var (fewest, most) = (Sql.Number(min ?? 0), Sql.Number(max ?? long.MaxValue));
        return new CheckPlan([new CheckRule.OfDataset(
            null, rule,
            $"SELECT count(*), greatest({fewest} - count(*), count(*) - {most}, 0)::BIGINT FROM {step.Input.From}",
            $"SELECT count(*) AS rows FROM {step.Input.From} HAVING count(*) NOT BETWEEN {fewest} AND {most}")],
            CheckFields.Tolerance(step));
    }
}
