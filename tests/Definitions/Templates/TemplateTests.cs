using System.Text;
using OrleansEtl.Definitions.Templates;

namespace OrleansEtl.Definitions.Tests.Templates;

/// <summary>A pipeline that uses a template is the pipeline that somebody would have written, the same each time.</summary>
public class TemplateTests
{
    private const string Tables = """
        template: tables
        version: 3
        params:
          tables: { type: list }
          folder: in
          audit: true
          day: { type: date, default: null }
        steps:
          - each: { t: "{{ params.tables }}" }
            steps:
              - id: "read_{{ each.t.name }}"
                kind: extract.csv
                with:
                  path: "{{ params.folder }}/{{ each.t.name }}.csv"
                  columns: "{{ each.t.columns }}"
                  header: { if: "{{ each.t.bare == true }}", value: false }
              - if: "{{ params.audit and each.t.name != 'raw' }}"
                id: "check_{{ each.t.name }}"
                kind: check.row_count
                depends_on: ["read_{{ each.t.name }}"]
                with: { min: "{{ each.t.columns | length }}" }
          - id: all
            kind: transform.sql
            depends_on: { each: { t: "{{ params.tables }}" }, value: "read_{{ each.t.name }}" }
            with: { query: "SELECT {{ params.folder }} AS f FROM {{ params.tables | length }} WHERE d = {{ params.day }}" }
        """;

    [Fact]
    public void Conditions_loops_and_values_become_steps()
    {
        var made = Valid("""
            pipeline: p
            params: { at: 2026-01-31 }
            uses: tables@3
            with:
              folder: O'Hara
              day: "{{ params.at }}"
              tables:
                - { name: a, columns: { id: bigint, n: text } }
                - { name: raw, columns: { id: bigint }, bare: true }
            steps:
              - { id: last, kind: check.row_count, depends_on: [all] }
            """, Tables);
        Assert.Equal("""
            pipeline: p
            params:
              at: 2026-01-31
            steps:
              - id: read_a
                kind: extract.csv
                with:
                  path: "O'Hara/a.csv"
                  columns: { id: bigint, n: text }
              - id: check_a
                kind: check.row_count
                depends_on: [read_a]
                with:
                  min: 2
              - id: read_raw
                kind: extract.csv
                with:
                  path: "O'Hara/raw.csv"
                  columns: { id: bigint }
                  header: false
              - id: all
                kind: transform.sql
                depends_on: [read_a, read_raw]
                with:
                  query: "SELECT 'O''Hara'  AS f FROM 2  WHERE d = {{ params.at }}"
              - id: last
                kind: check.row_count
                depends_on: [all]

            """, PipelineYaml.Write(made));
        Assert.Equal(["tables@3"], made.Templates!.Value.Select(used => used.ToString()));
    }

    [Fact]
    public void The_same_use_is_the_same_definition_and_comments_of_a_template_do_not_count()
    {
        const string use = "pipeline: p\nuses: tables@3\nwith: { tables: [{ name: a, columns: { id: bigint } }] }\n";
        var one = Valid(use, Tables);
        Assert.Equal(one.Version(), Valid(use, "# said better\n" + Tables).Version());
        var changed = Valid(use, Tables.Replace("audit: true", "audit: false"));
        Assert.NotEqual(one.Version(), changed.Version());
        Assert.NotEqual(one.Templates!.Value[0].Content, changed.Templates!.Value[0].Content);
        Assert.Equal(
            ["~ template: tables@3 says something else", "- step check_a (check.row_count)"], SpecDiff.Between(one, changed));
    }

    [Fact]
    public void A_template_builds_on_another_one()
    {
        const string day = """
            template: of_day
            version: 1
            params: { day: { type: date }, names: { type: list } }
            retry: 2
            uses: tables@3
            with:
              folder: "days/{{ params.day | date('yyyy/MM') }}"
              audit: false
              tables: { each: { n: "{{ params.names }}" }, value: { name: "{{ each.n }}", columns: { id: bigint } } }
            """;
        var made = Valid("pipeline: p\nuses: of_day@1\nwith: { day: 2026-01-31, names: [a, b] }\n", Tables, day);
        Assert.Equal(["read_a", "read_b", "all"], made.Steps.Select(step => step.Id.Value));
        Assert.Equal("days/2026/01/a.csv", made.Steps[0].With["path"]!.ToPlainText());
        Assert.Equal(2, made.Retry!.Max);
        Assert.Equal(["of_day@1", "tables@3"], made.Templates!.Value.Select(used => used.ToString()));
    }

    [Fact]
    public void What_only_a_run_knows_stays_an_expression()
    {
        const string template = """
            template: t
            version: 1
            params: { day, n: 2, name: x, ids: { type: list, default: [1, 2] } }
            steps:
              - id: a
                kind: extract.csv
                when: "{{ run.partition == params.name and params.n > 1 }}"
                with: { path: "{{ params.day }}/{{ params.day | date('yyyy') }}/{{ run.id }}.csv", rejects_max: "{{ params.ids | length }}" }
              - id: b
                kind: transform.select
                depends_on: [a]
                when: "{{ steps.a.values.rows_out > params.n * 10 + 1 }}"
                with: { derive: { day: "{{ params.day }}", name: "{{ params.name }}" }, filter: "n > {{ params.n }} AND d < {{ params.day }}" }
            """;
        var steps = Valid("pipeline: p\nparams: { at: 2026-01-31 }\nuses: t@1\nwith: { day: \"{{ params.at }}\" }\n", template).Steps;
        Assert.Equal("{{ params.at }}/{{ params.at | date(\"yyyy\") }}/{{ run.id }}.csv", steps[0].With["path"]!.ToPlainText());
        Assert.Equal("2", steps[0].With["rejects_max"]!.ToJson());
        Assert.Equal("{{ run.partition == \"x\" and true }}", steps[0].When);
        Assert.Equal("{{ steps.a.values.rows_out > 21 }}", steps[1].When);
        Assert.Equal("{\"day\":\"{{ params.at }}\",\"name\":\"'x'\"}", steps[1].With["derive"]!.ToJson());
        Assert.Equal("n > 2  AND d < {{ params.at }}", steps[1].With["filter"]!.ToPlainText());
    }

    [Fact]
    public void Sql_takes_values_as_literals_names_quoted_and_sql_only_when_the_template_says_so()
    {
        const string template = """
            template: t
            version: 1
            params: { columns: { type: list }, where: { type: text }, who: { type: text }, day: { type: date } }
            steps:
              - { id: a, kind: extract.csv, with: { path: x.csv } }
              - id: b
                kind: transform.sql
                depends_on: [a]
                with:
                  query: "SELECT {{ params.columns | identifier }} FROM a WHERE ({{ params.where | sql }}) AND who = {{ params.who }} AND d = {{ params.day }}"
            """;
        var made = Valid("pipeline: p\nuses: t@1\nwith: { columns: [id, 'a \"b\"'], where: n > 1, who: \"O'Hara; DROP\", day: 2026-01-31 }\n", template);
        Assert.Equal(
            "SELECT \"id\", \"a \"\"b\"\"\" FROM a WHERE (n > 1) AND who = 'O''Hara; DROP'  AND d = DATE '2026-01-31' ",
            made.Steps[1].With["query"]!.ToPlainText());
    }

    internal static PipelineSpec Valid(string use, params string[] templates)
    {
        var file = Check(use, templates);
        Assert.False(file.HasErrors, string.Join("\n", file.Diagnostics));
        return file.Spec!;
    }

    internal static CheckedPipeline Check(string use, params string[] templates)
    {
        var set = TemplateSet.Of("templates", templates.Select((text, i) => TemplateReader.Read(text, $"t{i}.yaml")));
        return PipelineFile.Check(
            PipelineYaml.Read(Encoding.UTF8.GetBytes(use), "use.yaml", SmallCatalog.Kinds, YamlBounds.Default, () => set), SmallCatalog.Kinds);
    }
}
