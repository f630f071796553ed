using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

/// <summary>A snapshot and the events after it are the whole history.</summary>
public sealed class SnapshotLaws
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_run_that_was_folded_at_any_moment_goes_on_as_the_run_itself()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var history = History(seed);
            var whole = history.Aggregate(Run.None, Run.Apply);
            for (var at = 1; at <= history.Length; at++)
            {
                var folded = RunSnapshot.Read(RunSnapshot.Write(history.Take(at).Aggregate(Run.None, Run.Apply)));
                var after = history.Skip(at).Aggregate(folded, Run.Apply);
                Assert.Equal(RunSnapshot.Write(whole), RunSnapshot.Write(after));
                Assert.Equal((whole.StagesOpen, whole.StepsOpen, whole.NextWake), (after.StagesOpen, after.StepsOpen, after.NextWake));
                Assert.Equal(Run.Owed(whole), Run.Owed(after));
            }
        }
    }

    [Fact]
    public void A_run_that_nobody_steers_is_folded_as_ever_so_that_older_snapshots_are_read()
    {
        var start = Given.Pipeline("a", "b: a");
        var plan = ((PlanResult.Checked)PlanCheck.Check(start.Spec, TestKinds.All)).Plan;
        var run = ((Decision.Accepted)Run.Begin(Run.None, Given.Run, plan, start, Noon)).Events.Aggregate(Run.None, Run.Apply);
        var text = System.Text.Encoding.UTF8.GetString(RunSnapshot.Write(run).AsSpan(1));
        Assert.DoesNotContain("pause", text);
        Assert.DoesNotContain("signals", text);
        Assert.DoesNotContain("awaits", text);
        Assert.DoesNotContain("by_hand", text);
        Assert.Null(RunSnapshot.Read(RunSnapshot.Write(run)).Pause);
    }

    [Fact]
    public async Task A_long_run_is_folded_as_it_grows_and_read_from_there()
    {
        await using var cluster = await Cluster.Start(options: Cluster.NoPatience with { SnapshotEvents = 10 });
        var light = Enumerable.Range(0, 30).Select(i => i == 0 ? "light0" : $"light{i}: light{i - 1}").ToArray();
        await cluster.Run(Given.Run).Tell(Given.Pipeline(light));
        await cluster.Journal.End(Given.Run);
        var stored = (await cluster.Store.Journal.Read(Given.Run, default))!;
        Assert.InRange(stored.SnapshotVersion, stored.Version - 40, stored.Version - 1);
        var all = await cluster.Store.Journal.History(Given.Run, 0, 1000, default);
        var whole = all.Aggregate(Run.None, (run, one) => Run.Apply(run, EventCodec.ReadEvent(one.Bytes)));
        Assert.Equal(RunSnapshot.Write(whole), RunSnapshot.Write(stored.Replay()));
    }

    [Fact]
    public void A_snapshot_of_a_later_release_is_refused_with_what_to_do()
    {
        var fault = Assert.Throws<FaultException>(() => RunSnapshot.Read([9, 9, 9])).Fault;
        Assert.Equal("ETL4213", fault.Code);
        Assert.NotNull(fault.Hint);
    }

    [Fact]
    public void The_commonest_events_are_written_as_all_others()
    {
        var quick = 0;
        var events = Enumerable.Range(0, 40).SelectMany(seed => History(seed)).Concat(
        [
            new RunEvent.RunEnded(Noon, RunStatus.Succeeded, null), new RunEvent.StageDispatched(Noon.AddTicks(1), 7, new Attempt(3)),
            new RunEvent.StageReused(Noon, 0, [new StepResult(new StepId("a"), 1, null, 0, [], [])], Given.Other(7)),
            new RunEvent.StageSucceeded(Noon, 1, new Attempt(1), [], "reuse-key"),
            new RunEvent.StageSucceeded(Noon, 1, new Attempt(1), [new StepResult(new StepId("a"), 1, null, 0, [], [])]),
        ]);
        foreach (var happened in events)
        {
            if (QuickEvents.Write(happened) is not { } bytes) continue;
            quick++;
            Assert.Equal(EventCodec.WriteSlowly(happened), bytes);
        }
        Assert.True(quick > 100);
    }

    /// <summary>What happened to a run that was driven at random: retries, losses, cancels, values, pauses, signals, wishes.</summary>
    private static ImmutableArray<RunEvent> History(int seed)
    {
        var random = new Random(seed);
        var start = Given.Pipeline("a", "b: a", "c: a", "d: b, c", "e", "signal: a", "ask: b", "nap") with
        {
            Priority = seed % 3, Timeout = TimeSpan.FromHours(1), RunKey = seed % 2 == 0 ? "monday" : null,
            Refresh = seed % 4 == 0 ? new Refresh(seed % 8 == 0, [new StepId("b")]) : null,
        };
        start = start with { Spec = start.Spec with { Reuse = seed % 3 == 0 ? TimeSpan.FromDays(7) : null } };
        var plan = ((PlanResult.Checked)PlanCheck.Check(start.Spec, TestKinds.All)).Plan;
        var events = ((Decision.Accepted)Run.Begin(Run.None, Given.Run, plan, start, Noon)).Events.ToBuilder();
        var run = events.Aggregate(Run.None, Run.Apply);
        for (var i = 0; i < 25; i++)
        {
            var stage = random.Next(run.Stages.Count);
            var attempt = run.Stages[stage].Attempt;
            RunCommand command = random.Next(14) switch
            {
                8 => new RunCommand.Pause("lunch", "ann"),
                9 => new RunCommand.Resume(),
                10 => new RunCommand.Signal("go", [new Field("n", new SpecValue.Integer(i))], random.Next(2) == 0 ? $"k{i % 3}" : null),
                11 => new RunCommand.Review(new StepId("ask"), true, "ann", null),
                12 when random.Next(3) == 0 => new RunCommand.Skip(new StepId("ab"[random.Next(2)].ToString()), "not today"),
                13 when random.Next(3) == 0 => new RunCommand.Succeed(new StepId("ed"[random.Next(2)].ToString()), "done", []),
                0 => new RunCommand.Lose(stage, attempt),
                1 => new RunCommand.Elapse(),
                2 when seed % 5 == 0 && i > 8 => new RunCommand.Cancel("enough", "ann"),
                3 => new RunCommand.Report(stage, attempt, new StageOutcome.Failed(
                    new StepId("a"), new Fault(random.Next(2) == 0 ? FaultKind.Exhausted : FaultKind.Invalid, "ETL4000", "Ran out."), [])),
                _ => new RunCommand.Report(stage, attempt, new StageOutcome.Succeeded(
                    [new StepResult(plan.Steps[plan.Stages[stage].Steps[0]].Spec.Id, 1, 2, 0, [],
                        random.Next(2) == 0 ? [] : [new Field("max", new SpecValue.Real(1))])],
                    random.Next(3) == 0 ? "reuse-key" : null, random.Next(4) == 0 ? Given.Other(7) : null)),
            };
            if (Run.Decide(run, command, Noon.AddSeconds(i)) is not Decision.Accepted accepted) continue;
            run = accepted.Events.Aggregate(run, Run.Apply);
            events.AddRange(accepted.Events);
        }
        return events.ToImmutable();
    }
}
