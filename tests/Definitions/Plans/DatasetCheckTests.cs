using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Definitions.Tests.Plans;

/// <summary>What a trigger can wait for, by the plan of the pipeline that gives it.</summary>
public class DatasetCheckTests
{
    private const string Steps = """
        pipeline: p
        steps:
          - { id: raw, kind: extract.csv, with: { path: x } }
          - { id: kept, kind: transform.select, depends_on: [raw], materialize: true }
          - { id: chosen, kind: transform.select, depends_on: [kept] }
          - { id: counted, kind: check.row_count, depends_on: [chosen], with: { min: 1 } }
          - { id: fed, kind: transform.select, depends_on: [kept] }
          - { id: sent, kind: load.parquet, depends_on: [fed], with: { path: y } }
          - { id: each, kind: extract.generate, for_each: { range: 3 }, with: { rows: 1 } }
          - { id: values, kind: check.values, depends_on: [counted], with: { query: "SELECT 1 AS a" } }
        """;

    [Theory]
    [InlineData("p/kept")] // it is materialised
    [InlineData("p/counted"), InlineData("p/counted.out"), InlineData("p/counted.report")]
    [InlineData("p/raw.rejects")] // put aside within the query
    [InlineData("p/each"), InlineData("p/each.items")]
    public void What_a_step_gives_can_be_waited_for(string dataset) => Assert.Null(Check(dataset));

    [Theory]
    [InlineData("p/countd", "has no step `countd`", "Did you mean `p/counted`?")]
    [InlineData("p/warehouse", "has no step `warehouse`", "It gives: `p/raw.rejects`, `p/kept`,")]
    [InlineData("p/raw", "hands its rows on to `kept`", "Say `materialize: true` at step `raw`, or take what comes of it: `p/kept`.")]
    [InlineData("p/chosen", "hands its rows on to `counted`", "`p/counted`")]
    [InlineData("p/fed", "hands its rows on to `sent`", "Say `materialize: true` at step `fed`.")] // a load gives no dataset
    [InlineData("p/raw.reject", "gives no dataset `reject`", "Did you mean `p/raw.rejects`?")]
    [InlineData("p/counted.sample", "(check.row_count) gives no dataset `sample`", "The step gives: `p/counted`, `p/counted.report`.")]
    [InlineData("p/values", "(check.values) gives no dataset.", "It gives: ")]
    public void What_none_gives_is_told_with_what_is_near(string dataset, string message, string hint)
    {
        var fault = Check(dataset)!;
        Assert.Equal(("ETL6724", "dataset"), (fault.Code, fault.Path));
        Assert.Contains($"There is no dataset `{dataset}`.", fault.Message);
        Assert.Contains(message, fault.Message);
        Assert.Contains(hint, fault.Hint);
    }

    private static Fault? Check(string dataset)
    {
        var file = Files.Check(Steps);
        Assert.True(file.Plan is not null, string.Join('\n', file.Diagnostics));
        Assert.True(DatasetName.TryParse(dataset, out var name));
        return DatasetCheck.Of(name, file.Plan!, SmallCatalog.Kinds);
    }
}
