namespace OrleansEtl.Engine.Tests;

public sealed class EngineBenchTests(ITestOutputHelper output)
{
    /// <summary><c>ETL_BENCH_SECONDS=2</c> makes it a measurement; otherwise it shows only that the benchmark works.</summary>
    [Fact]
    public void The_benchmark_drives_small_and_large_runs_to_their_end()
    {
        var seconds = double.TryParse(Environment.GetEnvironmentVariable("ETL_BENCH_SECONDS"), out var s) ? s : 0;
        var (chain, fan) = (PlanOf.Chain(10), PlanOf.FanOutAndIn(10_000));
        foreach (var (name, plan) in new[] { ("warm-up", chain), ("chain-10", chain), ("fan-10000", fan) })
        {
            var figure = EngineBench.DecisionsPerSecond(plan, TimeSpan.FromSeconds(seconds));
            output.WriteLine($"{name}: {figure:N0} decisions/s");
            Assert.True(figure > 0);
        }
    }
}
