namespace OrleansEtl.Definitions.Tests.Reading;

/// <summary>The <c>triggers</c> of a pipeline file.</summary>
public class TriggersTests
{
    private const string Head = """
        pipeline: orders
        params: { file: { type: text, required: true }, region: eu }
        steps: [{ id: a, kind: extract.generate, with: { rows: 1 } }]
        triggers:

        """;

    private const string File = "params: { file: \"{{ run.trigger.path }}\" }";

    [Fact]
    public void Triggers_are_read_with_all_that_they_say()
    {
        var triggers = Read($$"""
              - { id: inbox, kind: file, path: "in/*.csv", settle: 5s, every: 1m, runs: per_batch, existing: false, paused: true, version: 3, {{File}} }
              - { id: raw, kind: pipeline, pipeline: raw, when: any, {{File}} }
              - { id: clean, kind: dataset, dataset: raw/clean.rejects, {{File}} }
              - { id: usual, kind: file, path: in, {{File}} }
              - { id: hook, kind: webhook, secret: shop_hook, {{File}} }
              - { id: queue, kind: rabbitmq, connection: broker, queue: orders, prefetch: 5, {{File}} }
              - { id: fresh, kind: freshness, within: 26h, pipeline: raw, {{File}} }
            """).Triggers;
        var given = new SpecValue.Map([new("file", new SpecValue.Text("{{ run.trigger.path }}"))]);
        Assert.Equal(
        [
            new PipelineTrigger("inbox", new TriggerSpec(new TriggerSource.OfFile(
                "in/*.csv", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), FileRuns.PerBatch, IncludesExisting: false), "", 3, given), true),
            new PipelineTrigger("raw", new TriggerSpec(new TriggerSource.OfPipeline("raw", RunEnding.Any), Params: given), null),
            new PipelineTrigger("clean", new TriggerSpec(new TriggerSource.OfDataset("raw/clean.rejects"), Params: given), null),
            new PipelineTrigger("usual", new TriggerSpec(new TriggerSource.OfFile("in", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)), Params: given), null),
            new PipelineTrigger("hook", new TriggerSpec(new TriggerSource.OfWebhook("shop_hook"), Params: given), null),
            new PipelineTrigger("queue", new TriggerSpec(new TriggerSource.OfRabbitMq("broker", "orders", 5), Params: given), null),
            new PipelineTrigger("fresh", new TriggerSpec(new TriggerSource.OfFreshness(TimeSpan.FromHours(26), "raw"), Params: given), null),
        ], triggers);
    }

    [Fact]
    public void What_starts_it_is_no_part_of_what_it_is()
    {
        var with = Read($"  - {{ id: a, kind: file, path: in, {File} }}").Spec!;
        Assert.Equal(PipelineYaml.Read(Head[..Head.IndexOf("triggers", StringComparison.Ordinal)], "p.yaml", SmallCatalog.Kinds).Spec!.Version(), with.Version());
    }

    [Theory]
    [InlineData("  - { id: a, kind: file, path: in }", "ETL2020")] // a parameter is missing
    [InlineData("  - { id: a, kind: file, path: in, params: { file: x, regio: y } }", "ETL2021")]
    [InlineData("  - { id: a, kind: file, path: in, params: { file: \"{{ params.region }}\" } }", "ETL2010")]
    [InlineData("  - { id: a, kind: file, path: in, params: { file: \"{{ run.trigger. }}\" } }", "ETL2009")]
    [InlineData("  - { id: a, kind: fil, path: in }", "ETL1009")]
    [InlineData("  - { id: a, path: in }", "ETL1008")]
    [InlineData("  - { id: a, kind: file }", "ETL1008")]
    [InlineData("  - { kind: file, path: in, params: { file: x } }", "ETL1008")]
    [InlineData("  - { id: a, kind: file, path: in, pipeline: raw, params: { file: x } }", "ETL1007")]
    [InlineData("  - { id: a, kind: file, path: in, every: 0s, params: { file: x } }", "ETL6703")]
    [InlineData("  - { id: a, kind: file, path: in, settle: soon, params: { file: x } }", "ETL1009")]
    [InlineData("  - { id: a, kind: pipeline, pipeline: orders, params: { file: x } }", "ETL6704")]
    [InlineData("  - { id: a, kind: pipeline, pipeline: raw, when: done, params: { file: x } }", "ETL1009")]
    [InlineData("  - { id: a, kind: file, path: in, params: { file: x } }\n  - { id: a, kind: file, path: in, params: { file: x } }", "ETL1006")]
    [InlineData("  - { id: a, kind: dataset, params: { file: x } }", "ETL1008")]
    [InlineData("  - { id: a, kind: dataset, dataset: raw, params: { file: x } }", "ETL6703")]
    [InlineData("  - { id: a, kind: dataset, dataset: orders/a, params: { file: x } }", "ETL6704")]
    [InlineData("  - { id: a, kind: dataset, dataset: raw/a, when: failed, params: { file: x } }", "ETL1007")]
    [InlineData("  - { id: a, kind: webhook, params: { file: x } }", "ETL1008")]
    [InlineData("  - { id: a, kind: rabbitmq, connection: b, params: { file: x } }", "ETL1008")]
    [InlineData("  - { id: a, kind: rabbitmq, connection: b, queue: q, prefetch: 101, params: { file: x } }", "ETL6703")]
    [InlineData("  - { id: a, kind: freshness, params: { file: x } }", "ETL1008")]
    [InlineData("  - { id: a, kind: freshness, within: 0s, params: { file: x } }", "ETL6703")]
    [InlineData("  inbox: in", "ETL1004")]
    public void What_is_wrong_is_said_with_its_code(string yaml, string code)
    {
        var read = Read(yaml);
        Assert.Equal(code, string.Join(' ', read.Diagnostics.Select(found => found.Code)));
        Assert.All(read.Diagnostics, found => Assert.True(found.Line >= 5));
    }

    private static ReadResult Read(string triggers) => PipelineYaml.Read(Head + triggers, "p.yaml", SmallCatalog.Kinds);
}
