using Xunit;

namespace OrleansEtl.Engine.Tests;

public sealed class EngineBenchTests(ITestOutputHelper output)
{
    [Fact]
    public void The_benchmark_drives_small_and_large_runs_to_their_end()
    {
        var seconds = double.TryParse(Environment.GetEnvironmentVariable("ETL_BENCH_SECONDS"), out var s) ? s : 0;
        var figures = EngineBench.DecisionsPerSecond(TimeSpan.FromSeconds(seconds) + TimeSpan.FromTicks(4));
        Assert.All(figures, figure => Assert.True(figure.DecisionsPerSecond > 0));
        foreach (var figure in figures) output.WriteLine($"{figure.Case}: {figure.DecisionsPerSecond:N0} decisions/s");
    }
}
