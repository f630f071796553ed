namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Whatever is given: a code, a place, what was found, what to do; no stack trace, and nothing published.</summary>
public class BadInputs
{
    [Fact]
    public async Task All_mistakes_of_a_file_are_told_at_once_with_their_places()
    {
        using var play = new Playground();
        play.Write("p.yaml", """
            pipeline: shop
            steps:
              - id: orders
                kind: extract.cvs
                with: { path: orders.csv }
              - id: clean
                kind: transform.filter
                depends_on: [order]
                wiht: { where: amount > 0 }
              - id: out
                kind: load.csv
                depends_on: [clean]
                with: { path: out.csv, header: 7 }
            """);
        (await play.Etl("validate", "p.yaml")).With(7).Saying(
            "p.yaml:4:11", "`extract.csv`", "p.yaml:8:", "`orders`", "p.yaml:9:5", "`with`", "p.yaml:13:", "header", "etl explain ETL");
        (await play.Etl("run", "p.yaml")).With(7);
        Assert.False(Directory.Exists(play[".etl"]));
    }

    [Fact]
    public async Task A_cycle_is_named_step_by_step()
    {
        using var play = new Playground();
        play.Write("p.yaml", """
            pipeline: round
            steps:
              - { id: a, kind: transform.filter, depends_on: [c], with: { where: x > 0 } }
              - { id: b, kind: transform.filter, depends_on: [a], with: { where: x > 0 } }
              - { id: c, kind: transform.filter, depends_on: [b], with: { where: x > 0 } }
            """);
        var talk = (await play.Etl("validate", "p.yaml")).With(7).Talk;
        Assert.Matches("a.*b.*c", talk.ReplaceLineEndings(" "));
    }

    [Theory]
    [InlineData("two steps of one id", "pipeline: p\nsteps:\n  - {id: a, kind: extract.csv, with: {path: a.csv}}\n  - {id: a, kind: extract.csv, with: {path: a.csv}}\n")]
    [InlineData("nothing", "")]
    [InlineData("a list", "- a\n- b\n")]
    [InlineData("a tab", "pipeline: p\nsteps:\n\t- id: a\n")]
    [InlineData("an unquoted template", "pipeline: p\nsteps:\n  - id: a\n    kind: extract.csv\n    with: {path: {{ params.x }}}\n")]
    [InlineData("a bomb of aliases", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\npipeline: *g\n")]
    public async Task A_file_that_is_no_pipeline_is_refused_with_a_code(string what, string yaml)
    {
        using var play = new Playground();
        play.Write("p.yaml", yaml);
        var ended = (await play.Etl("run", "p.yaml")).With(7);
        Assert.True(ended.Talk.Contains("error[ETL") && ended.Talk.Contains("p.yaml"), $"{what}: {ended.Talk}");
    }

    [Fact]
    public async Task Binary_rubbish_is_no_pipeline()
    {
        using var play = new Playground();
        var rubbish = new byte[100_000];
        new Random(7).NextBytes(rubbish);
        await File.WriteAllBytesAsync(play["p.yaml"], rubbish);
        (await play.Etl("run", "p.yaml")).With(7).Saying("error[ETL", "p.yaml");
    }

    [Fact]
    public async Task A_pipeline_file_of_100_megabytes_is_refused_by_its_length()
    {
        using var play = new Playground();
        await using (var file = File.Create(play["p.yaml"])) file.SetLength(100_000_000);
        (await play.Etl("run", "p.yaml")).With(7).Saying("error[ETL1002]", "p.yaml");
    }

    [Fact]
    public async Task A_missing_pipeline_file_is_not_found()
    {
        using var play = new Playground();
        (await play.Etl("run", "nowhere.yaml")).With(5).Saying("nowhere.yaml");
        (await play.Etl("validate", "nowhere.yaml")).With(5);
    }

    [Fact]
    public async Task A_missing_data_file_fails_the_run_and_is_named()
    {
        using var play = new Playground();
        (await play.RunYaml(Extract("extract.csv", "path: gone.csv"))).With(8).Saying("gone.csv", "error[ETL");
        await NothingIsPublished(play);
    }

    [Fact]
    public async Task A_broken_parquet_file_fails_the_run_and_is_named()
    {
        using var play = new Playground();
        play.Write("x.parquet", "PAR1 this is not what follows PAR1");
        (await play.RunYaml(Extract("extract.parquet", "path: x.parquet"))).With(8).Saying("x.parquet", "error[ETL");
        await NothingIsPublished(play);
    }

    [Fact]
    public async Task Broken_json_fails_the_run_with_its_line()
    {
        using var play = new Playground();
        play.Write("x.json", "{\"a\": 1}\n{\"a\": \n{{{{\n");
        (await play.RunYaml(Extract("extract.json", "path: x.json, rejects_max: 0"))).With(8).Saying("x.json", "error[ETL");
        await NothingIsPublished(play);
    }

    [Fact]
    public async Task A_csv_of_the_wrong_types_fails_the_run_with_its_line_and_column()
    {
        using var play = new Playground();
        play.Write("x.csv", "id,amount\n1,2.50\n2,three\n");
        (await play.RunYaml(Extract("extract.csv", "path: x.csv, columns: {id: bigint, amount: double}, rejects_max: 0")))
            .With(8).Saying("line 3", "amount", "three", "error[ETL");
        await NothingIsPublished(play);
    }

    [Fact]
    public async Task A_csv_of_a_million_columns_is_refused_and_not_read_for_minutes()
    {
        using var play = new Playground();
        var line = string.Join(',', Enumerable.Range(0, 1_000_000).Select(i => $"c{i}"));
        play.Write("wide.csv", line + "\n" + string.Join(',', Enumerable.Repeat("1", 1_000_000)) + "\n");
        (await play.RunYaml(Extract("extract.csv", "path: wide.csv"))).With(8).Saying("wide.csv", "1000000", "error[ETL");
        await NothingIsPublished(play);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside.csv")]
    [InlineData("link/secret.csv")]
    [InlineData("secret-link.csv")]
    public async Task Files_outside_the_allowed_folders_are_not_read(string path)
    {
        using var outside = new Playground();
        using var play = new Playground();
        outside.Write("secret.csv", "password\nhunter2\n");
        File.WriteAllText(Path.Combine(Path.GetTempPath(), "outside.csv"), "password\nhunter2\n");
        Directory.CreateSymbolicLink(play["link"], outside.Folder);
        File.CreateSymbolicLink(play["secret-link.csv"], outside["secret.csv"]);
        var ended = await play.RunYaml(Extract("extract.csv", $"path: \"{path}\", header: true, rejects_max_ratio: 1"));
        Assert.True(ended.Code is 8 or 7 or 4, $"found {ended.Code}: {ended.Talk}");
        ended.With(ended.Code).Saying("error[ETL");
        Assert.DoesNotContain("hunter2", ended.Talk + ended.Data);
        await NothingIsPublished(play);
    }

    [Theory]
    [InlineData("/tmp/etl-written-outside.csv")]
    [InlineData("link/written.csv")]
    public async Task Files_outside_the_allowed_folders_are_not_written(string path)
    {
        using var outside = new Playground();
        using var play = new Playground();
        Directory.CreateSymbolicLink(play["link"], outside.Folder);
        var ended = await play.RunYaml($$"""
            pipeline: writes
            steps:
              - { id: made, kind: extract.generate, with: { rows: 3, columns: { id: { generator: sequence } } } }
              - { id: out, kind: load.csv, depends_on: [made], with: { path: "{{path}}" } }
            """);
        Assert.True(ended.Code is 8 or 7 or 4, $"found {ended.Code}: {ended.Talk}");
        ended.With(ended.Code).Saying("error[ETL");
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside.Folder));
        Assert.False(File.Exists("/tmp/etl-written-outside.csv"));
    }

    [Fact]
    public async Task A_setting_allows_a_further_folder()
    {
        using var outside = new Playground();
        using var play = new Playground();
        outside.Write("open.csv", "id\n1\n2\n");
        (await play.RunYaml(Extract("extract.csv", $"path: {outside["open.csv"]}, header: true"), "--allow", outside.Folder)).With(0);
    }

    [Fact]
    public async Task Sql_reads_the_inputs_of_its_step_and_nothing_else()
    {
        using var play = new Playground();
        play.Write("x.csv", "id\n1\n");
        var ended = await play.RunYaml("""
            pipeline: curious
            steps:
              - { id: made, kind: extract.generate, with: { rows: 3, columns: { id: { generator: sequence } } } }
              - { id: out, kind: transform.sql, depends_on: [made], with: { query: "SELECT * FROM made, read_csv('x.csv')" } }
            """);
        Assert.True(ended.Code is 7 or 8, ended.Talk);
        ended.With(ended.Code).Saying("error[ETL");
    }

    private static string Extract(string kind, string with) => $$"""
        pipeline: reads
        steps:
          - id: rows
            kind: {{kind}}
            with: { {{with}} }
          - id: out
            kind: load.parquet
            depends_on: [rows]
            with: { path: out/rows.parquet }
        """;

    private static async Task NothingIsPublished(Playground play)
    {
        Assert.False(Directory.Exists(play["out"]) && Directory.EnumerateFileSystemEntries(play["out"]).Any());
        var list = (await play.Etl("datasets", "list", "-o", "json")).With(0).Json;
        Assert.DoesNotContain(
            list.GetProperty("datasets").EnumerateArray().Select(d => d.GetProperty("dataset").GetString()!),
            name => !name.EndsWith(".rejects") && !name.EndsWith(".report")); // what was put aside is kept, to be looked at
    }
}
