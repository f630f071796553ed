using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Properties;

public sealed class RandomRuns
{
    [Fact]
    public void A_run_ends_as_the_naive_model_says_whatever_the_order_of_reports() => Seeds.Each(600, seed =>
    {
        var random = new Random(seed);
        var plan = PlanOf.Random(random, stagesMax: 12, retriesMax: 3);
        var fails = plan.Stages.Select(_ => random.Next(4) == 0).ToArray();
        var world = new Driven(plan, random);
        while (!world.Run.Status.IsTerminal()) world.Step(fails);

        Assert.Equal(NaiveModel.Statuses(plan, stage => fails[stage]), world.Run.Statuses());
        Assert.Equal(NaiveModel.Status(world.Run.Statuses()), world.Run.Status);
        Assert.Single(world.History.OfType<RunEvent.RunEnded>());
        Assert.Equal(Saying.Of(world.History.Aggregate(Run.None, Run.Apply)), Saying.Of(world.Run));
    });

    [Fact]
    public void A_run_that_is_cancelled_at_any_moment_ends_when_what_runs_has_reported() => Seeds.Each(300, seed =>
    {
        var random = new Random(seed);
        var plan = PlanOf.Random(random, stagesMax: 12, retriesMax: 3);
        var world = new Driven(plan, random);
        for (var steps = random.Next(20); steps > 0 && !world.Run.Status.IsTerminal(); steps--) world.Step(new bool[plan.Stages.Length]);
        if (world.Run.Status.IsTerminal()) return;

        var running = world.Run.Statuses().Count(status => status == StepStatus.Running);
        world.Tell(Words.Cancel());
        for (var stage = 0; stage < plan.Stages.Length; stage++)
            if (world.Run.Stages[stage].Status == StepStatus.Running)
            {
                Assert.Equal(RunStatus.Cancelling, world.Run.Status);
                world.Tell(Words.Stopped(stage, world.Run.Stages[stage].Attempt.Number));
                running--;
            }
        Assert.Equal((RunStatus.Cancelled, 0), (world.Run.Status, running));
    });

    /// <summary>Drives a run at random, with losses, retries and stale reports, and checks the promises all the way.</summary>
    private sealed class Driven
    {
        private readonly Random _random;
        private readonly Bookkeeping _books = new();
        private DateTimeOffset _now = Given.Noon;

        public Driven(Plan plan, Random random)
        {
            _random = random;
            Run = Run.None;
            Happened(Run.Begin(Run.None, Given.Id, plan, Given.Start(plan), _now));
        }

        public Run Run { get; private set; }
        public List<RunEvent> History { get; } = [];

        public void Step(bool[] fails)
        {
            var stage = _random.Next(Run.Stages.Count);
            var attempt = Run.Stages[stage].Attempt.Number + (_random.Next(5) == 0 ? _random.Next(-1, 2) : 0);
            _now = _now.AddSeconds(_random.NextDouble() * 5);
            Tell(_random.Next(8) switch
            {
                0 => Words.Lose(stage, attempt),
                1 => Words.Stopped(stage, attempt),
                2 or 3 => Words.Elapse(),
                4 when Run.Stages[stage].Retried < Run.Plan!.Stages[stage].Retry.Max => Words.Fail(stage, Words.Unavailable, attempt),
                _ when fails[stage] => Words.Fail(stage, Words.Invalid, attempt),
                _ => Words.Succeed(stage, attempt, Words.Result($"s{stage}", 1, "out")),
            });
        }

        public void Tell(RunCommand command)
        {
            if (command is RunCommand.Elapse) _books.Woken(_now);
            Happened(Run.Decide(Run, command, _now));
        }

        private void Happened(Decision decision)
        {
            if (decision is not Decision.Accepted { Events: var events }) return;
            var after = Promises.Kept(Run, events);
            _books.Heard(after, events);
            Assert.Equal(Bookkeeping.Of(Run.Owed(after)).Open, _books.Open);
            History.AddRange(events);
            foreach (var debt in Run.Owed(after, events).OfType<Debt.Dispatch>())
                Assert.Equal(debt.Attempt, after.Work(debt.Stage, debt.Attempt).Attempt);
            Assert.Equal(after.Version, after.View().Version);
            Assert.Equal(Saying.Of(after), Saying.Of(Run.Of(after.State())));
            Run = after;
        }
    }
}
