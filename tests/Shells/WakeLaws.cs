using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>What only time can bring on comes, also when a timer is early by its clock.</summary>
public sealed class WakeLaws
{
    private static readonly ShellOptions NobodyLooks = Cluster.NoPatience with { HeartbeatEvery = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData("nap")]
    [InlineData("retry")]
    public async Task A_timer_that_rings_before_its_time_is_set_anew(string step)
    {
        await using var cluster = await Cluster.Start(options: NobodyLooks, clock: new SlowClock());
        cluster.Runner.On("retry", (work, _) => Task.FromResult(work.Attempt.Number == 2
            ? ScriptedRunner.Succeeded(work)
            : new StageOutcome.Failed(new StepId("retry"), new Fault(FaultKind.Unavailable, "ETL9003", "away"), [])));
        await cluster.Run(Given.Run).Tell(Given.Pipeline(step));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
    }

    /// <summary>Goes at half the speed of its own timers.</summary>
    private sealed class SlowClock : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + (System.GetUtcNow() - _start) / 2;
    }
}
