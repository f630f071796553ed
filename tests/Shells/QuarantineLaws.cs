using System.Threading.Channels;
using Orleans.Runtime;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Who kills silos is found out, and nobody else is taken for it: deaths count, moves do not.</summary>
public sealed class QuarantineLaws
{
    private const int Deaths = Engine.Runs.Run.DeathsMax;

    /// <summary>A step whose attempts do not end by themselves.</summary>
    private static Attempts Holding(Cluster cluster, string step)
    {
        var attempts = new Attempts();
        cluster.Runner.On(step, async (work, stopped) =>
        {
            Assert.True(attempts.Begun.Writer.TryWrite(cluster.Runner.Places[$"{step}/{work.Attempt}"]));
            await Task.WhenAny(ScriptedRunner.Forever(stopped), attempts.Finish.Task);
            return stopped.IsCancellationRequested ? new StageOutcome.Stopped() : ScriptedRunner.Succeeded(work);
        });
        return attempts;
    }

    [Fact]
    public async Task A_step_that_takes_its_silo_with_it_kills_so_many_and_is_left_alone_and_what_ran_beside_it_goes_on()
    {
        await using var cluster = await Cluster.Start(silos: 2 * Deaths, Cluster.NoPatience);
        Assert.Null(await cluster.Limit("one").Tell(new LimitOrder.Set(new LimitSpec(1, null, LimitOf.Runs, []), "ann")));
        var (deadly, patient, beside) = (Holding(cluster, "deadly"), Holding(cluster, "patient"), Given.Other(1));
        await cluster.Run(beside).Tell(Given.Pipeline("patient"));
        await patient.Next(Task.Delay(Timeout.Infinite));
        await cluster.Run(Given.Run).Tell(Given.LimitedRun("one", "deadly", "after: deadly"));
        var rest = cluster.Journal.Rest(Given.Run);
        for (var death = 1; await deadly.Next(rest) is { } silo; death++)
        {
            await cluster.Silos.KillSiloAsync(cluster.Silos.GetSiloForAddress(silo)!);
            if (death == 2) patient.Finish.SetResult(); // from now on it waits until it has a silo to itself
        }
        var view = (await cluster.Run(Given.Run).View())!;
        Assert.Equal((RunStatus.Quarantined, "ETL6400", WaitFor.Redrive), (view.Status, view.Fault!.Code, view.Wait!.For));
        Assert.Equal(Deaths, cluster.Runner.Ran.Where(ran => ran.StartsWith("deadly", StringComparison.Ordinal)).Distinct().Count());

        await cluster.Run(Given.Other(2)).Tell(Given.LimitedRun("one", "other")); // the limit has come back
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Other(2))).Status);
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(beside)).Status);

        deadly.Finish.SetResult();
        Assert.IsType<Answer.Done>(await cluster.Run(Given.Run).Tell(new RunCommand.Redrive("ann")));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
    }

    [Fact]
    public async Task An_attempt_that_takes_its_silo_with_it_before_it_has_arrived_is_not_sent_off_again()
    {
        await using var cluster = await Cluster.Start(silos: 2 * Deaths, Cluster.NoPatience);
        cluster.Runner.On("deadly", async (work, stopped) =>
        {
            _ = cluster.Silos.KillSiloAsync(cluster.Silos.GetSiloForAddress(cluster.Runner.Places[$"deadly/{work.Attempt}"])!);
            await ScriptedRunner.Forever(stopped);
            return new StageOutcome.Stopped();
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("deadly"));
        await cluster.Journal.Rest(Given.Run);
        Assert.Equal(RunStatus.Quarantined, (await cluster.Run(Given.Run).View())!.Status);
        Assert.Equal(Deaths, cluster.Runner.Ran.Count);
    }

    [Fact]
    public async Task Silos_that_leave_are_never_counted_however_many()
    {
        await using var cluster = await Cluster.Start(silos: Deaths + 3, Cluster.NoPatience);
        var attempts = Holding(cluster, "slow");
        await cluster.Run(Given.Run).Tell(Given.Pipeline("slow"));
        var end = cluster.Journal.End(Given.Run);
        for (var move = 0; move < Deaths + 1; move++) await cluster.Silos.StopSiloAsync(cluster.Silos.GetSiloForAddress((await attempts.Next(end))!)!);
        await attempts.Next(end);
        attempts.Finish.SetResult();
        await end;
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.DoesNotContain(await History(cluster), what => what is "run_rescued" or "run_quarantined");
    }

    [Fact]
    public async Task A_run_that_takes_its_silo_with_it_is_left_alone_until_it_is_redriven()
    {
        var rescues = Engine.Runs.Run.RescuesMax;
        await using var cluster = await Cluster.Start(
            silos: (short)(rescues + 3), Cluster.NoPatience, number => number == 0 ? "data.h-0" : $"control.h-{number}");
        var attempts = Holding(cluster, "a");
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a"));
        var end = cluster.Journal.End(Given.Run);
        await attempts.Next(end);
        for (var death = 0; death <= rescues; death++)
        {
            await cluster.Silos.KillSiloAsync(await cluster.Driver(Given.Run));
            await cluster.Journal.Stored(Given.Run, events: 2 + death + 1);
        }
        var row = (await cluster.Store.Catalog.Run(Given.Run, default))!;
        Assert.Equal((RunStatus.Quarantined, "ETL6401", null), (row.Status, row.FaultCode, row.Driver));
        Assert.Empty(await cluster.Store.Catalog.Orphans([], null, 10, default)); // nobody rescues it any more
        var view = (await cluster.Run(Given.Run).View())!;
        Assert.Equal(rescues + 1, view.Quarantine!.Lost.Distinct().Count());
        Assert.Equal(WaitFor.Redrive, view.Wait!.For);

        await cluster.Run(Given.Run).Tell(new RunCommand.Redrive("ann"));
        await attempts.Next(end);
        attempts.Finish.SetResult();
        await end;
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Contains("run_redriven", await History(cluster));
    }

    [Fact]
    public async Task A_run_that_waits_is_never_taken_for_one_that_kills()
    {
        var deaths = Engine.Runs.Run.RescuesMax + 2;
        await using var cluster = await Cluster.Start(silos: (short)(deaths + 1), Cluster.NoPatience);
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "signal: a"));
        await cluster.Journal.Stored(Given.Run, events: 4);
        for (var death = 0; death < deaths; death++)
        {
            await cluster.Silos.KillSiloAsync(cluster.Silos.Silos[0]);
            Assert.Equal(StepStatus.Awaiting, (await cluster.Run(Given.Run).View())!.Steps[1].Status);
        }
        await cluster.Run(Given.Run).Tell(new RunCommand.Signal("go", []));
        await cluster.Journal.End(Given.Run);
        Assert.Equal(RunStatus.Succeeded, (await cluster.Ended(Given.Run)).Status);
        Assert.Equal(["a/1"], cluster.Runner.Ran);
    }

    private static async Task<string[]> History(Cluster cluster) =>
        [.. (await new Catalog.RunHistory(cluster.Store.Journal).Read(new HistoryFilter(Given.Run, Limit: 500), default))!.Entries.Select(e => e.What)];

    private sealed class Attempts
    {
        public Channel<SiloAddress> Begun { get; } = Channel.CreateUnbounded<SiloAddress>();
        public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Where the next attempt has begun; null: the run has ended before.</summary>
        public async Task<SiloAddress?> Next(Task end)
        {
            var next = Begun.Reader.ReadAsync().AsTask();
            if (await Task.WhenAny(next, end) == next) return await next;
            await end;
            return null;
        }
    }
}
