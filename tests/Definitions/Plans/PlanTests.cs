using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions.Tests.Plans;

public class PlanTests
{
    private static Plan Plan(params string[] steps)
    {
        var check = Files.Steps(steps);
        Assert.True(check.Plan is not null, string.Join('\n', check.Diagnostics));
        return check.Plan!;
    }

    private static string StagesOf(Plan plan) =>
        string.Join(" | ", plan.Stages.Select(s => string.Join(' ', s.Steps.Select(i => plan.Steps[i].Spec.Id.Value))));

    private const string Raw = "id: raw, kind: extract.csv, with: { path: x }";

    private static string Select(string id, string needs, string more = "") =>
        $"id: {id}, kind: transform.select, depends_on: [{needs}]{(more == "" ? "" : ", " + more)}";

    [Fact]
    public void A_chain_of_SQL_steps_is_one_stage() => Assert.Equal(
        "raw a b out",
        StagesOf(Plan(Raw, Select("a", "raw"), Select("b", "a"), "id: out, kind: load.parquet, depends_on: [b], with: { path: y }")));

    [Theory]
    [InlineData("when: always")]
    [InlineData("when: '{{ params.n > 1 }}'")]
    [InlineData("retry: 7")]
    [InlineData("timeout: 5m")]
    [InlineData("limits: [db]")]
    [InlineData("with: { filter: 'a > {{ steps.raw.values.rows_out }}' }")]
    public void A_step_that_asks_for_something_of_its_own_begins_a_stage(string own) =>
        Assert.Equal("raw | a", StagesOf(Plan(Raw, Select("a", "raw", own))));

    [Fact]
    public void A_step_that_says_nothing_is_tried_again_as_the_pipeline_says()
    {
        var check = Files.Check("pipeline: p\nretry: { max: 9, on: { exhausted: 0 } }\nsteps:\n"
            + $"  - {{ {Raw} }}\n  - {{ {Select("a", "raw", "retry: 2")} }}\n  - {{ {Select("b", "raw", "retry: { max: 9, on: { exhausted: 0 } }")} }}\n");
        Assert.Equal([9, 2, 9], check.Plan!.Stages.Select(stage => stage.Retry.Max));
        Assert.Equal(check.Plan.Stages[0].Retry, check.Plan.Stages[2].Retry);
    }

    [Theory]
    [InlineData("retry: { on: { exausted: 2 } }", "steps[0].retry.on.exausted", "exhausted")]
    [InlineData("retry: { on: { cancelled: 2 } }", "steps[0].retry.on.cancelled", "A rule is for one of")]
    [InlineData("for_each: { range: 3 }, retry: { on: { unavailable: 5 } }", "steps[0].retry.on", "Leave `on` out")]
    [InlineData("retry: { on: { unavailable: 101 } }", "steps[0].retry.on.unavailable.max", null)]
    [InlineData("retry: { on: { ETL4301: { max_delay: 2d } } }", "steps[0].retry.on.ETL4301.max_delay", null)]
    public void A_rule_that_cannot_be_is_named(string retry, string path, string? help)
    {
        var found = Assert.Single(Files.Steps(Raw + ", " + retry).Diagnostics);
        Assert.Equal(path, found.Path);
        Assert.Contains(help ?? "", found.Help ?? "");
    }

    [Theory]
    [InlineData("when: on_success")]
    [InlineData("materialize: true")]
    [InlineData("with: { filter: 'a > {{ params.n }}' }")]
    public void Others_join(string own) => Assert.Equal("raw a", StagesOf(Plan(Raw, Select("a", "raw", own))));

    [Fact]
    public void Retries_and_timeouts_that_do_not_differ_do_not_part_a_chain() => Assert.Equal(
        "raw a", StagesOf(Plan(Raw + ", retry: 7, timeout: 5m", Select("a", "raw", "retry: 7, timeout: 5m"))));

    [Fact]
    public void Steps_that_take_the_same_limits_share_a_stage() => Assert.Equal(
        "raw a | b", StagesOf(Plan(Raw + ", limits: { db: 2 }", Select("a", "raw", "limits: { db: 2 }"), Select("b", "a", "limits: { db: 3 }"))));

    [Theory]
    [InlineData("limits: 5", "ETL1009")]
    [InlineData("limits: [3]", "ETL1009")]
    [InlineData("limits: { db: many }", "ETL1009")]
    [InlineData("limits: [a/b]", "ETL1010")]
    [InlineData("limits: { db: 0 }", "ETL6310")]
    [InlineData("limits: [db, db]", "ETL6310")]
    [InlineData("limits: [a, b, c, d, e, f, g, h, i, j, k]", "ETL1015")]
    public void Limits_that_are_written_wrongly_are_found(string limits, string code)
    {
        Assert.Equal([code], Files.Steps(Raw + ", " + limits).Diagnostics.Select(one => one.Code).Distinct());
        Assert.Equal([code], Files.Check($"pipeline: test\n{limits}\nsteps:\n  - {{ {Raw} }}\n").Diagnostics.Select(one => one.Code).Distinct());
    }

    [Fact]
    public void A_dataset_that_two_read_ends_its_stage() =>
        Assert.Equal("raw | a | b", StagesOf(Plan(Raw, Select("a", "raw"), Select("b", "raw"))));

    [Fact]
    public void A_step_that_is_to_be_materialised_ends_its_stage() =>
        Assert.Equal("raw | a b", StagesOf(Plan(Raw + ", materialize: true", Select("a", "raw"), Select("b", "a"))));

    [Fact]
    public void Steps_of_one_stage_have_one_rule_for_using_results_again()
    {
        var plan = Plan(Raw + ", reuse: 7d", Select("a", "raw", "reuse: 7d"), Select("b", "a", "reuse: 1d"), Select("c", "b"));
        Assert.Equal("raw a | b | c", StagesOf(plan));
        Assert.Equal([TimeSpan.FromDays(7), TimeSpan.FromDays(1), null], plan.Stages.Select(stage => stage.Reuse));
    }

    [Fact]
    public void What_the_pipeline_says_of_reuse_is_about_kinds_that_allow_it_and_steps_that_say_nothing()
    {
        var check = Files.Whole("reuse: 7d", Raw, Select("a", "raw", "reuse: off"), "id: out, kind: load.parquet, depends_on: [a], with: { path: y }");
        Assert.Equal("raw | a out", StagesOf(check.Plan!));
        Assert.Equal([TimeSpan.FromDays(7), null], check.Plan!.Stages.Select(stage => stage.Reuse));
    }

    [Fact]
    public void A_step_whose_kind_is_not_pure_cannot_ask_for_it()
    {
        var fault = Assert.Single(Files.Steps(Raw, "id: out, kind: load.parquet, depends_on: [raw], with: { path: y }, reuse: 7d").Diagnostics);
        Assert.Equal("ETL6500", fault.Code);
    }

    [Fact]
    public void A_step_that_runs_for_each_item_is_not_used_again()
    {
        const string mapped = "id: m, kind: transform.select, depends_on: [raw], with: { columns: [a] }, for_each: { items: [1, 2] }";
        var check = Files.Whole("reuse: 7d", Raw, mapped);
        Assert.Equal([TimeSpan.FromDays(7), null], check.Plan!.Stages.Select(stage => stage.Reuse));
        Assert.Equal("ETL6500", Assert.Single(Files.Steps(Raw, mapped + ", reuse: 7d").Diagnostics).Code);
    }

    [Fact]
    public void A_step_that_reads_rejects_begins_a_stage() => Assert.Equal(
        "raw | sql",
        StagesOf(Plan(Raw, "id: sql, kind: transform.sql, depends_on: [raw], with: { query: 'select 1 from \"raw.rejects\"' }")));

    [Fact]
    public void Only_the_ends_of_stages_and_what_is_asked_for_are_published()
    {
        var plan = Plan(Raw, Select("a", "raw"), Select("b", "a"),
            "id: out, kind: load.parquet, depends_on: [b], with: { path: y }, retry: 9");
        Assert.Equal([false, false, true, false], plan.Steps.Select(s => s.Published));
    }

    [Fact]
    public void Inputs_are_bound_by_name_and_port()
    {
        var plan = Plan(Raw, "id: r2, kind: extract.csv, with: { path: y }",
            "id: join, kind: transform.join, depends_on: [raw, r2], with: { on: [id], right: raw.rejects }",
            "id: sql, kind: transform.sql, depends_on: [raw, join], with: { query: 'select * from raw join \"raw.rejects\"' }",
            "id: save, kind: load.parquet, depends_on: [join, sql], with: { path: z, input: sql }",
            "id: gen, kind: extract.generate, depends_on: [save], with: { rows: 3 }");
        Assert.Equal("raw.rejects=0.rejects r2=1.out", Inputs(plan, 2));
        Assert.Equal("raw=0.out join=2.out raw.rejects=0.rejects", Inputs(plan, 3));
        Assert.Equal("sql=3.out", Inputs(plan, 4));
        Assert.Equal("", Inputs(plan, 5));

        static string Inputs(Plan plan, int step) => string.Join(' ', plan.Steps[step].Inputs.Select(i => $"{i.Name}={i.Step}.{i.Port}"));
    }

    [Fact]
    public void A_dependency_whose_values_are_used_is_not_taken_for_an_input()
    {
        var plan = Plan(Raw, "id: count, kind: check.row_count, depends_on: [raw]",
            Select("a", "raw, count", "when: '{{ steps.count.values.passed }}'"));
        Assert.Equal("raw", Assert.Single(plan.Steps[2].Inputs).Name);
        Assert.Equal(new StepCondition.If("steps.count.values.passed"), plan.Steps[2].Condition);
    }

    [Fact]
    public void Values_that_a_step_declares_have_the_declared_type()
    {
        const string values = "id: v, kind: check.values, with: { query: 'select 1', values: { top: integer, who: text } }";
        Assert.NotNull(Plan(values, Rows("top")));
        Assert.Equal(PlanCodes.TypesDiffer, Code(values, Rows("who")));
        Assert.Equal(PlanCodes.UnknownValue, Code(values, Rows("tip")));

        static string Rows(string value) =>
            $"id: g, kind: extract.generate, depends_on: [v], with: {{ rows: '{{{{ steps.v.values.{value} }}}}' }}";
    }

    [Fact]
    public void Values_may_come_from_far_above_but_not_from_beside()
    {
        Assert.NotNull(Plan(Raw, Select("a", "raw"), Select("b", "a", "with: { filter: 'x < {{ steps.raw.values.rows_out }}' }")));
        Assert.Equal(PlanCodes.NotADependency, Code(
            Raw, Select("a", "raw"), Select("b", "raw", "with: { filter: 'x < {{ steps.a.values.rows_out }}' }")));
        Assert.Equal(PlanCodes.NotADependency, Code(Raw, Select("a", "raw", "with: { filter: 'x < {{ steps.a.values.rows_out }}' }")));
    }

    [Fact]
    public void What_follows_from_another_fault_is_not_told() => Assert.Equal(
        PlanCodes.UnknownKind,
        Code("id: x, kind: nonsense.thing", Select("a", "x", "with: { filter: 'q < {{ steps.x.values.anything }}' }")));

    [Fact]
    public void Paths_of_SQL_with_templates_are_kept()
    {
        var plan = Plan(Raw, Select("a", "raw", "with: { filter: 'x < {{ params.n }}', derive: { y: 'z', 'q r': '{{ params.n }}' } }"));
        Assert.Equal(["filter", "derive[\"q r\"]"], plan.Steps[1].SqlPaths);
    }

    [Fact]
    public void No_more_than_fifty_faults_are_shown()
    {
        var check = PlanCheck.Check(new PipelineSpec("p", null, [],
            [.. Enumerable.Range(0, 10_000).Select(i =>
                new StepSpec(new StepId($"s{i}"), "none", [new StepId("step" + i)], SpecValue.Map.Empty))]),
            SmallCatalog.Kinds);
        var faulty = Assert.IsType<PlanResult.Faulty>(check);
        Assert.Equal(50, faulty.Faults.Length);
        Assert.True(faulty.NotShown > 0);
    }

    [Fact]
    public void Stages_part_the_steps_and_every_stage_comes_after_those_that_it_needs()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var spec = new Chance(seed).Graph(1 + seed % 30);
            var plan = Assert.IsType<PlanResult.Checked>(PlanCheck.Check(spec, SmallCatalog.Kinds)).Plan;
            Assert.Equal(Enumerable.Range(0, spec.Steps.Length), plan.Stages.SelectMany(s => s.Steps).Order());
            foreach (var stage in plan.Stages)
            {
                Assert.Equal(stage, plan.Stages[stage.Index]);
                Assert.All(stage.Needs, need => Assert.True(need < stage.Index));
                Assert.All(stage.Needs, need => Assert.Contains(stage.Index, plan.Stages[need].Feeds));
                Assert.All(stage.Feeds, fed => Assert.Contains(stage.Index, plan.Stages[fed].Needs));
                Assert.All(stage.Steps, s => Assert.Equal(stage.Index, plan.Steps[s].Stage));
                foreach (var (before, after) in stage.Steps.Zip(stage.Steps.Skip(1)))
                {
                    Assert.Equal([before], plan.Steps[after].DependsOn);
                    Assert.Equal([after], plan.Steps[before].Dependants);
                    Assert.False(plan.Steps[before].Published);
                }
                var needed = plan.Steps[stage.Steps[0]].DependsOn.Select(d => plan.Steps[d].Stage).Distinct().Order();
                Assert.Equal(needed, stage.Needs);
            }
        }
    }

    [Fact]
    public void The_order_of_the_steps_decides_nothing_but_the_numbers()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var spec = new Chance(seed).Graph(12);
            var turned = spec with { Steps = [.. spec.Steps.Reverse()] };
            Assert.Equal(Groups(spec), Groups(turned));
        }

        static string Groups(PipelineSpec spec) => string.Join(" | ",
            StagesOf(((PlanResult.Checked)PlanCheck.Check(spec, SmallCatalog.Kinds)).Plan).Split(" | ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Large_pipelines_are_planned_at_once()
    {
        StepSpec Wide(int i) => new(new StepId($"s{i}"), i == 0 ? "extract.generate" : "transform.sql",
            [.. Enumerable.Range(Math.Max(0, i - 20), Math.Min(i, 20)).Select(d => new StepId($"s{d}"))],
            new SpecValue.Map(i == 0
                ? [new("rows", new SpecValue.Integer(1))]
                : [new("query", new SpecValue.Text($"select {{{{ steps.s{i / 2}.values.rows_out }}}}"))]));
        var spec = new PipelineSpec("wide", null, [], [.. Enumerable.Range(0, 5_000).Select(Wide)]);
        var took = CpuClock.Of(() => Assert.IsType<PlanResult.Checked>(PlanCheck.Check(spec, SmallCatalog.Kinds)));
        Assert.True(took < TimeSpan.FromSeconds(1.5), $"took {took}");
    }

    private static string Code(params string[] steps) => Assert.Single(Files.Steps(steps).Diagnostics).Code;
}
