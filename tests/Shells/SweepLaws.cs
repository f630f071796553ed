using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Logs;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What is staged goes only when the journal says that nobody will publish it.</summary>
public sealed class SweepLaws : IDisposable
{
    private static readonly RunId Unfinished = RunId.New(DateTimeOffset.UnixEpoch.AddYears(51), new byte[10]);
    private static readonly RunId Unknown = RunId.New(DateTimeOffset.UnixEpoch.AddYears(52), new byte[10]);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("etl-sweep-");

    [Fact]
    public async Task Only_what_no_run_needs_is_swept()
    {
        await using var cluster = await Cluster.Start();
        cluster.Runner.On("waits", async (_, stopped) =>
        {
            await ScriptedRunner.Forever(stopped);
            return new StageOutcome.Stopped();
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await cluster.Run(Unfinished).Tell(Given.Pipeline("waits"));
        await cluster.Ended(Given.Run);
        var published = Staged(Given.Run, "a", 1);
        var attemptsThatFailed = Staged(Given.Run, "a", 9);
        var mayStillBeWritten = Staged(Unfinished, "waits", 1);
        var ofNoRun = Staged(Unknown, "a", 1);

        var swept = await new Sweeper(new DatasetStore(_root.FullName), Logs, cluster.Store.Catalog).Sweep(default);

        Assert.Equal(2, swept);
        Assert.True(File.Exists(published));
        Assert.True(File.Exists(mayStillBeWritten));
        Assert.False(File.Exists(attemptsThatFailed));
        Assert.False(File.Exists(ofNoRun));
    }

    [Fact]
    public async Task What_a_later_run_uses_again_stays_also_when_the_run_that_made_it_is_forgotten()
    {
        await using var cluster = await Cluster.Start();
        cluster.Runner.Names = work => work.Steps[0].Id.Value;
        var start = Given.Pipeline("a");
        start = start with { Spec = start.Spec with { Reuse = TimeSpan.FromDays(7) } };
        await cluster.Run(Given.Run).Tell(start);
        await cluster.Ended(Given.Run);
        await cluster.Run(Unknown).Tell(start);
        var again = await cluster.Ended(Unknown);
        var published = Staged(Given.Run, "a", 1);
        Assert.Equal(Given.Run, again.Steps[0].ReusedFrom);

        await cluster.Store.Retention.Forget(DateTimeOffset.MaxValue, 10, default);
        await new Sweeper(new DatasetStore(_root.FullName), Logs, cluster.Store.Catalog).Sweep(default);

        Assert.True(File.Exists(published));
    }

    [Fact]
    public async Task Logs_are_swept_with_the_run_that_is_forgotten_and_no_sooner()
    {
        await using var cluster = await Cluster.Start();
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a"));
        await cluster.Ended(Given.Run);
        foreach (var run in (RunId[])[Given.Run, Unknown])
        {
            await using var log = Logs.Open(run, new StepId("a"), new Attempt(1));
            log.Say(LineLevel.Info, [new StepId("a")], "something");
        }
        var sweeper = new Sweeper(new DatasetStore(_root.FullName), Logs, cluster.Store.Catalog);

        Assert.Equal(1, await sweeper.SweepLogs(default));
        Assert.Equal([Given.Run], Logs.Runs());
        Assert.Equal(0, await sweeper.Sweep(default));

        Assert.Equal(1, await cluster.Store.Retention.Forget(DateTimeOffset.MaxValue, 10, default));
        Assert.Equal(1, await sweeper.SweepLogs(default));
        Assert.Empty(Logs.Runs());
    }

    private LogStore Logs => new(Path.Combine(_root.FullName, "logs"), new LogBounds(), TimeProvider.System);

    public void Dispose() => _root.Delete(recursive: true);

    private string Staged(RunId run, string step, int attempt)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root.FullName, run.Value, step, $"{attempt}", "0", "out"));
        var file = Path.Combine(folder.FullName, "part.parquet");
        File.WriteAllText(file, "rows");
        return file;
    }
}
