using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>Runs go on by themselves when silos die or leave: nobody calls them, and nothing is found by patience.</summary>
public sealed class RescueLaws
{
    private static readonly Func<int, string> Parted = number => number < 2 ? $"control.h-{number}" : $"data.h-{number}";

    [Fact]
    public async Task The_runs_of_a_killed_silo_are_woken_on_another()
    {
        await using var cluster = await Cluster.Start(silos: 3, Cluster.NoPatience, Parted);
        var refused = new TaskCompletionSource();
        cluster.Runner.On("a", (work, _) =>
        {
            refused.TrySetResult();
            return Task.FromResult(work.Attempt.Number == 1 ? Away("a") : ScriptedRunner.Succeeded(work));
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline(TimeSpan.FromMilliseconds(500), "a", "b: a"));
        await refused.Task;
        await cluster.Journal.Stored(Given.Run, events: 3); // it waits for its retry, and nobody calls it
        await cluster.Silos.KillSiloAsync(await cluster.Driver(Given.Run));
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/1", "a/2", "b/1"], cluster.Runner.Ran);
    }

    [Fact]
    public async Task A_run_whose_next_silo_is_killed_as_soon_as_it_is_there_is_woken_again()
    {
        await using var cluster = await Cluster.Start(
            silos: 5, Cluster.NoPatience, number => number == 0 ? "data.h-0" : $"control.h-{number}");
        SiloAddress[] silos = [.. cluster.Silos.Silos.OrderBy(silo => cluster.Name(silo) == "data.h-0" ? 0 : 1).Select(silo => silo.SiloAddress)];
        var run = Enumerable.Range(1, 1000).Select(Given.Other).First( // the same silo wakes it each time, and outlives it
            run => Rendezvous.Choose(Rendezvous.Of(run.Value), silos)!.Equals(silos[0]));
        await cluster.Run(run).Tell(Given.Pipeline("signal"));
        await cluster.Journal.Stored(run, events: 2);
        for (var death = 1; death <= 3; death++)
        {
            await cluster.Silos.KillSiloAsync(cluster.Silos.Silos.Single(
                silo => cluster.Silos.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Pulse>().Runs().Contains(run)));
            await cluster.Journal.NextRead();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)] // beyond the reach of timers
    public async Task Runs_that_nobody_drives_are_woken_when_a_silo_starts(int timeoutDays)
    {
        var store = new MemoryStore();
        await Rival.Begin(store, Given.Run, "1.2.3.4:5@6", TimeSpan.FromDays(timeoutDays));
        await using var cluster = await Cluster.Start(silos: 1, Cluster.NoPatience, over: store);
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/2"], cluster.Runner.Ran); // the first attempt was somebody's who is gone
        Assert.Equal(1, cluster.Journal.Reads);
    }

    [Fact]
    public async Task A_run_that_cannot_be_read_is_woken_after_longer_and_longer_pauses()
    {
        var store = new MemoryStore();
        await Rival.Begin(store, Given.Run, "1.2.3.4:5@6");
        var begun = (await store.Journal.Read(Given.Run, default))!;
        await store.Journal.Append(new RunAppend(
            Guid.NewGuid(), Given.Run, begun.Version, ["of a later release"u8.ToArray()], null,
            (await store.Catalog.Run(Given.Run, default))!, [], [], null), default);
        await using var cluster = await Cluster.Start(
            silos: 1, Cluster.NoPatience with { RescueEvery = TimeSpan.FromSeconds(1) }, over: store);
        var first = await cluster.Journal.NextRead();
        var last = first;
        for (var more = 0; more < 5; more++) last = await cluster.Journal.NextRead(); // two a wake
        Assert.InRange(Stopwatch.GetElapsedTime(first, last).TotalSeconds, 1.2, double.MaxValue); // after 0.1, 0.4 and 1 second
    }

    [Theory]
    [InlineData("data.h-0", "its process died")] // it lives, and has not handed the run over
    [InlineData("control.h-1", "nobody runs it any more")]
    public async Task What_nobody_holds_of_a_run_that_was_taken_from_a_silo_has_died_with_its_own(string driver, string why)
    {
        await using var cluster = await Cluster.Start(
            silos: 2, Cluster.NoPatience, number => number == 0 ? "data.h-0" : "control.h-1");
        await Rival.Begin(cluster.Store, Given.Run, cluster.Silos.Silos.Single(
            silo => cluster.Name(silo) == driver).SiloAddress.ToParsableString());
        await cluster.Run(Given.Run).View();
        await cluster.Journal.End(Given.Run);
        var history = await new Catalog.RunHistory(cluster.Store.Journal).Read(new HistoryFilter(Given.Run), default);
        Assert.Equal(why, history!.Entries.Single(entry => entry.What == "step_lost").Reason);
    }

    [Fact]
    public async Task A_run_that_is_overdue_is_woken_whoever_drives_it()
    {
        await using var cluster = await Cluster.Start(silos: 1, Cluster.NoPatience with
        {
            DuePatience = TimeSpan.Zero, RescueEvery = TimeSpan.FromMilliseconds(50),
        });
        cluster.Runner.On("a", async (_, stopped) =>
        {
            await ScriptedRunner.Forever(stopped);
            return new StageOutcome.Stopped();
        });
        await Rival.Begin(
            cluster.Store, Given.Run, cluster.Silos.Silos[0].SiloAddress.ToParsableString(), timeout: TimeSpan.FromMilliseconds(1));
        await cluster.Journal.End(Given.Run);
        Assert.Equal(RunStatus.Failed, (await cluster.Store.Catalog.Run(Given.Run, default))!.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_attempts_of_a_silo_that_dies_or_leaves_begin_anew_elsewhere_at_once(bool leaves)
    {
        await using var cluster = await Cluster.Start(
            silos: 3, Cluster.NoPatience, number => number < 1 ? $"control.h-{number}" : $"data.h-{number}");
        var begun = new TaskCompletionSource();
        cluster.Runner.On("b", async (work, stopped) =>
        {
            if (!begun.TrySetResult()) return ScriptedRunner.Succeeded(work);
            await ScriptedRunner.Forever(stopped);
            return new StageOutcome.Stopped();
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "b: a", "c: b"));
        await begun.Task;
        var holder = cluster.Silos.GetSiloForAddress(cluster.Runner.Places["b/1"])!;
        if (leaves) await cluster.Silos.StopSiloAsync(holder);
        else await cluster.Silos.KillSiloAsync(holder);
        await cluster.Journal.End(Given.Run);

        Assert.Equal(["a/1", "b/1", "b/2", "c/1"], cluster.Runner.Ran);
        Assert.NotEqual(holder.SiloAddress, cluster.Runner.Places["b/2"]);
    }

    [Fact]
    public async Task A_run_whose_silo_leaves_goes_on_elsewhere_with_its_attempts_untouched()
    {
        await using var cluster = await Cluster.Start(silos: 3, Cluster.NoPatience, Parted);
        var (begun, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner.On("a", async (work, _) =>
        {
            begun.TrySetResult();
            await finish.Task;
            return ScriptedRunner.Succeeded(work);
        });
        await cluster.Run(Given.Run).Tell(Given.Pipeline("a", "light: a", "light2: light"));
        await begun.Task;
        await cluster.Silos.StopSiloAsync(await cluster.Driver(Given.Run));
        finish.SetResult();
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/1"], cluster.Runner.Ran);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_run_that_lost_its_store_is_taken_up_when_the_store_returns(int appends)
    {
        await using var cluster = await Cluster.Start(
            silos: 1, Cluster.NoPatience with { RescueEvery = TimeSpan.FromMilliseconds(50) });
        var light = Enumerable.Range(0, 20).Select(i => i == 0 ? "light0" : $"light{i}: light{i - 1}").ToArray();
        cluster.Journal.Hang();
        var start = cluster.Run(Given.Other(1)).Tell(Given.Pipeline(light));
        cluster.Journal.FailFrom(5, appends);
        cluster.Journal.GoOn();
        await start;
        await cluster.Journal.End(Given.Other(1));
        Assert.Equal(RunStatus.Succeeded, (await cluster.Store.Catalog.Run(Given.Other(1), default))!.Status);
    }

    [Fact]
    public async Task A_start_does_not_wait_for_ever_for_a_store_that_is_away_and_may_be_asked_again()
    {
        await using var cluster = await Cluster.Start(options: Cluster.NoPatience with
        {
            StartPatience = TimeSpan.FromMilliseconds(50),
            RepayEvery = TimeSpan.FromMilliseconds(50), HeartbeatEvery = TimeSpan.FromMilliseconds(50),
        });
        cluster.Journal.Hang();
        var fault = (await Assert.ThrowsAsync<FaultException>(() => cluster.Run(Given.Run).Tell(Given.Pipeline("a")))).Fault;
        Assert.Equal(("ETL4252", FaultKind.Unavailable), (fault.Code, fault.Kind));
        cluster.Journal.GoOn();
        Assert.IsType<Answer.Done>(await cluster.Run(Given.Run).Tell(Given.Pipeline("a")));
        await cluster.Journal.End(Given.Run);
        Assert.Equal(["a/1"], cluster.Runner.Ran);
    }

    private static StageOutcome.Failed Away(string step) =>
        new(new StepId(step), new Fault(FaultKind.Unavailable, "ETL4000", "Away."), []);
}
