namespace OrleansEtl.Steps.Tests;

public sealed class CheckTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private Ran Through(string kind, string with) => Table.Through(
        _home, "id integer; v integer; s varchar; d date",
        "id,v,s,d\n1,5,AB,2024-01-01\n2,15,abc,2024-06-01\n2,,CD,\n3,-1,,2025-01-01\n", kind, with);

    [Theory]
    [InlineData("check.not_null", "columns: [id, v]", "id|is not NULL|4|0|true;v|is not NULL|4|1|false")]
    [InlineData("check.unique", "columns: [id]", "id|is unique|4|2|false")]
    [InlineData("check.unique", "columns: [id, v]", "id, v|is unique|3|0|true")]
    [InlineData("check.range", "columns: [v], min: 0, max: 10", "v|is from 0 to 10|4|2|false")]
    [InlineData("check.range", "columns: [v], min: -0.5", "v|is at least -0.5|4|1|false")]
    [InlineData("check.range", "columns: [d], max: '2024-12-31'", "d|is at most 2024-12-31|4|1|false")]
    [InlineData("check.in_set", "columns: [s], values: [AB, CD]", "s|is one of AB, CD|4|1|false")]
    [InlineData("check.in_set", "columns: [v], values: [5, 15, -1]", "v|is one of 5, 15, -1|4|0|true")]
    [InlineData("check.matches", "columns: [s], pattern: '[A-Z]+'", "s|matches [A-Z]+|4|1|false")]
    [InlineData("check.row_count", "min: 5", "∅|at least 5 rows|4|1|false")]
    [InlineData("check.row_count", "min: 1, max: 4", "∅|from 1 to 4 rows|4|0|true")]
    [InlineData("check.row_count", "max: 1", "∅|at most 1 rows|4|3|false")]
    [InlineData("check.sql", "query: SELECT * FROM data WHERE v < 0", "∅|the query gives no rows|4|1|false")]
    public void Every_rule_counts_checked_and_bad_rows(string kind, string with, string expected)
    {
        var ran = Through(kind, $"{{{with}, severity: warn}}").Succeeded();
        Assert.Equal(expected.Split(';'),
            ran.Rows("step", "report", "SELECT \"column\", rule, rows_checked, rows_failed, passed FROM ({0})"));
        var failed = expected.Split(';').Sum(row => long.Parse(row.Split('|')[3]));
        Assert.Equal((failed.ToString(), failed == 0 ? "true" : "false"),
            (ran.Value("step", "failed_rows"), ran.Value("step", "passed")));
        Assert.Equal((4L, 4L), (ran["step"].RowsIn!.Value, ran["step"].RowsOut!.Value));
    }

    [Fact]
    public void A_check_that_fails_stops_the_run_for_good_and_keeps_its_report_with_samples()
    {
        var ran = Through("check.range", "{columns: v, min: 0}");
        var fault = ran.Fault("step");
        Assert.Equal((StepCodes.CheckFailed, false), (fault.Code, fault.IsTransient));
        Assert.Contains("'v' is at least 0: 1 of 4 rows", fault.Message);
        Assert.Equal(["""[{"id":3,"v":-1,"s":null,"d":"2025-01-01"}]"""], ran.Rows("step", "report", "SELECT sample FROM ({0})"));
        Assert.DoesNotContain(ran["step"].Outputs, output => output.Port == "out");
    }

    [Theory]
    [InlineData("max_failed: 1", true)]
    [InlineData("max_failed: 0", false)]
    [InlineData("max_failed_ratio: 0.25", true)]
    [InlineData("max_failed_ratio: 0.2", false)]
    public void Some_bad_rows_may_be_tolerated(string tolerance, bool passes) =>
        Assert.Equal(passes, Through(
        "check.range", $"{{columns: v, min: 0, {tolerance}}}").View.Status == RunStatus.Succeeded);

    [Fact]
    public void A_dataset_that_is_only_looked_at_is_not_copied()
    {
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: made, kind: extract.generate, with: {rows: 10, columns: {x: {generator: sequence}}}}
              - {id: other, kind: transform.filter, depends_on: [made], with: {where: x > 3}}
              - {id: check, kind: check.not_null, depends_on: [made], with: {columns: x}}
              - {id: again, kind: check.unique, depends_on: [check], with: {columns: x}}
            """).Succeeded();
        Assert.Equal(ran.Dataset("made"), ran.Dataset("check"));
        Assert.Equal(ran.Dataset("made"), ran.Dataset("again"));
    }

    [Fact]
    public void Samples_are_as_many_as_asked_for()
    {
        var ran = Through("check.sql", "{query: SELECT id FROM data ORDER BY id, samples: 2, severity: warn}")
            .Succeeded();
        Assert.Equal(["""[{"id":1},{"id":2}]"""], ran.Rows("step", "report", "SELECT sample FROM ({0})"));
    }
}
