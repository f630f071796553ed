using System.Diagnostics;

namespace OrleansEtl.Simulation.Tests;

public sealed class Simulations(ITestOutputHelper output)
{
    private const int Seeds = 3_000;
    private const int SeedsToFind = 400;
    private const int LinesShown = 80;
    /// <summary>Seeds of the night that found something.</summary>
    private static readonly int[] Found = [73_923, 77_709];

    private static int? Chosen => int.TryParse(Environment.GetEnvironmentVariable("ETL_SEED"), out var seed) ? seed : null;

    [Fact]
    public void However_the_cluster_misbehaves_runs_end_as_if_it_had_not() =>
        Each(Chosen is { } seed ? [seed] : [.. Enumerable.Range(1, Seeds), .. Found]);

    [Fact, Trait("category", "soak")]
    public void However_the_cluster_misbehaves_for_a_night() => Each([.. Enumerable.Range(Seeds + 1, 100_000)]);

    [Fact]
    public void The_same_seed_is_the_same_world()
    {
        for (var seed = 1; seed <= 20; seed++)
            Assert.Equal(new World(seed, Sabotage.None).Play().Trace.Hash, new World(seed, Sabotage.None).Play().Trace.Hash);
    }

    [Theory]
    [InlineData(Sabotage.AnsweredBeforeAppend), InlineData(Sabotage.OldReportsAreHeard), InlineData(Sabotage.FenceIsOff)]
    [InlineData(Sabotage.NobodyRescues), InlineData(Sabotage.PublishedBeforeCommit), InlineData(Sabotage.ReportsAreSentOnce)]
    [InlineData(Sabotage.NothingIsPaidAgain)]
    public void With_one_wall_down_a_promise_breaks(Sabotage wall)
    {
        var found = Enumerable.Range(1, SeedsToFind).Select(seed => (seed, new World(seed, wall).Play().Oracle.Broken))
            .FirstOrDefault(play => play.Broken is not null);
        Assert.DoesNotContain("another thread", found.Broken ?? "");
        Assert.True(found.Broken is not null, $"{SeedsToFind} seeds found nothing wrong with: {wall}");
        output.WriteLine($"{wall}: seed {found.seed}, {found.Broken}");
    }

    private void Each(int[] seeds)
    {
        var watch = Stopwatch.StartNew();
        var faults = new long[Enum.GetValues<FaultKinds>().Length];
        var (played, steps, children, failed) = (0, 0L, 0, 0);
        Parallel.ForEach(seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var world = new World(seed, Sabotage.None).Play();
            Interlocked.Increment(ref played);
            Interlocked.Add(ref steps, world.Agenda.Steps);
            Interlocked.Add(ref children, world.Family.Count);
            for (var kind = 0; kind < faults.Length; kind++) Interlocked.Add(ref faults[kind], world.FaultCounts[kind]);
            if (world.Oracle.Broken is null) return;
            Interlocked.CompareExchange(ref failed, seed, 0);
            loop.Stop();
        });
        output.WriteLine($"{played} seeds, {played / watch.Elapsed.TotalSeconds:0} a second, {steps / Math.Max(1, played)} events a seed, {children} runs that steps started; faults a seed: "
            + string.Join(", ", Enum.GetValues<FaultKinds>().Select(kind => $"{kind} {(double)faults[(int)kind] / Math.Max(1, played):0.0}")));
        if (failed != 0) Assert.Fail(Story(failed));
        if (Chosen is { } chosen) output.WriteLine(Story(chosen));
    }

    /// <summary>The seed again, in words.</summary>
    private static string Story(int seed)
    {
        var world = new World(seed, Sabotage.None, isWritten: true).Play();
        var file = Path.Combine(Path.GetTempPath(), $"etl-simulation-{seed}.txt");
        File.WriteAllLines(file, [.. world.Trace.Lines, world.Oracle.Broken ?? "All promises are kept."]);
        return $"Seed {seed}: {world.Oracle.Broken ?? "all promises are kept"}\nAgain with: ETL_SEED={seed}\nAll of it: {file}\n{world.Weather}\n"
            + string.Join('\n', world.Trace.Lines.TakeLast(LinesShown));
    }
}
