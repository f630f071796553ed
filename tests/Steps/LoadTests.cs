namespace OrleansEtl.Steps.Tests;

public sealed class LoadTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    private Ran Load(string kind, string with) =>
        Table.Through(_home, "a integer; b varchar; d date", "a,b,d\n2,\"x,y\",2024-02-03\n1,,\n", kind, with)
        .Succeeded();

    private string[] Reads(string from)
    {
        using var session = _home.Session();
        using var rows = session.Query($"SELECT * FROM {from}");
        var lines = new List<string>();
        while (rows.Read()) lines.Add(string.Join("|", rows.Columns.Select((_, i) => rows.Text(i) ?? "∅")));
        return [.. lines];
    }

    [Theory]
    [InlineData("{path: out/x.csv, order_by: a}", "a,b,d\n1,,\n2,\"x,y\",2024-02-03\n")]
    [InlineData("{path: x.csv, delimiter: ;, header: false, null_value: NA, date_format: '%d.%m.%Y'}",
        "2;x,y;03.02.2024\n1;NA;NA\n")]
    [InlineData("{path: x.csv, delimiter: '|', quote: \"'\", order_by: a desc}", "a|b|d\n2|x,y|2024-02-03\n1||\n")]
    public void Csv(string with, string expected)
    {
        var ran = Load("load.csv", with);
        var output = Assert.Single(ran["step"].Outputs);
        Assert.Equal(expected, File.ReadAllText(output.Path!));
        Assert.Equal((2L, (long)expected.Length, null), (output.Rows!.Value, output.Bytes!.Value, output.Dataset));
        Assert.Equal((2L, 2L), (ran["step"].RowsIn!.Value, ran["step"].RowsOut!.Value));
    }

    [Theory]
    [InlineData("{path: x.json, order_by: a}",
        "{\"a\":1,\"b\":null,\"d\":null}\n{\"a\":2,\"b\":\"x,y\",\"d\":\"2024-02-03\"}\n")]
    [InlineData("{path: x.json, format: array, order_by: a}",
        "[\n\t{\"a\":1,\"b\":null,\"d\":null},\n\t{\"a\":2,\"b\":\"x,y\",\"d\":\"2024-02-03\"}\n]\n")]
    public void Json(string with, string expected) =>
        Assert.Equal(expected, File.ReadAllText(Load("load.json", with)["step"].Outputs.Single().Path!));

    [Theory]
    [InlineData("zstd")]
    [InlineData("snappy")]
    [InlineData("gzip")]
    [InlineData("lz4")]
    [InlineData("none")]
    public void Parquet_in_every_compression(string compression)
    {
        Load("load.parquet", $"{{path: x.parquet, compression: {compression}, row_group_rows: 4096}}");
        Assert.Equal(["2|x,y|2024-02-03", "1|∅|∅"], Reads($"read_parquet('{_home.At("x.parquet")}')"));
    }

    [Fact]
    public void A_load_may_give_a_dataset_a_file_or_both()
    {
        var ran = Load("load.parquet", "{dataset: shop/orders, path: x.parquet}");
        Assert.Equal("shop/orders", ran.Dataset("step").Ref.Name);
        Assert.Equal(2, ran.Dataset("step").Rows);
        Assert.Equal(2, Reads($"read_parquet('{_home.At("x.parquet")}')").Length);
        Assert.Equal("test/step", Load("load.csv", "{}").Dataset("step").Ref.Name);
    }

    [Fact]
    public void Loading_a_dataset_of_another_stage_works_as_in_one_query()
    {
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: made, kind: extract.generate, with: {rows: 10, columns: {x: {generator: sequence}}}}
              - {id: other, kind: transform.filter, depends_on: [made], with: {where: x > 3}}
              - {id: check, kind: check.not_null, depends_on: [made], with: {columns: x}}
              - {id: csv, kind: load.csv, depends_on: [check], with: {path: x.csv}}
              - {id: parquet, kind: load.parquet, depends_on: [check], with: {dataset: x}}
            """).Succeeded();
        Assert.Equal((10L, 10L, 10L),
            (ran["csv"].RowsIn!.Value, ran["csv"].RowsOut!.Value, ran["parquet"].RowsOut!.Value));
        Assert.Equal([ran.Dataset("made").Ref], ran.Dataset("parquet").Inputs);
    }

    [Fact]
    public void A_failing_load_leaves_the_old_file_and_no_rest()
    {
        _home.Write("out/x.csv", "old");
        _home.Write("in.csv", "a\n1\nx\n");
        _home.Run("""
            pipeline: test
            steps:
              - {id: raw, kind: extract.csv, with: {path: in.csv, header: true, columns: {a: varchar}}}
              - {id: typed, kind: transform.select, depends_on: [raw], with: {cast: {a: integer}}}
              - {id: out, kind: load.csv, depends_on: [typed], with: {path: out/x.csv}}
            """).Fault("typed");
        Assert.Equal("old", File.ReadAllText(_home.At("out/x.csv")));
        Assert.Single(Directory.EnumerateFileSystemEntries(_home.At("out")));
    }

    [Fact]
    public void Large_whole_numbers_keep_their_digits()
    {
        var ran = Table.Through(
            _home, "a bigint", "a\n9007199254740993\n9007199254740993\n", "transform.aggregate",
            "{measures: {s: sum(a)}}").Succeeded();
        Assert.Equal(["18014398509481986"], ran.Rows("step"));
    }
}
