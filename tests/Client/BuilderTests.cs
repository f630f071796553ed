using System.Runtime.CompilerServices;
using OrleansEtl.Definitions;
using OrleansEtl.Steps;

namespace OrleansEtl.Client.Tests;

public class BuilderTests
{
    private static readonly KindCatalog Kinds = StepCatalog.Specs;

    [Fact]
    public void The_builder_makes_the_spec_that_YAML_makes()
    {
        var built = Pipeline.Named("orders").Described("Orders of a day").LimitedBy("nightly")
            .Param("day", new DateOnly(2026, 1, 31))
            .Param("full", ValueType.Flag, "Everything")
            .RetryAll(RetrySpec.Default with { Max = 1 })
            .From("customers", Csv.At("in/customers.csv")).Retry(RetrySpec.Default.For("exhausted", 9).For("not_found", 5, initial: TimeSpan.FromMinutes(1)))
            .From("raw", Csv.At("in/{{ params.day }}.csv", "in/late.csv").With(new { header = true, rejects_max = 10 })).Retry(5).Takes("db").Takes("api", 2)
            .Then("clean", Nulls.Drop("id"))
            .Then("joined", Join.Left("customers", "customer_id")).Timeout(TimeSpan.FromMinutes(5))
            .Expect("sane", Check.Column("id").Unique().Warns())
            .To("out", Parquet.At("out/orders.parquet")).Materialized()
            .Step("alarm", "load.json", new { path = "failed.json" }).After("joined").When("on_failure")
            .Build(Kinds);
        var read = PipelineYaml.Read("""
            pipeline: orders
            description: Orders of a day
            params:
              day: 2026-01-31
              full: { type: flag, required: true, description: Everything }
            retry: 1
            limits: [nightly]
            steps:
              - id: customers
                kind: extract.csv
                with: { path: in/customers.csv }
                retry: { on: { exhausted: 9, not_found: { max: 5, initial: 1m } } }
              - id: raw
                kind: extract.csv
                with: { path: ["in/{{ params.day }}.csv", in/late.csv], header: true, rejects_max: 10 }
                retry: 5
                limits: { db: 1, api: 2 }
              - { id: clean, kind: transform.clean_nulls, depends_on: [raw], with: { method: drop, columns: [id] } }
              - id: joined
                kind: transform.join
                depends_on: [clean, customers]
                with: { how: left, on: [customer_id], right: customers }
                timeout: 5m
              - { id: sane, kind: check.unique, depends_on: [joined], with: { columns: [id], severity: warn } }
              - { id: out, kind: load.parquet, depends_on: [sane], with: { path: out/orders.parquet }, materialize: true }
              - { id: alarm, kind: load.json, depends_on: [joined], with: { path: failed.json }, when: on_failure }
            """, "orders.yaml", Kinds);
        Assert.Empty(read.Diagnostics);
        Assert.Equal(read.Spec!.ToValue().ToJson(), built.ToValue().ToJson());
        Assert.Equal(read.Spec.Version(), built.Version());
    }

    public static TheoryData<string, PipelineBuilder> Conveniences()
    {
        var start = Pipeline.Named("p").From("other", Csv.At("o.csv"))
            .From("raw", Generate.Rows(10, new { id = new { generator = "sequence" }, x = new { generator = "normal" } }));
        return new TheoryData<string, PipelineBuilder>
        {
            { "json", start.From("j", Json.At("a.json")).To("out", Json.At("b.json")) },
            { "parquet", start.From("q", Parquet.At("a.parquet", "b/*.parquet")).To("out", Parquet.Dataset("marts/q")) },
            { "csv", start.To("out", Csv.At("b.csv")) },
            { "sql", start.Then("t", Sql.Of("select * from raw join other using (id)", "other")) },
            { "values", start.Then("t", Sql.Values("select max(id) as top from raw", new { top = ValueType.Integer })) },
            { "columns", start.Then("t", Select.Columns("id")) },
            { "rename", start.Then("t", Select.Rename(new { id = "key" }).With(new { cast = new { key = "bigint" } })) },
            { "cast", start.Then("t", Select.Cast(new { id = "decimal(18,4)" })) },
            { "derive", start.Then("t", Select.Derive(new { twice = "id * 2" })) },
            { "without", start.Then("t", Select.Without("x")) },
            { "where", start.Then("t", Select.Where("id > 3")) },
            { "nulls", start.Then("a", Nulls.Drop()).Then("b", Nulls.Mean("x")).Then("c", Nulls.Value(0, "x"))
                .Then("d", Nulls.Forward("id", "x")) },
            { "outliers", start.Then("a", Outliers.Drop("x")).Then("b", Outliers.Cap("x"))
                .Then("c", Outliers.Flag("x").With(new { method = "zscore" })) },
            { "join", start.Then("a", Join.Inner("other", "id")).Then("b", Join.Anti("other", "id")) },
            { "aggregate", start.Then("t",
                Aggregate.By("id", new { total = "sum(x)", middle = new { function = "median", column = "x" } })) },
            { "all", start.Then("t", Aggregate.All(new { n = "count(*)" })) },
            { "deduplicate", start.Then("a", Deduplicate.KeepFirst("x", "id")).Then("b", Deduplicate.Rows()) },
            { "checks", start.Expect("a", Check.Columns("id", "x").NotNull()).Expect("b", Check.Column("x").Between(0, null).Tolerating(3))
                .Expect("c", Check.Column("x").In(1, 2.5, "three")).Expect("d", Check.Column("x").Matches("a.*"))
                .Expect("e", Check.Rows(min: 1))
                .Expect("f", Check.Sql("select * from input where id < 0")) },
        };
    }

    [Theory, MemberData(nameof(Conveniences), DisableDiscoveryEnumeration = true)]
    public void Every_convenience_makes_steps_that_the_catalogue_knows(string name, PipelineBuilder pipeline)
    {
        var spec = pipeline.Build(Kinds);
        var read = PipelineYaml.Read(PipelineYaml.Write(spec), name, Kinds);
        Assert.Equal(spec.ToValue(), read.Spec!.ToValue());
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_the_line_that_said_it()
    {
        var first = Here();
        var builder = Pipeline.Named("bad name")
            .Step("a", "extract.csw", new { path = "x" })
            .From("b", Csv.At("x").With(new { heder = true }))
            .Then("b", Select.Where("true")).After("zzz");
        var thrown = Assert.Throws<PipelineException>(() => builder.Build(Kinds));
        Assert.Equal(
            [("ETL1010", 1), ("ETL2001", 2), ("ETL1007", 3), ("ETL2002", 4), ("ETL2003", 4)],
            thrown.Diagnostics.Select(d => (d.Code, d.Line - first)));
        Assert.All(thrown.Diagnostics, d => Assert.EndsWith("BuilderTests.cs", d.File));
        Assert.Contains("Did you mean `header`?", thrown.Message);
    }

    [Fact]
    public void A_beginning_can_be_continued_in_several_ways()
    {
        var start = Pipeline.Named("p").From("raw", Csv.At("x"));
        var (one, two) = (start.Then("a", Select.Where("true")), start.Then("b", Select.Where("false")));
        Assert.Equal(["raw"], start.ToSpec().Steps.Select(s => s.Id.Value));
        Assert.Equal(["raw", "a"], one.ToSpec().Steps.Select(s => s.Id.Value));
        Assert.Equal(["raw", "b"], two.ToSpec().Steps.Select(s => s.Id.Value));
        Assert.Equal(["a"], one.Then("c", Select.Where("1")).ToSpec().Steps[2].DependsOn.Select(d => d.Value));
        Assert.Equal(["raw"], one.On("raw").Then("c", Select.Where("1")).ToSpec().Steps[2].DependsOn.Select(d => d.Value));
    }

    [Fact]
    public void Values_of_a_program_become_values_of_the_spec()
    {
        Assert.Equal(
            """{"a":1,"b":2.5,"c":"x","d":true,"e":"2026-01-31","f":"2026-01-31T10:00:00Z",""" +
            "\"g\":\"90s\",\"h\":[\"x\",null],\"i\":{\"k\":[1]},\"j\":\"monday\"}",
            SpecValues.From(new
            {
                a = (short)1, b = 2.5m, c = "x", d = true, e = new DateOnly(2026, 1, 31),
                f = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(2)), g = TimeSpan.FromSeconds(90),
                h = new[] { "x", null }, i = new Dictionary<string, int[]> { ["k"] = [1] }, j = DayOfWeek.Monday,
            }).ToJson());
        Assert.Throws<ArgumentException>(() => SpecValues.From(double.NaN));
        Assert.Throws<ArgumentException>(() => SpecValues.From(new object()));
        Assert.Throws<ArgumentException>(() => SpecValues.From(new Circle()));
        Assert.Throws<ArgumentException>(() => SpecValues.Fields("text"));
    }

    [Fact]
    public void A_step_for_each_item_is_the_one_that_YAML_makes()
    {
        var built = Pipeline.Named("many")
            .From("list", Csv.At("list.csv"))
            .Step("load", "extract.csv", new { path = "{{ item.path }}" }).After("list").ForEach(Each.Row("list").AtOnce(4).ToleratingPercent(5))
            .Step("done", "flow.noop").After("load").ForEach(Each.Item(new object[] { "a", 2 }).Continuing())
            .Step("parts", "flow.noop").After("list").ForEach(Each.Partition("list", "country", "day"))
            .Step("days", "flow.noop").ForEach(Each.Part("2026-01-01", "2026-02-01", "1d", "Europe/Berlin"))
            .Build(Kinds);
        var read = PipelineYaml.Read("""
            pipeline: many
            steps:
              - { id: list, kind: extract.csv, with: { path: list.csv } }
              - id: load
                kind: extract.csv
                depends_on: [list]
                for_each: { dataset: list, concurrency: 4, on_item_failure: { tolerate: 5% } }
                with: { path: "{{ item.path }}" }
              - id: done
                kind: flow.noop
                depends_on: [load]
                for_each: { items: [a, 2], on_item_failure: continue }
              - { id: parts, kind: flow.noop, depends_on: [list], for_each: { partitions: { dataset: list, by: [country, day] } } }
              - id: days
                kind: flow.noop
                for_each: { partitions: { from: 2026-01-01, to: 2026-02-01, every: 1d, time_zone: Europe/Berlin } }
            """, "t", Kinds);
        Assert.Equal(read.Spec!.ToValue(), built.ToValue());
    }

    [Fact]
    public void Alerts_are_said_with_the_builder_as_in_a_file()
    {
        var built = Pipeline.Named("told").Step("a", "flow.noop")
            .Alert(new AlertRule(AlertOn.Failed, ["ops"], Resolved: true))
            .Alert(new AlertRule(AlertOn.Late, ["ops"], After: TimeSpan.FromHours(2), From: LateFrom.Due))
            .Build(Kinds);
        var read = PipelineYaml.Read("""
            pipeline: told
            alerts:
              - { on: failed, to: [ops], resolved: true }
              - { on: late, to: ops, after: 2h, from: due }
            steps: [{ id: a, kind: flow.noop }]
            """, "t", Kinds);
        Assert.Equal(read.Spec!.ToValue(), built.ToValue());
    }

    private sealed class Circle
    {
        public Circle Self => this;
    }

    private static int Here([CallerLineNumber] int line = 0) => line;
}
