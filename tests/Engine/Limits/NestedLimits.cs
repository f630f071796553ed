using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Engine.Tests.Limits;

public sealed class NestedLimits
{
    private static readonly string[] OfRuns = ["a", "c", "e"];
    private static readonly string[] OfSteps = ["b", "d", "f", "g"];

    [Fact]
    public void However_many_limits_runs_and_their_steps_take_nobody_waits_in_a_circle() => Seeds.Each(100, seed =>
    {
        var random = new Random(seed);
        var limits = OfRuns.Concat(OfSteps).ToDictionary(name => name, name => Named(name, random.Next(1, 3)));
        var stages = Enumerable.Range(0, 12).SelectMany(run => Works(run, random)).ToArray();
        var waiting = stages.ToDictionary(work => work, work => new Queue<(LimitUse Use, LimitTicket Ticket)>(LimitSequence.Of(work)));
        while (waiting.Count > 0)
        {
            foreach (var work in waiting.Keys) Tell(waiting[work].Peek(), ticket => Ask(waiting[work].Peek().Use, ticket));
            var able = waiting.Keys.Where(work => limits[waiting[work].Peek().Use.Name].IsHeldBy(waiting[work].Peek().Ticket)).ToArray();
            Assert.True(able.Length > 0, $"{waiting.Count} wait for each other");
            var next = able[random.Next(able.Length)];
            waiting[next].Dequeue();
            if (waiting[next].Count > 0) continue;
            waiting.Remove(next);
            var isLast = waiting.Keys.All(work => work.Run != next.Run);
            foreach (var taken in LimitSequence.Of(next).Where(taken => taken.Ticket.Stage is not null || isLast))
                Tell(taken, ticket => new LimitCommand.Release(ticket));
        }
        Assert.All(limits.Values, limit => Assert.Equal((0L, 0), (limit.Held, limit.Line.Count)));

        void Tell((LimitUse Use, LimitTicket Ticket) about, Func<LimitTicket, LimitCommand> command)
        {
            var accepted = (LimitDecision.Accepted)Limit.Decide(limits[about.Use.Name], command(about.Ticket), Desk.Noon);
            limits[about.Use.Name] = accepted.Events.Aggregate(limits[about.Use.Name], Limit.Apply);
        }
    });

    private static LimitCommand Ask(LimitUse use, LimitTicket ticket) =>
        new LimitCommand.Ask(new LimitAsk(ticket, use.Weight, 0, ticket.Run.Value, Desk.Noon, "test"));

    private static Limit Named(string name, int concurrency)
    {
        var spec = new LimitSpec(concurrency, null, OfRuns.Contains(name) ? LimitOf.Runs : LimitOf.Steps, []);
        var set = (LimitDecision.Accepted)Limit.Decide(Limit.Named(name), Desk.Order(new LimitOrder.Set(spec, null)), Desk.Noon);
        return set.Events.Aggregate(Limit.Named(name), Limit.Apply);
    }

    /// <summary>The stages of one run, each with limits of its own, written in any order.</summary>
    private static IEnumerable<StageWork> Works(int run, Random random)
    {
        var id = RunId.New(Desk.Noon.AddSeconds(run), new byte[10]);
        var whole = Some(OfRuns, random);
        for (var stage = 0; stage < 3; stage++)
            yield return new StageWork(id, "test", stage, new Attempt(1), [], "/", null, Limits: [.. Some(OfSteps, random)], RunLimits: [.. whole]);
    }

    private static LimitUse[] Some(string[] names, Random random)
    {
        var shuffled = names.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled.Take(random.Next(1, names.Length + 1)).Select(name => new LimitUse(name))];
    }
}
