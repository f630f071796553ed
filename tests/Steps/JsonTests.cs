namespace OrleansEtl.Steps.Tests;

public sealed class JsonTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private Ran Read(string text, string with)
    {
        _home.Write("in.json", text);
        return _home.Run($"pipeline: test\nsteps:\n  - {{id: json, kind: extract.json, with: {{path: "
            + $"in.json{(with.Length == 0 ? "" : ", ")}{with}}}}}\n");
    }

    [Theory]
    [InlineData("[{\"a\":1,\"b\":{\"c\":[1,2]}},{\"a\":2}]")]
    [InlineData("{\"a\":1,\"b\":{\"c\":[1,2]}}\n{\"a\":2}\n")]
    [InlineData("\n  [\n {\"a\":1,\"b\":{\"c\":[1,2]}} , {\"a\":2} ] ")]
    public void Arrays_and_lines_are_told_apart_and_nested_values_kept(string text)
    {
        var ran = Read(text, "").Succeeded();
        Assert.Equal(["a BIGINT", "b STRUCT(\"c\" BIGINT[])"],
            ran.Dataset("json").Columns.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(["1|2", "2|∅"], ran.Rows("json", select: "SELECT a, b.c[2] FROM ({0}) ORDER BY a"));
    }

    [Fact]
    public void Declared_columns_are_read_by_name_what_lacks_is_NULL_and_the_rest_is_not_read()
    {
        Assert.Equal(["1|∅", "∅|x"], Read("{\"a\":1,\"z\":9}\n{\"b\":\"x\"}\n", "columns: {a: integer, b: varchar}")
            .Succeeded().Rows("json"));
    }

    [Fact]
    public void Malformed_records_are_put_aside_with_line_column_text_and_reason()
    {
        var ran = Read("{\"a\":1,\"b\":{\"n\":1}}\n{bad\n\n{\"a\":\"q\"}\n[1]\n{\"a\":3,\"b\":{\"n\":\"x\"}}\n{\"a\":4}\n",
            "columns: {a: integer, b: \"struct(n integer)\"}, rejects_max_ratio: 1").Succeeded();
        Assert.Equal(["1", "4"], ran.Rows("json", select: "SELECT a FROM ({0}) ORDER BY a"));
        Assert.Equal(
            [
                "2|∅|{bad|is not valid JSON", "4|a|{\"a\":\"q\"}|a value does not fit INTEGER",
                "5|∅|[1]|is not an object",
                "6|b|{\"a\":3,\"b\":{\"n\":\"x\"}}|a value does not fit STRUCT(\"n\" INTEGER)",
            ],
            ran.Rows("json", "rejects", "SELECT line, \"column\", raw, reason FROM ({0}) ORDER BY line"));
        Assert.Equal((6L, 2L, 4L),
            (ran["json"].RowsIn!.Value, ran["json"].RowsOut!.Value, ran["json"].RowsRejected!.Value));
    }

    [Fact]
    public void Elements_of_an_array_are_put_aside_by_their_number()
    {
        var ran = Read("[{\"a\":1},{\"a\":\"q\"},{\"a\":3}]", "columns: {a: integer}").Succeeded();
        Assert.Equal(["1", "3"], ran.Rows("json"));
        Assert.Equal(["2|a"], ran.Rows("json", "rejects", "SELECT line, \"column\" FROM ({0})"));
    }

    [Fact]
    public void An_array_that_is_broken_as_a_whole_fails_the_step()
    {
        var fault = Read("[{\"a\":1},{\"a\":", "columns: {a: integer}").Fault("json");
        Assert.Equal(FaultKind.Invalid, fault.Kind);
    }

    [Fact]
    public void Good_files_have_an_empty_rejects_dataset()
    {
        var ran = Read("{\"a\":1}\n", "columns: {a: integer}").Succeeded();
        Assert.Equal(0, ran.Dataset("json", "rejects").Rows);
        Assert.Equal(["file", "line", "column", "raw", "reason"],
            ran.Dataset("json", "rejects").Columns.Select(column => column.Name));
    }

    [Fact]
    public void An_empty_file_gives_no_rows_when_columns_are_declared()
    {
        Assert.Equal(0, Read("", "columns: {a: integer}").Succeeded()["json"].RowsOut);
        Assert.Equal(StepCodes.FileInvalid, Read("", "").Fault("json").Code);
    }

    [Fact]
    public void A_value_that_does_not_fit_is_rejected_also_in_a_column_that_nobody_reads_further_on()
    {
        _home.Write("in.json", "{\"a\":1,\"b\":2}\n{\"a\":2,\"b\":\"x\"}\n");
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: json, kind: extract.json, with: {path: in.json, columns: {a: integer, b: integer}}}
              - {id: step, kind: transform.drop_columns, depends_on: [json], with: {columns: [b]}}
            """).Succeeded();
        Assert.Equal(["1"], ran.Rows("step"));
        Assert.Equal(1, ran["json"].RowsRejected);
    }
}
