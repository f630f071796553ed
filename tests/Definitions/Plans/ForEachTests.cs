using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions.Tests.Plans;

/// <summary><c>for_each</c>: what it may be, and what a step that has it reads, gives and is called.</summary>
public class ForEachTests
{
    private const string Raw = "id: raw, kind: extract.csv, with: { path: x }";

    private static string[] Faults(params string[] steps) => [.. Files.Steps(steps).Diagnostics.Select(one => one.Code)];

    private static Plan Plan(params string[] steps)
    {
        var check = Files.Steps(steps);
        Assert.True(check.Plan is not null, string.Join('\n', check.Diagnostics));
        return check.Plan!;
    }

    private static string Each(string forEach, string more = "kind: extract.csv, with: { path: '{{ item.path }}' }") =>
        $"id: each, {more}, for_each: {{ {forEach} }}";

    [Theory]
    [InlineData("items: [a, 2, { key: k }]"), InlineData("files: 'in/*.csv'"), InlineData("files: [a, b]"), InlineData("range: 10")]
    [InlineData("range: { from: 1, to: 5 }"), InlineData("range: '{{ params.n }}'"), InlineData("items: [], concurrency: 3")]
    [InlineData("range: 1, on_item_failure: continue"), InlineData("range: 1, on_item_failure: fail")]
    [InlineData("range: 1, on_item_failure: { tolerate: 3 }"), InlineData("range: 1, on_item_failure: { tolerate: 2.5% }")]
    public void All_its_forms_are_read_written_and_planned(string forEach)
    {
        var spec = Plan(Each(forEach)).Spec;
        var again = PipelineYaml.Read(PipelineYaml.Write(spec), "t", SmallCatalog.Kinds);
        Assert.True(again.Spec is not null, string.Join('\n', again.Diagnostics));
        Assert.Equal(spec.Steps[0].ForEach, again.Spec!.Steps[0].ForEach);
    }

    [Theory]
    [InlineData("concurrency: 3", "ETL1008"), InlineData("range: 3, items: []", "ETL1004"), InlineData("range: 3, concurrency: 0", "ETL1011")]
    [InlineData("range: 3, concurrency: 257", "ETL1011"), InlineData("range: -1", "ETL1009"), InlineData("items: 3", "ETL1009")]
    [InlineData("range: 3, on_item_failure: perhaps", "ETL1009"), InlineData("range: 3, on_item_failure: { tolerate: 101% }", "ETL1011")]
    [InlineData("items: '{{ params.n }}'", "ETL2013"), InlineData("items: '{{ item.x }}'", "ETL2010"), InlineData("dataset: raw", "ETL2007")]
    [InlineData("rage: 3", "ETL1007"), InlineData("range: 3, query: 'select 1', files: x", "ETL1004")]
    public void What_is_wrong_with_it_is_said(string forEach, string code)
    {
        var found = Faults(Each(forEach));
        Assert.True(found.Contains(code), $"expected {code}: {string.Join('\n', Files.Steps(Each(forEach)).Diagnostics)}");
    }

    [Fact]
    public void Nobody_speaks_of_an_item_where_there_is_none()
    {
        Assert.Contains("ETL2010", Faults("id: a, kind: extract.csv, with: { path: '{{ item.path }}' }"));
        Assert.Contains("ETL2015", Faults(Each("range: 1") + ", when: '{{ item.n > 1 }}'"));
    }

    [Fact]
    public void A_step_with_it_is_a_stage_of_its_own_and_gives_a_dataset_of_its_items()
    {
        var plan = Plan(
            Raw, "id: each, kind: transform.select, depends_on: [raw], for_each: { range: 3 }, with: { filter: 'a > {{ item }}' }",
            "id: next, kind: transform.select, depends_on: [each]",
            "id: sql, kind: transform.sql, depends_on: [each], with: { query: 'select * from \"each.items\"' }");
        Assert.Equal(4, plan.Stages.Length);
        Assert.Contains(plan.Steps[3].Inputs, input => input is { Name: "each.items", Port: "items" });
        Assert.Equal(["filter"], plan.Steps[1].SqlPaths);
    }

    [Fact]
    public void What_the_list_is_made_of_is_not_what_the_items_read()
    {
        var plan = Plan(Raw, "id: each, kind: extract.csv, depends_on: [raw], for_each: { dataset: raw }, with: { path: '{{ item.p }}' }");
        Assert.Empty(plan.Steps[1].Inputs);
        Assert.Equal(["raw"], plan.Steps[1].ItemInputs.Select(input => input.Name));
        plan = Plan(
            Raw, Raw.Replace("raw", "orders", StringComparison.Ordinal),
            "id: each, kind: transform.select, depends_on: [raw, orders], for_each: { query: 'select x from orders' }, with: { filter: 'a = {{ item.x }}' }");
        Assert.Equal(["raw"], plan.Steps[2].Inputs.Select(input => input.Name));
        Assert.Equal(["orders"], plan.Steps[2].ItemInputs.Select(input => input.Name));
    }

    [Fact]
    public void Later_steps_speak_of_how_many_items_there_were()
    {
        Assert.Empty(Faults(Each("range: 3"), "id: b, kind: extract.generate, depends_on: [each], with: { rows: '{{ steps.each.values.items_failed }}' }"));
        Assert.Contains("ETL2012", Faults(
            Each("range: 3"), "id: b, kind: extract.generate, depends_on: [each], with: { rows: '{{ steps.each.values.items_lost }}' }"));
    }
}
