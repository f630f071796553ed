using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Checks;

internal static class Matches
{
    private static readonly WithField<ImmutableArray<string>> Columns =
        Fields.Columns("columns", "The columns to look at.").Alias("column");
    private static readonly WithField<string> Pattern =
        Fields.Text("pattern", "A regular expression (RE2) that the whole value has to match.").Alias("regex");

    public static readonly StepKind Kind =
        CheckFields.Begin("check.matches", "All values match a pattern.", Columns, Pattern)
        .Describe("Other types than text are compared as text. NULLs pass.")
        .Alias("check_matches", "check_regex", "matches")
        .Example("Airport codes", """
            pipeline: airport-codes
            steps:
              - id: airports
                kind: extract.generate
                with: {rows: 10, columns: {iata: {generator: text, pattern: "???"}}}
              - id: codes
                kind: check.matches
                depends_on: [airports]
                with: {columns: [iata], pattern: "[A-Z]{3}"}
            """)
        .Verifies(step => CheckFields.EachColumn(
            step, Columns, $"matches {step.Get(Pattern)}",
            column => $"NOT regexp_full_match({column.Name()}::VARCHAR, {Sql.Text(step.Get(Pattern))})"));
}
