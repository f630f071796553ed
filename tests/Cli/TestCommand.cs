using System.Text.Json;

namespace OrleansEtl.Cli.Tests;

/// <summary><c>etl test</c>: given rows in, expected rows out, and nothing outside is touched.</summary>
public sealed class TestCommand : IDisposable
{
    private const string Pipeline = """
        pipeline: paid
        limits: [nightly]
        params:
          least: { type: integer, default: 1 }
        steps:
          - id: orders
            kind: extract.csv
            with: { path: /nowhere/orders.csv, columns: { id: bigint, amount: "decimal(18,2)", paid_on: date } }
          - id: paid
            kind: transform.filter
            depends_on: [orders]
            limits: { warehouse: 2 }
            with: { where: "paid_on IS NOT NULL AND amount >= {{ params.least }} AND paid_on < {{ run.interval.end | default('2027-01-01') }}" }
          - id: sane
            kind: check.range
            depends_on: [paid]
            with: { columns: [amount], max: 1000 }
          - id: out
            kind: load.csv
            depends_on: [sane]
            with: { path: out.csv }
        """;

    private const string Given = """
        given:
              orders:
                columns: { id: bigint, amount: "decimal(18,2)", paid_on: date }
                rows:
                  - { id: 1, amount: 5, paid_on: 2026-01-31 }
                  - { id: 2, amount: 7.5 }
                  - { id: 3, amount: 2000, paid_on: 2026-02-01 }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-tests-of-").FullName;

    public TestCommand() => File.WriteAllText(Path.Combine(_folder, "paid.yaml"), Pipeline);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Cases_that_hold_pass_and_nothing_is_written_beside_the_pipeline()
    {
        Tests($$"""
            cases:
              - name: keeps what is paid
                {{Given}}
                expect:
                  steps:
                    paid: [{ id: 3, amount: 2000.00, paid_on: 2026-02-01 }, { id: 1, amount: 5 , paid_on: 2026-01-31 }]
              - name: heeds its parameter
                params: { least: 6 }
                {{Given}}
                expect:
                  steps:
                    paid: { row_count: 1, columns: [id, amount, paid_on], rows: [{ id: 3 }], ordered: true }
              - name: finds what is too large
                {{Given}}
                expect:
                  status: failed
                  steps:
                    sane: { status: failed, fault: ETL5040 }
              - name: is for its time
                interval: { start: 2026-01-01, end: 2026-02-01 }
                {{Given}}
                expect: { steps: { paid: [{ id: 1 }] } }
              - name: takes no rows
                given: { orders: { columns: { id: bigint, amount: "decimal(18,2)", paid_on: date }, rows: [] } }
                expect: { steps: { paid: [] } }
            """);
        var screen = await Etl(ExitCode.Succeeded, Path.Combine(_folder, "paid.yaml"));
        Assert.Contains("5 passed, 0 failed", screen.Talk.ToString());
        Assert.Equal(["paid.test.yaml", "paid.yaml"], Directory.GetFileSystemEntries(_folder).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public async Task A_step_for_each_partition_is_given_rows_and_a_time_as_any_other()
    {
        File.WriteAllText(Path.Combine(_folder, "paid.yaml"), """
            pipeline: paid
            steps:
              - { id: orders, kind: extract.csv, with: { path: /nowhere/orders.csv, columns: { country: text, amount: integer } } }
              - id: largest
                kind: transform.sql
                depends_on: [orders]
                for_each: { partitions: { dataset: orders, by: country } }
                with: { query: "SELECT {{ item.country }} AS country, {{ item.rows }} AS n, max(amount) AS amount FROM orders" }
              - id: days
                kind: extract.generate
                for_each: { partitions: { from: "{{ run.interval.start }}", to: "{{ run.interval.end }}", every: 1d } }
                with: { rows: 1, columns: { n: { generator: sequence } } }
            """);
        Tests("""
            cases:
              - name: the largest of each country
                interval: { start: 2026-01-01, end: 2026-02-01 }
                given: { orders: [{ country: DE, amount: 1 }, { country: AT, amount: 3 }, { country: DE, amount: 2 }] }
                expect:
                  steps:
                    largest: { ordered: true, rows: [{ country: AT, n: 1, amount: 3 }, { country: DE, n: 2, amount: 2 }] }
                    days: { row_count: 31 }
            """);
        await Etl(ExitCode.Succeeded, _folder);
    }

    /// <param name="file">On top of the test file.</param>
    [Theory]
    [InlineData("", "env: prod", "")]
    [InlineData("env: prod", "", "")]
    [InlineData("env: dev", "env: prod", "dev")]
    [InlineData("", "", "prod")]
    public async Task A_case_has_the_values_of_the_environment_that_is_named_nearest_to_it(string file, string @case, string option)
    {
        Environments();
        Tests($$"""
            {{file}}
            cases:
              - name: keeps what is enough
                {{@case}}
                given: { orders: [{ id: 1, amount: 5 }, { id: 2, amount: 7 }] }
                expect: { steps: { paid: [{ id: 2 }] } }
            """);
        var screen = await Etl(ExitCode.Succeeded, [_folder, .. option == "" ? Array.Empty<string>() : ["--env", option]]);
        Assert.Contains("1 passed, 0 failed", screen.Talk.ToString());
    }

    [Fact]
    public async Task A_pipeline_that_needs_an_environment_says_how_to_name_one()
    {
        Environments();
        Tests("""
            cases:
              - name: keeps what is enough
                given: { orders: [{ id: 1, amount: 5 }] }
                expect: { steps: { paid: [{ id: 1 }] } }
            """);
        Assert.Contains("Name one: --env NAME", (await Etl(ExitCode.InvalidFile, _folder)).Talk.ToString());
        await Etl(ExitCode.RunFailed, _folder, "--env", "prod");
        await Etl(ExitCode.Succeeded, _folder, "--env", "dev");
    }

    private void Environments()
    {
        File.WriteAllText(Path.Combine(_folder, "paid.yaml"), """
            pipeline: paid
            steps:
              - { id: orders, kind: extract.csv, with: { path: /nowhere/orders.csv, columns: { id: bigint, amount: bigint } } }
              - { id: paid, kind: transform.filter, depends_on: [orders], with: { where: "amount > {{ env.least }}" } }
            """);
        var environments = Directory.CreateDirectory(Path.Combine(_folder, "environments")).FullName;
        File.WriteAllText(Path.Combine(environments, "prod.yaml"), "values: { least: 6 }");
        File.WriteAllText(Path.Combine(environments, "dev.yaml"), "values: { least: 0 }");
    }

    [Fact]
    public async Task What_is_otherwise_is_shown_row_by_row()
    {
        Tests($$"""
            cases:
              - name: wrong rows
                {{Given}}
                expect:
                  steps:
                    paid: [{ id: 1, amount: 6 }, { id: 4, amount: 4 }]
              - name: wrong order
                {{Given}}
                expect:
                  steps: { paid: { rows: [{ id: 3 }, { id: 1 }], ordered: true, columns: [id, amount] } }
              - name: no such column
                {{Given}}
                expect: { steps: { paid: { rows: [{ di: 3 }], row_count: 4 } } }
              - name: fails unexpectedly
                {{Given}}
                expect: { steps: { sane: { row_count: 2 } } }
              - name: does not fail
                {{Given}}
                expect: { status: failed, steps: { paid: { row_count: 2 } } }
              - name: passes
                {{Given}}
                expect: { steps: { paid: { row_count: 2 } } }
            """);
        var screen = await Etl(ExitCode.RunFailed, _folder);
        Golden.Matches("test-failed.txt", screen.Talk.ToString().Replace(_folder, "FOLDER"));
        var json = JsonDocument.Parse((await Etl(ExitCode.RunFailed, _folder, "-o", "json", "--parallel", "1")).Data.ToString()).RootElement;
        Assert.Equal((1, 5), (json.GetProperty("passed").GetInt32(), json.GetProperty("failed").GetInt32()));
        Assert.Equal("paid: row_count expected 4, found 2", json.GetProperty("cases")[2].GetProperty("differences")[0].GetString());
    }

    [Fact]
    public async Task A_load_is_run_only_when_it_is_asked_for()
    {
        const string expect = "expect: { steps: { out: { row_count: 1 } } }";
        const string given = "given: { orders: [{ id: 1, amount: 5, paid_on: 2026-01-31 }] }";
        Tests($"cases: [{{ name: loads, {given}, {expect} }}]");
        Assert.Contains("ETL6131", (await Etl(ExitCode.RunFailed, _folder)).Talk.ToString());
        Assert.False(File.Exists(Path.Combine(_folder, "out.csv")));
        Tests($"cases: [{{ name: loads, loads: true, {given}, {expect} }}]");
        await Etl(ExitCode.Succeeded, _folder);
        Assert.True(File.Exists(Path.Combine(_folder, "out.csv")));
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_test_is_said_at_once()
    {
        Tests("""
            cases:
              - nmae: a
                given: { orders: [1], paid: [] }
                expect: { status: fine, steps: { paid: { row_count: -1, colums: [] } } }
              - name: b
            """);
        Golden.Matches("test-faulty.txt", (await Etl(ExitCode.InvalidFile, _folder)).Talk.ToString().Replace(_folder, "FOLDER"));
    }

    [Fact]
    public async Task A_given_row_that_does_not_fit_and_a_step_that_is_not_there_fail_the_case()
    {
        Tests("""
            cases:
              - name: does not fit
                given: { orders: { columns: { id: bigint, amount: double, paid_on: date }, rows: [{ id: one, amount: 1, paid_on: 2026-01-31 }] } }
                expect: { steps: { paid: { row_count: 0 } } }
              - name: is not there
                given: { ordres: [{ id: 1 }] }
                expect: { status: succeeded }
            """);
        var said = (await Etl(ExitCode.RunFailed, _folder)).Talk.ToString();
        Assert.Contains("Did you mean `orders`?", said);
        Assert.Contains("0 passed, 2 failed", said);
        Assert.Contains("ETL6132", (await Etl(ExitCode.NotFound, Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName)).Talk.ToString());
        Assert.Contains("ETL6110", (await Etl(ExitCode.NotFound, Path.Combine(_folder, "none.yaml"))).Talk.ToString());
    }

    [Fact]
    public async Task Pipelines_that_a_pipeline_runs_are_those_beside_it_and_do_not_load()
    {
        Beside("one.yaml", """
            pipeline: one
            params: { rows: { type: integer } }
            steps:
              - { id: made, kind: extract.generate, with: { rows: "{{ params.rows }}", columns: { id: { generator: sequence } } } }
              - { id: out, kind: load.csv, depends_on: [made], with: { path: one.csv } }
            """);
        Beside("paid.yaml", """
            pipeline: all
            params: { rows: { type: integer } }
            steps:
              - { id: one, kind: flow.pipeline, with: { pipeline: one, version: 7, params: { rows: "{{ params.rows }}" } } }
              - { id: each, kind: flow.pipeline, for_each: { range: 2 }, with: { pipeline: one, params: { rows: "{{ item }}" } } }
              - id: many
                kind: extract.generate
                depends_on: [one, each]
                with: { rows: "{{ steps.one.values.steps.made.rows_out + 1 }}", columns: { id: { generator: sequence } } }
            """);
        Tests("""
            cases:
              - { name: two, params: { rows: 2 }, expect: { steps: { many: { row_count: 3 } } } }
              - { name: five, params: { rows: 5 }, expect: { steps: { many: { row_count: 6 } } } }
            """);
        Assert.Contains("2 passed", (await Etl(ExitCode.Succeeded, _folder)).Talk.ToString());
        Assert.False(File.Exists(Path.Combine(_folder, "one.csv")));

        Beside("one.yaml", "pipeline: one\nsteps: [{ id: again, kind: flow.pipeline, with: { pipeline: all } }]");
        Assert.Contains("ETL6134", (await Etl(ExitCode.RunFailed, _folder)).Talk.ToString());
        File.Delete(Path.Combine(_folder, "one.yaml"));
        Assert.Contains("ETL6133", (await Etl(ExitCode.RunFailed, _folder)).Talk.ToString());
    }

    private void Beside(string file, string yaml) => File.WriteAllText(Path.Combine(_folder, file), yaml);

    private void Tests(string yaml) => File.WriteAllText(Path.Combine(_folder, "paid.test.yaml"), yaml);

    private static async Task<Screen> Etl(ExitCode code, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, TimeProvider.System, settings => Homes.Open(settings, Steps.StepKinds.BuiltIn), (_, _) => throw new InvalidOperationException("no cluster is meant"));
        var ended = await EntryPoint.Run(["test", .. arguments], surroundings);
        Assert.True(ended == code, $"expected {code}, found {ended}: {screen.Talk}{screen.Data}");
        return screen;
    }
}
