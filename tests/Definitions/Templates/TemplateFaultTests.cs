using System.Collections.Immutable;
using OrleansEtl.Definitions.Templates;

namespace OrleansEtl.Definitions.Tests.Templates;

/// <summary>Each mistake is told where it was made, in the template or where it is used, and names the other place.</summary>
public class TemplateFaultTests
{
    private const string Head = "template: t\nversion: 1\nparams: { n: { type: integer, default: 1 }, path: { type: text }, list: [a] }\nsteps:\n";
    private const string Step = "  - { id: a, kind: extract.csv, with: { path: \"{{ params.path }}\" } }\n";
    private const string Use = "pipeline: p\nuses: t@1\nwith: { path: x.csv }\n";

    [Fact]
    public void A_mistake_of_the_template_has_its_place_there_and_where_it_is_used()
    {
        var told = Told(Use, Head + Step + "  - { id: b, kind: transform.sqk, depends_on: [a] }\n");
        Assert.Equal("t0.yaml:6:20 ETL2001 (used here: use.yaml:2:7)", Assert.Single(told));
    }

    [Fact]
    public void A_value_that_does_not_fit_has_its_place_in_the_use_and_where_it_is_put()
    {
        var told = Told(Use.Replace("x.csv", "x.csv, n: 3").Replace("with:", "with:\n ") + "params: {}\n",
            Head + "  - { id: a, kind: extract.csv, with: { path: \"{{ params.path }}\", delimiter: \"{{ params.n }}\" } }\n");
        Assert.Equal("use.yaml:4:21 ETL1009 (put here: t0.yaml:5:79)", Assert.Single(told));
    }

    [Fact]
    public void A_mistake_in_each_turn_of_a_loop_is_told_once()
    {
        var told = Told(Use.Replace("x.csv", "x.csv, list: [a, b, c]"),
            Head + "  - each: { x: \"{{ params.list }}\" }\n    id: \"s_{{ each.x }}\"\n    kind: nothing\n");
        Assert.Single(told);
    }

    [Theory]
    [InlineData("pipeline: p\nuses: t@1\nwith: { paths: x }\n", "use.yaml:3:9 ETL6802")]
    [InlineData("pipeline: p\nuses: t@1\n", "use.yaml:2:7 ETL6803")]
    [InlineData("pipeline: p\nuses: t@1\nwith: { path: x, n: many }\n", "use.yaml:3:21 ETL6804")]
    [InlineData("pipeline: p\nuses: t@1\nwith: { path: \"{{ params.\" }\n", "use.yaml:3:15 ETL2009")]
    [InlineData("pipeline: p\nuses: t@1\nwith: [x]\n", "use.yaml:3:7 ETL1004")]
    [InlineData("pipeline: p\nuses: t\nwith: { path: x }\n", "use.yaml:2:7 ETL6801")]
    [InlineData("pipeline: p\nuses: t@2\nwith: { path: x }\n", "use.yaml:2:7 ETL6800")]
    [InlineData("pipeline: p\nuses: u@1\n", "use.yaml:2:7 ETL6800")]
    [InlineData("pipeline: p\nwith: { path: x }\nsteps: []\n", "use.yaml:2:1 ETL6814")]
    [InlineData("pipeline: p\nuses: t@1\nuses: t@1\nwith: { path: x }\n", "use.yaml:3:1 ETL1006")]
    [InlineData("template: t\nversion: 1\nsteps: []\n", "use.yaml:1:1 ETL6813")]
    public void A_mistake_of_the_use_has_its_place_there(string use, string expected) => Assert.Equal(expected, Assert.Single(Told(use, Head + Step)));

    [Theory]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ params.pat }}\" } }", "5:47 ETL6805")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ each.x }}\" } }", "5:47 ETL6805")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ path }}\" } }", "5:47 ETL6805")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ params.n | upper }}\" } }", "5:47 ETL2013")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ params.n\" } }", "5:47 ETL2009")]
    [InlineData("  - { if: true, id: a, kind: extract.csv, else: [], with: { path: x } }", "5:43 ETL6807")]
    [InlineData("  - { each: [a], id: a, kind: extract.csv, with: { path: x } }", "5:13 ETL6807")]
    [InlineData("  - { if: true, steps: [], id: a }", "5:28 ETL6807")]
    [InlineData("  - { each: { x: [1] }, steps: [{ each: { x: [1] }, id: a, kind: extract.csv }] }", "5:43 ETL6807")]
    public void A_template_is_held_against_itself_whatever_it_is_given(string step, string expected)
    {
        Assert.Equal([$"t0.yaml:{expected} (used here: use.yaml:2:7)"], Told(Use, Head + step + "\n"));
        Assert.Equal($"t.yaml:{expected}", One(Assert.Single(TemplateReader.Read(Head + step + "\n", "t.yaml").Diagnostics)));
    }

    [Theory]
    [InlineData("template: t\nsteps: []\n", "ETL1008")]
    [InlineData("template: t\nversion: 0\nsteps: []\n", "ETL1009")]
    [InlineData("template: 1a\nversion: 1\nsteps: []\n", "ETL1010")]
    [InlineData("template: t\nversion: 1\n", "ETL1008")]
    [InlineData("template: t\nversion: 1\nstages: []\n", "ETL1007")]
    [InlineData("template: t\nversion: 1\nparams: { n: { type: integer, default: x } }\nsteps: []\n", "ETL2016")]
    [InlineData("template: t\nversion: 1\nparams: { n: \"{{ params.m }}\" }\nsteps: []\n", "ETL2016")]
    [InlineData("template: t\nversion: 1\nwith: {}\nsteps: []\n", "ETL6814")]
    [InlineData("[]", "ETL1004")]
    [InlineData("", "ETL1003")]
    public void The_head_of_a_template_is_checked(string text, string code) =>
        Assert.Equal(code, Assert.Single(TemplateReader.Read(text, "t.yaml").Diagnostics).Code);

    [Theory]
    [InlineData("  - { if: \"{{ params.path }}\", id: a, kind: extract.csv }", "{ path: x }", "ETL6807")]
    [InlineData("  - { if: \"{{ params.path }}\", id: a, kind: extract.csv }", "{ path: \"{{ run.id }}\" }", "ETL6806")]
    [InlineData("  - { each: { x: \"{{ params.path }}\" }, id: a, kind: extract.csv }", "{ path: x }", "ETL6807")]
    [InlineData("  - { each: { x: \"{{ params.path }}\" }, id: a, kind: extract.csv }", "{ path: \"{{ run.id }}\" }", "ETL6806")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"x{{ params.list }}\" } }", "{ path: x }", "ETL6811")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ params.path | upper }}\" } }", "{ path: \"a{{ run.id }}\" }", "ETL6811")]
    [InlineData("  - { id: a, kind: transform.sql, with: { query: \"{{ params.path }}\" } }", "{ path: x }", "ETL6811")]
    [InlineData("  - { id: a, kind: transform.sql, with: { query: \"{{ params.path | sql }}\" } }", "{ path: \"{{ run.id }}\" }", "ETL6806")]
    [InlineData("  - { id: a, kind: transform.sql, with: { query: \"SELECT '{{ params.path }}'\" } }", "{ path: x }", "ETL2014")]
    [InlineData("  - { id: a, kind: extract.csv, with: { path: \"{{ 1 / (params.n - 1) }}\" } }", "{ path: x }", "ETL2023")]
    public void What_cannot_be_made_of_the_values_is_told_in_the_template(string step, string with, string code)
    {
        var told = Assert.Single(TemplateTests.Check($"pipeline: p\nuses: t@1\nwith: {with}\n", Head + step + "\n").Diagnostics);
        Assert.Equal((code, "t0.yaml", 5, "used here: use.yaml:2:7"), (told.Code, told.File, told.Line, Assert.Single(told.Related).ToString()));
    }

    [Fact]
    public void Templates_do_not_go_on_for_ever()
    {
        Assert.Equal(["t0.yaml:3:7 ETL6809 (used here: t1.yaml:3:7) (used here: use.yaml:2:7)"],
            Told("pipeline: p\nuses: b@1\n", "template: a\nversion: 1\nuses: b@1\n", "template: b\nversion: 1\nuses: a@1\n"));
        var many = Enumerable.Range(1, 10).Select(i => $"template: t\nversion: {i}\nuses: t@{i + 1}\n").ToArray();
        Assert.Contains("ETL6808", Assert.Single(Told("pipeline: p\nuses: t@1\n", many)));
        var thousand = $"[{string.Join(",", Enumerable.Range(0, 1000))}]";
        Assert.Contains("ETL6808", Assert.Single(Told("pipeline: p\nuses: t@1\n", $$$"""
            template: t
            version: 1
            params: { many: {{{thousand}}} }
            steps:
              - each: { a: "{{ params.many }}" }
                steps: [{ each: { b: "{{ params.many }}" }, id: "s{{ each.a }}_{{ each.b }}", kind: extract.csv, with: { path: x } }]
            """)));
        Assert.Contains("ETL6808", Assert.Single(Told("pipeline: p\nuses: t@1\n", $$$"""
            template: t
            version: 1
            params: { many: {{{thousand}}} }
            steps:
              - { id: a, kind: extract.csv, with: { path: { each: { a: "{{ params.many }}" }, value: "{{ params.many }}" } } }
            """)));
        var laughs = "{ a: &a [1,1,1,1,1,1,1,1,1,1], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a], c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b], "
            + "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c], e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d], list: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e] }";
        Assert.Contains("ETL1015", Assert.Single(Told($"pipeline: p\nuses: t@1\nwith: {laughs}\n", Head + Step)));
        Assert.Contains("ETL1015", Assert.Single(Told(Use, $"template: t\nversion: 1\nparams: {laughs}\nsteps: []\n")));
        var deep = string.Concat(Enumerable.Range(0, 12).Select(_ => "[{ if: true, steps: ")) + "[]" + string.Concat(Enumerable.Range(0, 12).Select(_ => "}]"));
        Assert.Contains("ETL6808", Assert.Single(Told("pipeline: p\nuses: t@1\n", $"template: t\nversion: 1\nsteps: {deep}\n")));
    }

    [Fact]
    public void Two_files_of_one_version_are_a_fault_of_who_uses_it() =>
        Assert.Equal(["use.yaml:2:7 ETL6810"], Told(Use, Head + Step, Head + Step));

    [Fact]
    public void Filters_that_write_sql_are_not_for_pipelines() => Assert.Equal(
        ["ETL6815", "ETL6815"],
        Files.Steps("id: a, kind: extract.csv, with: { path: x }",
            "id: b, kind: transform.sql, depends_on: [a], with: { query: \"SELECT {{ params.name | identifier }} FROM {{ params.name | sql }}\" }")
            .Diagnostics.Select(one => one.Code).Concat(
        Files.Steps("id: a, kind: extract.csv, with: { path: \"{{ params.name | sql }}\" }").Diagnostics.Select(one => one.Code)).Take(2));

    [Fact]
    public void The_line_of_the_template_is_shown()
    {
        var check = TemplateTests.Check(Use, Head + Step + "  - { id: b, kind: transform.sqk, depends_on: [a] }\n");
        Assert.Contains("""
             --> t0.yaml:6:20
              |
            6 |   - { id: b, kind: transform.sqk, depends_on: [a] }
              |                    ^^^^^^^^^^^^^ did you mean `transform.sql`?
              = used here: use.yaml:2:7
            """, DiagnosticText.Render(check.Diagnostics, check.Text));
    }

    private static ImmutableArray<string> Told(string use, params string[] templates) => [.. TemplateTests.Check(use, templates).Diagnostics.Select(One)];

    private static string One(Diagnostic one) => $"{one.File}:{one.Line}:{one.Column} {one.Code}{string.Concat(one.Related.Select(place => $" ({place})"))}";
}
