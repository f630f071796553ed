namespace OrleansEtl.Steps.Tests;

/// <summary>What goes into a program, and what comes back.</summary>
public sealed class HandingOverTests : IDisposable
{
    private readonly Home _home = new(Programs.Shell);

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Inputs_come_as_the_datasets_own_files_and_outputs_become_datasets()
    {
        var ran = _home.Run(Programs.Yaml("""
            cp "$ETL_INPUT_ORDERS" "$ETL_OUTPUT_OUT"
            printf 'name,n\n"a, b",1\nc,\n' >sub/totals.csv
            printf '{"x": 1}\n{"x": 2, "y": "z"}\n' >notes.ndjson
            """, "outputs: {out: copy.parquet, totals: sub/totals.csv, notes: {file: notes.ndjson, columns: {x: varchar}}}", """
              - {id: after, kind: transform.sql, depends_on: [prog], with: {query: "SELECT count(*) AS n FROM prog"}}
              - {id: named, kind: transform.sql, depends_on: [prog], with: {query: "SELECT name FROM \"prog.totals\" WHERE n IS NULL"}}
            """)).Succeeded();
        Assert.Equal((10L, 10L), (ran["prog"].RowsIn!.Value, ran["prog"].RowsOut!.Value));
        Assert.Equal(["10"], ran.Rows("after"));
        Assert.Equal(["c"], ran.Rows("named"));
        Assert.Equal(["1", "2"], ran.Rows("prog", "notes"));
        Assert.Equal("test/prog.totals", ran.Dataset("prog", "totals").Ref.Name);
        Assert.Equal("test/prog", ran.Dataset("prog").Ref.Name);
        Assert.Equal("test/orders", Assert.Single(ran.Dataset("prog").Inputs).Name);
        Assert.True(Programs.LeftNothing(_home));
    }

    [Theory]
    [InlineData("csv", "id\n1\n")]
    [InlineData("ndjson", "{\"id\":1}\n")]
    public void Inputs_come_in_other_formats_on_request(string format, string begins)
    {
        var ran = _home.Run(Programs.Yaml($$"""
            head -c {{begins.Length}} "$ETL_INPUT_ORDERS" >{{_home.At("seen")}}
            grep -q '"rows": 10' inputs.json && grep -q '"id": "BIGINT"' inputs.json
            """, $"inputs_as: {format}"));
        ran.Succeeded();
        Assert.Equal(begins, File.ReadAllText(_home.At("seen")));
    }

    [Fact]
    public void Other_datasets_of_a_step_are_handed_over_by_their_names()
    {
        _home.Write("in.csv", "a\n1\nx\n3\n");
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: raw, kind: extract.csv, with: {path: in.csv, header: true, columns: {a: integer}, rejects_max: 5}}
              - {id: other, kind: extract.generate, with: {rows: 4, columns: {id: {generator: sequence}}}}
              - id: prog
                kind: process
                depends_on: [raw, other]
                with: {program: sh, args: [-c, "cat $ETL_INPUT_RAW_REJECTS $ETL_INPUT_OTHER | wc -l"], inputs: raw.rejects, inputs_as: ndjson}
            """).Succeeded();
        Assert.Equal(["5"], ran.Rows("prog", "log", "SELECT text FROM ({0})"));
        Assert.Equal(5, ran["prog"].RowsIn);
    }

    [Fact]
    public void Values_come_from_a_file_or_a_line_and_are_held_to_their_types()
    {
        const string after = "  - {id: told, kind: transform.sql, depends_on: [orders, prog], with: {inputs: x}}";
        const string file = """echo '{"day": "2026-01-31", "n": 3, "more": [1, {"a": null}]}' >values.json""";
        const string line = """echo 'ETL_VALUES {"day": "2026-01-31", "n": 1}'; echo 'ETL_VALUES {"day": "2026-01-31", "n": 3}'""";
        foreach (var script in (string[])[file, line])
        {
            var ran = _home.Run(Programs.Yaml(script, "values: {day: date, n: integer}",
                after.Replace("inputs: x", "query: \"SELECT {{ steps.prog.values.n }} + 1 AS n FROM orders LIMIT 1\""))).Succeeded();
            Assert.Equal(["4"], ran.Rows("told"));
            Assert.Equal("0", ran.Value("prog", "exit_code"));
        }

        Assert.Equal(StepCodes.ValuesInvalid, Programs.Fails("echo 'ETL_VALUES {\"n\": \"3\"}'", "values: {n: integer}").Code);
        Assert.Equal(StepCodes.ValuesInvalid, Programs.Fails("echo 'ETL_VALUES {\"m\": 3}'", "values: {n: integer}").Code);
        Assert.Equal(StepCodes.ValuesInvalid, Programs.Fails("echo '[1' >values.json").Code);
        Assert.Equal(StepCodes.ValuesInvalid, Programs.Fails("""echo '{"n": "\ud800"}' >values.json""").Code);
        Assert.Equal(StepCodes.ValuesInvalid, Programs.Fails("""echo '{"n": 1e999}' >values.json""").Code);
        Assert.Equal(StepCodes.ValuesInvalid, Programs.Fails("head -c 70000 /dev/zero >values.json").Code);
    }

    [Theory]
    [InlineData("env: {SHELLOPTS: xtrace}", "with.env.SHELLOPTS")]
    [InlineData("env: {BASH_ENV: ./x}", "with.env.BASH_ENV")]
    [InlineData("env: {LD_PRELOAD: ./x.so}", "with.env.LD_PRELOAD")]
    [InlineData("grace: 30d", "with.grace")]
    public void What_would_run_something_else_or_never_end_is_refused(string field, string path)
    {
        var fault = Programs.Fails("true", field);
        Assert.Equal((FaultKind.Invalid, StepCodes.FieldInvalid, path), (fault.Kind, fault.Code, fault.Path));
    }

    [Fact]
    public void What_it_prints_is_a_dataset_with_its_beginning_and_its_end()
    {
        var ran = _home.Run(Programs.Yaml("""
            echo one
            i=0; while [ $i -lt 2000 ]; do echo line$i; i=$((i+1)); done
            printf 'bad \377 utf, \033[31mred\r\n'
            printf 'no end'
            """, "output_max: 4KiB")).Succeeded();
        const string all = "SELECT stream || ' ' || text FROM ({0}) ORDER BY line";
        var rows = ran.Rows("prog", "log", all);
        Assert.Equal("stdout one", rows[0]);
        Assert.Contains(rows, row => row.StartsWith("etl … ") && row.EndsWith(" are left out …"));
        Assert.Contains("stdout line1999", rows);
        Assert.DoesNotContain("stdout line1000", rows);
        Assert.Contains("stdout bad \ufffd utf, ␛[31mred", rows);
        Assert.Equal("stdout no end", rows[^1]);
        Assert.True(rows.Sum(row => row.Length) < 4096);
        var both = _home.Run(Programs.Yaml("echo one; echo two >&2")).Succeeded().Rows("prog", "log", all);
        Assert.Equal(["stderr two", "stdout one"], both.Order(StringComparer.Ordinal));
        Assert.Equal(["BIGINT", "VARCHAR", "TIMESTAMP", "VARCHAR"], ran.Dataset("prog", "log").Columns.Select(column => column.Type));
    }

    [Fact]
    public void A_program_that_only_works_needs_no_output_and_no_input()
    {
        var ran = _home.Run("""
            pipeline: test
            steps:
              - {id: alone, kind: process, with: {program: sh, args: [-c, "exit 3"], success_codes: [0, 3]}}
              - {id: after, kind: flow.noop, depends_on: [alone], when: "{{ steps.alone.values.exit_code == 3 }}"}
            """).Succeeded();
        Assert.Equal(StepStatus.Succeeded, ran["after"].Status);
    }

    [Theory]
    [InlineData("ln -s /etc/passwd out.csv", "is a link")]
    [InlineData("rmdir sub; ln -s /etc sub", "is a link", "sub/passwd.csv")]
    [InlineData("d=$PWD; cd ..; mv work gone; ln -s /etc work; cd /; rm -rf $d/../gone", "is a link", "passwd.csv")]
    [InlineData("d=$PWD; cd ..; rm -rf work", "did not write 'out.csv' (it left: none)")]
    [InlineData("mkfifo out.csv", "no plain file")]
    [InlineData("mkdir out.csv", "is a folder")]
    [InlineData("echo x >otu.csv", "did not write 'out.csv' (it left: inputs.json, otu.csv)")]
    public void What_is_no_file_of_its_own_is_not_taken(string script, string says, string file = "out.csv")
    {
        var fault = Programs.Fails(script, $"outputs: {{out: {file}}}");
        Assert.Equal(StepCodes.ProgramOutputInvalid, fault.Code);
        Assert.Contains(says, fault.Message);
        Assert.False(fault.IsTransient);
    }

    [Theory]
    [InlineData("../out.csv")]
    [InlineData("/tmp/out.csv")]
    [InlineData("a/../../out.csv")]
    [InlineData("out.txt")]
    public void An_output_is_below_the_working_folder_and_of_a_known_format(string file) =>
        Assert.Equal((StepCodes.FieldInvalid, "with.outputs.out"),
            Programs.Fails("true", $"outputs: {{out: {file}}}") is var fault ? (fault.Code, fault.Path) : default);

    [Fact]
    public void What_cannot_be_read_fails_the_step_and_publishes_nothing()
    {
        var ran = _home.Run(Programs.Yaml(
            "echo a >good.csv; echo 1 >>good.csv; echo no parquet >bad.parquet", "outputs: {out: good.csv, bad: bad.parquet}"));
        Assert.Equal(StepCodes.ProgramOutputInvalid, ran.Fault("prog").Code);
        Assert.Contains("'bad.parquet', which the program wrote", ran.Fault("prog").Message);
        Assert.Equal(["log"], ran["prog"].Outputs.Select(output => output.Port));
    }

    [Fact]
    public void A_dataset_that_the_program_writes_to_is_noticed()
    {
        var ran = _home.Run(Programs.Yaml("""chmod u+w "$ETL_INPUT_ORDERS"; echo x >>"$ETL_INPUT_ORDERS" """));
        Assert.Equal(StepCodes.ProgramChangedInput, ran.Fault("prog").Code);
        Assert.Contains("test/orders@", ran.Fault("prog").Message);
    }

    [Fact]
    public void Names_of_outputs_are_checked_before_anything_runs()
    {
        foreach (var name in (string[])["log", "a b", "1"])
        {
            var read = Definitions.PipelineYaml.Read(Programs.Yaml("true", $"outputs: {{\"{name}\": x.csv}}"), "test.yaml", StepCatalog.Specs);
            var faulty = Assert.IsType<Engine.Plans.PlanResult.Faulty>(Engine.Plans.PlanCheck.Check(read.Spec!, StepCatalog.Specs));
            Assert.Equal(Engine.Plans.PlanCodes.WrongName, Assert.Single(faulty.Faults).Code);
        }
    }
}
