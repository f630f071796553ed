using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions.Tests.Plans;

/// <summary><c>for_each: { partitions: … }</c>: what it may be, what the step reads and what its items are said to have.</summary>
public class PartitionTests
{
    private const string Raw = "id: raw, kind: extract.csv, with: { path: x }";

    private static CheckedPipeline Check(string partitions, string more = "kind: transform.select, depends_on: [raw], with: { filter: \"x = 1\" }") =>
        Files.Steps(Raw, $"id: each, {more}, for_each: {{ partitions: {partitions} }}");

    private static Plan Plan(string partitions, string more = "kind: transform.select, depends_on: [raw], with: { filter: \"x = 1\" }")
    {
        var check = Check(partitions, more);
        Assert.True(check.Plan is not null, string.Join('\n', check.Diagnostics));
        return check.Plan!;
    }

    [Theory]
    [InlineData("{ dataset: raw, by: country }"), InlineData("{ dataset: raw, by: [country, day] }")]
    [InlineData("{ from: 2026-01-01, to: 2026-02-01, every: 1d }"), InlineData("{ from: '2026-01-01T06:00', to: '2026-01-02', every: 15m, time_zone: Europe/Berlin }")]
    [InlineData("{ from: '{{ run.interval.start }}', to: '{{ run.interval.end }}', every: 2 weeks }")]
    public void All_forms_are_read_written_and_planned(string partitions)
    {
        var spec = Plan(partitions).Spec;
        var again = PipelineYaml.Read(PipelineYaml.Write(spec), "t", SmallCatalog.Kinds);
        Assert.True(again.Spec is not null, string.Join('\n', again.Diagnostics));
        Assert.Equal(spec.Steps[1].ForEach, again.Spec!.Steps[1].ForEach);
    }

    [Fact]
    public void Another_column_is_another_definition_and_is_told_as_such()
    {
        var changes = SpecDiff.Between(Plan("{ dataset: raw, by: [country] }").Spec, Plan("{ dataset: raw, by: [country, day] }").Spec);
        Assert.Contains("partitions", string.Join('\n', changes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "ETL1008"), InlineData("raw", "ETL1009"), InlineData("{ dataset: raw }", "ETL1008"), InlineData("{ by: country }", "ETL1008")]
    [InlineData("{ dataset: raw, by: [] }", "ETL1009"), InlineData("{ dataset: raw, by: x, every: 1d }", "ETL1007"), InlineData("{ dataset: row, by: x }", "ETL2007")]
    [InlineData("{ dataset: raw, by: [x, X] }", "ETL4728"), InlineData("{ dataset: raw, by: Rows }", "ETL4728"), InlineData("{ dataset: raw, by: index }", "ETL4728")]
    [InlineData("{ from: 2026-01-01, to: 2026-02-01 }", "ETL1008"), InlineData("{ from: yesterday, to: 2026-02-01, every: 1d }", "ETL1009")]
    [InlineData("{ from: 2026-01-01, to: 2026-02-01, every: often }", "ETL1009"), InlineData("{ from: 2026-01-01, to: 2026-02-01, every: 0s }", "ETL4711")]
    [InlineData("{ from: 2026-01-01, to: 2026-02-01, every: 500 days }", "ETL4711"), InlineData("{ from: 2026-02-01, to: 2026-01-01, every: 1d }", "ETL4712")]
    [InlineData("{ from: 2026-01-01, to: 2026-02-01, every: 1d, time_zone: Berlin }", "ETL4710")]
    [InlineData("{ from: '{{ item.x }}', to: 2026-02-01, every: 1d }", "ETL2010")]
    public void What_is_wrong_is_said_at_its_place(string partitions, string code)
    {
        var found = Check(partitions).Diagnostics;
        var fault = found.FirstOrDefault(one => one.Code == code);
        Assert.True(fault is not null, $"expected {code}: {string.Join('\n', found)}");
        Assert.StartsWith("steps[1].for_each.partitions", fault!.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_with_a_time_is_said_at_once()
    {
        var codes = Check("{ from: soon, to: later, every: often, time_zone: Mars }").Diagnostics.Select(one => one.Code);
        Assert.Equal(["ETL1009", "ETL1009", "ETL1009", "ETL4710"], codes.Order());
    }

    [Fact]
    public void The_dataset_is_what_the_step_reads_though_it_depends_on_others_too()
    {
        var plan = Files.Steps(
            Raw, Raw.Replace("raw", "other", StringComparison.Ordinal),
            "id: one, kind: transform.select, depends_on: [other, raw], for_each: { partitions: { dataset: raw, by: x } }",
            "id: none, kind: extract.csv, depends_on: [raw], for_each: { partitions: { dataset: raw, by: x } }, with: { path: '{{ item.x }}' }",
            "id: rejects, kind: transform.select, depends_on: [raw], for_each: { partitions: { dataset: raw.rejects, by: x } }").Plan!;
        Assert.Equal(["raw"], plan.Steps[2].Inputs.Select(input => input.Name));
        Assert.Empty(plan.Steps[3].Inputs);
        Assert.Equal(["raw.rejects"], plan.Steps[4].Inputs.Select(input => input.Name));
        Assert.All(plan.Steps.Skip(2), step => Assert.Single(step.ItemInputs));
    }

    [Theory]
    [InlineData("{ dataset: raw, by: [country, day] }", "country", null), InlineData("{ dataset: raw, by: [country, day] }", "rows", null)]
    [InlineData("{ dataset: raw, by: [country, day] }", "contry", "country"), InlineData("{ dataset: raw, by: '{{ params.n }}' }", "whatever", null)]
    [InlineData("{ from: 2026-01-01, to: 2026-02-01, every: 1d }", "end", null), InlineData("{ from: 2026-01-01, to: 2026-02-01, every: 1d }", "ent", "end")]
    public void What_an_item_has_is_known_before_it_runs(string partitions, string field, string? meant)
    {
        var found = Check(partitions, $"kind: transform.select, depends_on: [raw], with: {{ filter: 'x = {{{{ item.{field} }}}}' }}").Diagnostics;
        if (meant is null) Assert.Empty(found);
        else Assert.Contains(meant, Assert.Single(found, one => one.Code == "ETL2010").Help, StringComparison.Ordinal);
    }
}
