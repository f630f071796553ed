using System.Collections.Immutable;
using OrleansEtl.Client;

namespace OrleansEtl.Cluster.Tests;

/// <summary>On a cluster each file, each run that ends and each new version of a dataset is one run, whichever silo is killed.</summary>
public class TriggersSurvive
{
    [Fact]
    public async Task Each_file_has_one_run_and_each_run_that_ends_and_what_it_gave_one_run_though_silos_are_killed()
    {
        await using var cluster = await ClusterHarness.Start();
        await using var etl = await cluster.Connect();
        foreach (var pipeline in new[] { Pipeline("orders", "extract.csv", new Field("path", new SpecValue.Text("{{ run.trigger.path }}"))),
            Pipeline("after", "flow.noop"), Pipeline("sums", "flow.noop") })
            Assert.IsType<DefinitionAnswer.Done>(await etl.Register(new DefinitionCommand.Register(pipeline, ""), default));
        await Put(etl, "orders/inbox", new TriggerSpec(
            new TriggerSource.OfFile("in/*.csv", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), "orders"));
        await Put(etl, "after/orders", new TriggerSpec(new TriggerSource.OfPipeline("orders"), "after"));
        await Put(etl, "sums/orders", new TriggerSpec(new TriggerSource.OfDataset("orders/one"), "sums"));
        Write(cluster, 0, 10);
        await Succeeded(etl, "orders", 5);
        await cluster.Silos[0].Kill();
        Write(cluster, 10, 20);
        await Succeeded(etl, "orders", 15);
        await cluster.Silos[0].Start().Ready();
        await cluster.Silos[1].Kill();
        Write(cluster, 20, 30);
        await Succeeded(etl, "after", 30);
        await Succeeded(etl, "sums", 30);
        var files = await Task.WhenAll((await Runs(etl, "orders")).Select(async run =>
            (await etl.View(run.Id, default))!.Occasion!.Trigger!.Values["name"]!.ToPlainText()));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i:00}.csv"), files.Order(StringComparer.Ordinal));
        foreach (var (pipeline, value) in new[] { ("after", "run"), ("sums", "version") })
        {
            var heard = await Task.WhenAll((await Runs(etl, pipeline)).Select(async run =>
                (await etl.View(run.Id, default))!.Occasion!.Trigger!.Values[value]!.ToPlainText()));
            Assert.Equal((await Runs(etl, "orders")).Select(run => run.Id.Value).Order(StringComparer.Ordinal), heard.Order(StringComparer.Ordinal));
        }
        Assert.Equal("file", (await cluster.RunJson(0, "triggers", "show", "orders/inbox")).GetProperty("kind").GetString());
    }

    private static PipelineSpec Pipeline(string name, string kind, params Field[] with) =>
        new(name, null, [], [new StepSpec(new StepId("one"), kind, [], new SpecValue.Map([.. with]))]);

    private static async Task Put(IEtl etl, string id, TriggerSpec spec) =>
        Assert.IsType<TriggerAnswer.Done>(await etl.Triggers.Put(id, spec, false, default));

    private static void Write(ClusterHarness cluster, int from, int to)
    {
        for (var i = from; i < to; i++) cluster.Write(Path.Combine(cluster.Files, "in", $"{i:00}.csv"), $"id\n{i}\n");
    }

    /// <summary>Asks again and again, each time with a call that takes its own time.</summary>
    private static async Task Succeeded(IEtl etl, string pipeline, int count)
    {
        using var patience = new CancellationTokenSource(Program.Patience);
        while ((await Runs(etl, pipeline)).Count(run => run.Status == RunStatus.Succeeded) < count) patience.Token.ThrowIfCancellationRequested();
    }

    private static async Task<ImmutableArray<RunSummary>> Runs(IEtl etl, string pipeline) =>
        (await etl.Runs(new RunFilter(pipeline, Limit: 500), default)).Items;
}
