namespace OrleansEtl.Steps.Tests;

public sealed class FaultTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private Ran Through(string kind, string with) =>
        Table.Through(_home, "order_id integer; amount varchar", "order_id,amount\n1,5\n2,x\n", kind, with);

    [Theory]
    [InlineData("transform.filter", "{where: order_idd > 1}")]
    [InlineData("transform.drop_columns", "{columns: [order_idd]}")]
    [InlineData("transform.select", "{derive: {x: order_idd + 1}}")]
    [InlineData("transform.select", "{cast: {order_idd: integer}}")]
    [InlineData("transform.aggregate", "{by: order_idd, measures: {n: {function: count}}}")]
    [InlineData("transform.sql", "{query: SELECT order_idd FROM data}")]
    [InlineData("transform.deduplicate", "{by: order_idd, order_by: order_id}")]
    [InlineData("transform.clean_nulls", "{columns: order_idd}")]
    [InlineData("check.not_null", "{columns: order_idd}")]
    [InlineData("check.sql", "{query: SELECT * FROM data WHERE order_idd > 1}")]
    [InlineData("load.csv", "{path: out.csv, order_by: order_idd}")]
    public void An_unknown_column_is_named_with_the_step_its_columns_and_the_nearest(string kind, string with)
    {
        var fault = Through(kind, with).Fault("step");
        Assert.Equal((FaultKind.Invalid, StepCodes.ColumnUnknown), (fault.Kind, fault.Code));
        Assert.StartsWith("test/step: ", fault.Message);
        Assert.Contains("order_id, amount", fault.Message);
        Assert.Equal("Did you mean 'order_id'?", fault.Hint);
    }

    [Theory]
    [InlineData("transform.filter", "{where: \"1=1) UNION SELECT * FROM (SELECT 1\"}")]
    [InlineData("transform.filter", "{where: \"order_id IN (SELECT 1 FROM read_csv('/etc/passwd'))\"}")]
    [InlineData("transform.sql", "{query: \"SELECT * FROM read_text('/etc/passwd')\"}")]
    [InlineData("transform.sql", "{query: \"SELECT 1; DROP TABLE data\"}")]
    [InlineData("transform.sql", "{query: COPY data TO 'x.csv'}")]
    [InlineData("transform.sql", "{query: SELECT * FROM other}")]
    [InlineData("transform.select", "{cast: {amount: \"integer) FROM x --\"}}")]
    [InlineData("transform.aggregate", "{measures: {n: \"count(*) FROM data --\"}}")]
    public void Sql_that_reaches_out_of_its_place_is_refused(string kind, string with)
    {
        var fault = Through(kind, with).Fault("step");
        Assert.Equal(FaultKind.Invalid, fault.Kind);
    }

    [Fact]
    public void A_value_fault_in_a_fused_chain_is_blamed_on_the_step_whose_it_is()
    {
        _home.Write("in.csv", "a,b\n1,x\n2,7\n");
        string Chain(string first, string second) => $$$"""
            pipeline: test
            steps:
              - {id: raw, kind: extract.csv, with: {path: in.csv, header: true, columns: {a: integer, b: varchar}} }
              - {id: one, kind: transform.select, depends_on: [raw], with: {derive: {c: "{{{first}}}"}} }
              - {id: two, kind: transform.select, depends_on: [one], with: {derive: {d: "{{{second}}}"}} }
              - {id: out, kind: load.parquet, depends_on: [two], with: {dataset: x} }
            """;
        Assert.Contains("test/one", _home.Run(Chain("b::INTEGER", "1")).Fault("one").Message);
        Assert.Contains("test/two", _home.Run(Chain("1", "b::INTEGER")).Fault("two").Message);
    }

    [Fact]
    public async Task An_unknown_kind_is_refused_with_the_nearest()
    {
        var work = new StageWork(new RunId("run_00000000000000000000000001"), "p", 0, new Attempt(1),
            [new StepWork(new StepId("a"), "extract.cvs", SpecValue.Map.Empty, [], true)], _home.Folder, null);
        var failed = Assert.IsType<StageOutcome.Failed>(await _home.Runner.Run(work, _ => { }, CancellationToken.None));
        Assert.Equal((StepCodes.KindUnknown, "Did you mean 'extract.csv'?"), (failed.Fault.Code, failed.Fault.Hint));
    }

    [Fact]
    public async Task A_value_of_the_wrong_type_says_where_it_stands()
    {
        var work = new StageWork(new RunId("run_00000000000000000000000001"), "p", 0, new Attempt(1),
            [new StepWork(new StepId("a"), "extract.generate", new SpecValue.Map([
                new Field("rows", new SpecValue.Text("many")), new Field("columns", SpecValue.Map.Empty)]), [], true)],
                _home.Folder, null);
        var failed = Assert.IsType<StageOutcome.Failed>(await _home.Runner.Run(work, _ => { }, CancellationToken.None));
        Assert.Equal("with.rows", failed.Fault.Path);
    }

    [Fact]
    public async Task A_damaged_input_dataset_fails_the_step_and_nothing_else()
    {
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: a, kind: extract.generate, with: {rows: 10, columns: {x: {generator: sequence}}}}
            """).Succeeded();
        var dataset = ran.Dataset("a");
        File.WriteAllText(_home.Store.Files(dataset)[0], "no parquet");
        var work = new StageWork(new RunId("run_00000000000000000000000009"), "p", 0, new Attempt(1),
            [new StepWork(new StepId("b"), "transform.filter",
            new SpecValue.Map([new Field("where", new SpecValue.Text("x > 1"))]),
                [new InputBinding("a", dataset)], true)], _home.Folder, null);
        var failed = Assert.IsType<StageOutcome.Failed>(await _home.Runner.Run(work, _ => { }, CancellationToken.None));
        Assert.Equal("b", failed.Step.Value);
    }

    [Theory]
    [InlineData("load.csv", "{path: ../../outside.csv}")]
    [InlineData("load.parquet", "{path: /etc/outside.parquet}")]
    public void Nothing_is_written_outside_the_allowed_folders(string kind, string with) =>
        Assert.Equal((FaultKind.Denied, "ETL4301"),
        (Through(kind, with).Fault("step").Kind, Through(kind, with).Fault("step").Code));
}
