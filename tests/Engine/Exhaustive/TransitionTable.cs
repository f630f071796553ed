using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Exhaustive;

public sealed class TransitionTable
{
    [Fact]
    public void The_document_says_what_the_engine_does() => Assert.Equal(InTheDocument(), InTheEngine());

    private static string[] InTheDocument() =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "TRANSITIONS.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| from", StringComparison.Ordinal))
            .Select(line => string.Join(" ", line.Split('|', StringSplitOptions.TrimEntries)[1..4])).Order(StringComparer.Ordinal),
    ];

    private static string[] InTheEngine()
    {
        var found = new HashSet<string>();
        var rerun = PlanOf.Lines("s", "t: s");
        var rejecting = PlanOf.Lines("s", "t: s when 1 / steps.s.values.rows_out > 0");
        Follow(Run.None, Run.Begin(
            Run.None, Given.Id, rerun, Given.Start(rerun, rerun: new RerunOf(Given.Id, [Words.Result("s")])), Given.Noon));
        foreach (var plan in Everything.Shapes().Concat(Everything.Conditions()).Append(rejecting))
            Everything.Explore(plan, commandsMax: 4, way => Follow(way.Before, way.Decision));
        var misfitting = PlanOf.With(PlanOf.Lines("s", "signal: s"), "signal",
        [
            new Field(AwaitFields.Name, new SpecValue.Text("{{ 'go' }}")),
            new Field(AwaitFields.Values, new SpecValue.Map([new Field("n", new SpecValue.Text("integer"))])),
        ]);
        foreach (var plan in Everything.Steered().Append(misfitting))
            Everything.Explore(plan, commandsMax: 4, way => Follow(way.Before, way.Decision), steered: true);
        foreach (var plan in Everything.Mapped())
            Everything.Explore(plan, commandsMax: 5, way => Follow(way.Before, way.Decision));
        foreach (var given in Everything.AllTroubled())
            Everything.Explore(given, commandsMax: 3, way => Follow(way.Before, way.Decision));
        foreach (var plan in Everything.Undone())
            Everything.Explore(plan, commandsMax: 4, way => Follow(way.Before, way.Decision), steered: true);
        var undoing = Given.Run(PlanOf.Lines("s", "undo: s when compensation", "t: s")).Then(Words.Succeed(0), Words.Fail(2, Words.Invalid));
        for (var death = 1; death <= Run.RescuesMax; death++) undoing = undoing.Then(Words.Rescue($"p{death}"));
        Everything.Explore(undoing, commandsMax: 3, way => Follow(way.Before, way.Decision));
        var failed = Everything.Troubled(PlanOf.Lines("s", "t"), Words.Fail(0, Words.Invalid));
        Everything.Explore(failed, commandsMax: 3, way => Follow(way.Before, way.Decision));
        return [.. found.Order(StringComparer.Ordinal)];

        void Follow(Run run, Decision decision)
        {
            if (decision is not Decision.Accepted { Events: var events }) return;
            foreach (var happened in events)
            {
                var next = Run.Apply(run, happened);
                found.Add(Transition(run, happened, next));
                run = next;
            }
        }
    }

    private static string Transition(Run before, RunEvent happened, Run after)
    {
        int? stage = happened switch
        {
            RunEvent.StageReused e => e.Stage,
            RunEvent.StageDispatched e => e.Stage,
            RunEvent.StageSucceeded e => e.Stage,
            RunEvent.StageRetryScheduled e => e.Stage,
            RunEvent.StageLost e => e.Stage,
            RunEvent.StageFailed e => e.Stage,
            RunEvent.StageSkipped e => e.Stage,
            RunEvent.StageCancelled e => e.Stage,
            RunEvent.StageAwaits e => e.Stage,
            RunEvent.StageSignalled e => e.Stage,
            RunEvent.StageReviewed e => e.Stage,
            RunEvent.StageExpired e => e.Stage,
            RunEvent.StageRejoined e => e.Stage,
            RunEvent.ItemsListed e => e.Stage,
            RunEvent.ItemsSent e => e.Stage,
            RunEvent.ItemsEnded e => e.Stage,
            RunEvent.ItemsHandedBack e => e.Stage,
            RunEvent.ItemsLost e => e.Stage,
            RunEvent.ItemsAwait e => e.Stage,
            RunEvent.ItemRejoined e => e.Stage,
            RunEvent.StageBegan e => e.Stage,
            RunEvent.StageSkippedByHand e => e.Stage,
            RunEvent.StageSucceededByHand e => e.Stage,
            _ => null,
        };
        var (from, to) = stage is { } s
            ? (before.Stages[s].Status.ToString(), after.Stages[s].Status.ToString())
            : (before.Exists ? before.Status.ToString() : "(none)", after.Status.ToString());
        return $"{from} {happened.GetType().Name} {to}";
    }
}
