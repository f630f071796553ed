using System.Collections.Immutable;

namespace OrleansEtl.Steps.Tests;

/// <summary>A wrong name is a wrong dataset: whatever changes the outcome changes the name of the work, and what does not, does not.</summary>
public sealed class ReuseKeyTests : IDisposable
{
    private const string Whole = """
        pipeline: shop
        steps:
          - id: orders
            kind: extract.csv
            with: {path: "in/*.csv", columns: {id: bigint, amount: double}, header: true}
          - id: large
            kind: transform.filter
            depends_on: [orders]
            with: {where: amount > 10}
        """;

    private readonly Home _home = new();

    public ReuseKeyTests()
    {
        _home.Write("in/a.csv", "id,amount\n1,5\n2,50\n");
        _home.Write("in/b.csv", "id,amount\n3,7\n");
    }

    public void Dispose() => _home.Dispose();

    private string? Key(string yaml, params InputBinding[] inputs) => Key(Work.Of(_home, yaml, inputs: inputs));

    private string? Key(StageWork work) => _home.Runner.ReuseKey(work, CancellationToken.None).GetAwaiter().GetResult();

    private static string Query(string select) =>
        "pipeline: p\nsteps:\n  - {id: made, kind: extract.generate, with: {rows: 3, columns: {i: {generator: sequence}}}}\n"
        + $"  - {{id: out, kind: transform.sql, depends_on: [made], with: {{query: \"{select}\"}}}}\n";

    private static InputBinding Input(string name, string content, string dataset = "p/orders", string version = "run_1") => new(
        name, new DatasetVersion(new DatasetRef(dataset, version), "x/y", ["part.parquet"], [new Column("id", "BIGINT")], 1, 10, content, []));

    [Fact]
    public void The_same_work_has_the_same_name_in_every_run_and_attempt()
    {
        var work = Work.Of(_home, Whole);
        var key = Key(work);
        Assert.NotNull(key);
        Assert.Equal(key, Key(work with
        {
            Run = new RunId("run_00000000000000000000000002"), Attempt = new Attempt(7), Stage = 4, Timeout = TimeSpan.FromHours(1),
            Alone = true, Priority = 9, Refresh = true, Reuse = TimeSpan.FromDays(3),
        }));
    }

    [Theory]
    [InlineData("header: true}", "header: true, quote: '\"'}")] // the default, written out
    [InlineData("{path: \"in/*.csv\", columns", "{header: true, path: \"in/*.csv\", columns", ", header: true}", "}")]
    [InlineData("kind: extract.csv", "retry: 7\n    timeout: 3m\n    kind: extract.csv")]
    [InlineData("pipeline: shop", "# shop\npipeline: shop\ndescription: of the shop")]
    [InlineData("with: {where: amount > 10}", "with:\n      where: \"amount > 10\"")]
    public void How_it_is_written_means_nothing(string old, string @new, string old2 = "pipeline: shop", string new2 = "pipeline: shop") =>
        Assert.Equal(Key(Whole), Key(Whole.Replace(old, @new).Replace(old2, new2)));

    [Theory]
    [InlineData("amount > 10", "amount > 11")]
    [InlineData("header: true", "header: true, skip: 1")]
    [InlineData("id: bigint, amount: double", "amount: double, id: bigint")]
    [InlineData("amount: double", "amount: float")]
    [InlineData("in/*.csv", "in/a.csv")]
    [InlineData("id: large", "id: big")]
    [InlineData("id: large", "id: large\n    materialize: true", "id: orders", "id: orders\n    materialize: true")]
    [InlineData("kind: transform.filter\n    depends_on: [orders]\n    with: {where: amount > 10}",
        "kind: transform.drop_columns\n    depends_on: [orders]\n    with: {columns: [amount]}")]
    public void Whatever_is_asked_for_changes_the_name(string old, string @new, string old2 = "pipeline: shop", string new2 = "pipeline: shop") =>
        Assert.NotEqual(Key(Whole), Key(Whole.Replace(old, @new).Replace(old2, new2)));

    [Fact]
    public void Another_pipeline_does_other_work() =>
        Assert.NotEqual(Key(Whole), Key(Work.Of(_home, Whole) with { Pipeline = "market" }));

    [Fact]
    public void A_file_is_known_by_its_content_and_not_by_its_time_or_size()
    {
        var key = Key(Whole);
        var file = _home.At("in/a.csv");
        File.SetLastWriteTimeUtc(file, new DateTime(2001, 2, 3));
        Assert.Equal(key, Key(Whole));
        var time = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, "id,amount\n1,6\n2,50\n");
        File.SetLastWriteTimeUtc(file, time);
        Assert.NotEqual(key, Key(Whole));
    }

    [Fact]
    public void Files_that_come_go_or_change_their_names_change_the_name()
    {
        var keys = new HashSet<string?> { Key(Whole) };
        _home.Write("in/c.csv", "id,amount\n");
        Assert.True(keys.Add(Key(Whole)));
        File.Delete(_home.At("in/b.csv"));
        Assert.True(keys.Add(Key(Whole)));
        File.Move(_home.At("in/c.csv"), _home.At("in/d.csv"));
        Assert.True(keys.Add(Key(Whole)));
        var (a, d) = (File.ReadAllText(_home.At("in/a.csv")), File.ReadAllText(_home.At("in/d.csv")));
        File.WriteAllText(_home.At("in/a.csv"), d);
        File.WriteAllText(_home.At("in/d.csv"), a);
        Assert.True(keys.Add(Key(Whole)));
    }

    [Fact]
    public void Inputs_are_known_by_their_names_order_and_content_and_not_by_their_versions()
    {
        var yaml = Query("SELECT 1 AS one");
        var keys = new HashSet<string?>
        {
            Key(yaml), Key(yaml, Input("a", "h1")), Key(yaml, Input("a", "h2")), Key(yaml, Input("b", "h1")),
            Key(yaml, Input("a", "h1"), Input("b", "h2")), Key(yaml, Input("b", "h2"), Input("a", "h1")),
            Key(yaml, Input("a", "h2"), Input("b", "h1")),
        };
        Assert.Equal(7, keys.Count);
        Assert.DoesNotContain(null, keys);
        Assert.Equal(Key(yaml, Input("a", "h1")), Key(yaml, Input("a", "h1", "other/name", "run_2")));
    }

    [Theory]
    [InlineData("SELECT now() AS t"), InlineData("SELECT current_date AS t"), InlineData("SELECT CURRENT_TIMESTAMP AS t")]
    [InlineData("SELECT random() AS t"), InlineData("SELECT uuid() AS t"), InlineData("SELECT age(DATE '2020-01-01') AS t")]
    [InlineData("SELECT i FROM range(9) r(i) WHERE today() > DATE '2020-01-01'"), InlineData("SELECT i FROM range(9) r(i) USING SAMPLE 3")]
    [InlineData("SELECT * FROM (SELECT i FROM range(9) r(i) TABLESAMPLE 50%)")]
    [InlineData("WITH c AS (SELECT localtimestamp AS t) SELECT * FROM c")]
    [InlineData("SELECT FROM"), InlineData("SELECT * FROM nobody")]
    public void What_the_clock_or_chance_decides_has_no_name_nor_what_is_not_valid(string select) => Assert.Null(Key(Query(select)));

    [Theory]
    [InlineData("SELECT i FROM range(9) r(i)"), InlineData("SELECT date_diff('day', DATE '2020-01-01', DATE '2020-01-02') AS d")]
    public void Other_queries_have_one(string select) => Assert.NotNull(Key(Query(select)));

    [Fact]
    public void An_expression_that_names_the_clock_has_no_name() => Assert.Null(Key(Whole.Replace("amount > 10", "now() > TIMESTAMP '2020-01-01'")));

    [Fact]
    public void Work_on_files_that_are_not_there_has_no_name() => Assert.Null(Key(Whole.Replace("in/*.csv", "in/none.csv")));

    [Fact]
    public void What_changes_the_world_or_looks_at_it_is_not_pure()
    {
        string[] impure =
        [
            "extract.sql", "load.parquet", "load.csv", "load.json", "load.postgres", "process", "http.request", "flow.noop", "flow.signal", "flow.approval", "flow.wait", "flow.pipeline",
        ];
        Assert.Equal(impure.Order(), StepCatalog.Specs.Kinds.Where(kind => !kind.IsPure).Select(kind => kind.Name).Order());
    }

    [Fact]
    public void A_stage_with_one_step_that_is_not_pure_has_no_name() =>
        Assert.Null(Key(Whole + "\n  - {id: out, kind: load.csv, depends_on: [large], with: {path: out.csv}}\n"));

    [Fact]
    public void Results_are_there_as_long_as_their_files_are_whole()
    {
        var ran = _home.Run(Whole).Succeeded();
        ImmutableArray<StepResult> results = [.. ran.View.Steps.Select(step => new StepResult(step.Id, 1, 1, 0, step.Outputs, []))];
        Assert.True(_home.Runner.AreThere(results));
        var dataset = ran.Dataset("large");
        var file = Path.Combine(_home.Store.Root, dataset.Location, dataset.Files[0]);
        File.AppendAllText(file, "x");
        Assert.False(_home.Runner.AreThere(results));
        File.Delete(file);
        Assert.False(_home.Runner.AreThere(results));
    }
}
