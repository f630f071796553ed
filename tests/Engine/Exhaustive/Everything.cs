using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Exhaustive;

/// <summary>All that can be said to all runs of small plans, in every order. Ways that lead to the same run are followed once: what
/// happens next depends on the run alone.</summary>
internal static class Everything
{
    public sealed record Way(Run Before, RunCommand Command, DateTimeOffset Now, Decision Decision);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(100);

    /// <summary>Every shape of one, two and three stages.</summary>
    public static IEnumerable<Plan> Shapes()
    {
        yield return PlanOf.Lines(Words.Patient(1), "s");
        foreach (var t in new[] { "t", "t: s" })
        {
            yield return PlanOf.Lines(Words.Patient(1), "s", t);
            foreach (var u in new[] { "u", "u: s", "u: t", "u: s, t" })
                yield return PlanOf.Lines(Words.Patient(1), "s", t, u);
        }
    }

    /// <summary>The shapes in which a condition can matter, with every condition at every place.</summary>
    public static IEnumerable<Plan> Conditions()
    {
        string[] conditions = ["on_success", "on_failure", "always"];
        foreach (var second in conditions)
        foreach (var third in conditions)
        foreach (var needs in new[] { "s", "t", "s, t" })
            yield return PlanOf.Lines($"s", $"t: s when {second}", $"u: {needs} when {third}");
    }

    /// <summary>Shapes for people who pause, skip, mark, signal and approve.</summary>
    public static IEnumerable<Plan> Steered()
    {
        foreach (var lines in new string[][]
        {
            ["s", "t: s"], ["s", "t"], ["s", "t: s", "u: t when on_failure"], ["s+t", "u: t"], ["s", "signal: s", "u: signal"],
            ["signal", "signal2"], ["signalLate", "u: signalLate"], ["ask", "askLate", "u: ask"], ["askStrict", "u: askStrict"], ["s", "nap: s", "u: nap"],
            ["child", "u: child"], ["s", "childLeft: s", "u: childLeft"],
        })
            yield return PlanOf.Lines(Words.Patient(1), lines);
    }

    /// <summary>Shapes with a step that runs for each of three items.</summary>
    public static IEnumerable<Plan> Mapped()
    {
        yield return PlanOf.Lines(Words.Patient(1), "s", "t: s").ForEach(2);
        yield return PlanOf.Lines(Words.Patient(1), "s", "t: s").ForEach(2, OnItemFailure.Continue);
        yield return PlanOf.Lines(Words.Patient(0), "s", "t: s when on_failure").ForEach(1, OnItemFailure.Tolerate, count: 1);
        yield return PlanOf.Lines(Words.Patient(1), "child", "t: child").ForEach(2);
        yield return PlanOf.Lines("childLeft", "t: childLeft").ForEach(2);
        yield return PlanOf.Lines("child", "t: child when on_failure").ForEach(2, OnItemFailure.Tolerate, count: 1);
    }

    /// <summary>Shapes in which something is undone.</summary>
    public static IEnumerable<Plan> Undone()
    {
        foreach (var lines in new string[][]
        {
            ["s", "undo: s when compensation", "t: s"], ["s", "undo: s when compensation", "t", "undoes: t when compensation"],
            ["s", "undo: s when compensation", "t: s when on_failure"],
        })
            yield return PlanOf.Lines(Words.Patient(1), lines);
    }

    /// <summary>A run that has taken as many processes with it as it may, and each of its steps too.</summary>
    public static Given Troubled(Plan plan, params RunCommand[] before)
    {
        var given = Given.Started(plan, Timeout).Then(before);
        for (var death = 1; death <= Run.RescuesMax; death++)
        {
            var running = given.After.Attempts();
            given = given.Then([.. running.Select(one => Words.Begin(one.Stage, one.Attempt)), Words.Rescue($"p{death}")]);
            if (death < Run.DeathsMax) given = given.Then([.. running.Select(one => Words.Die(one.Stage, one.Attempt))]);
        }
        return given;
    }

    /// <summary>All that runs.</summary>
    private static (int Stage, int Attempt)[] Attempts(this Run run) =>
    [
        .. from stage in run.Stages.All().Index()
           where stage.Item.Status == StepStatus.Running
           from attempt in stage.Item.Items is { IsGathering: false } items ? items.Flying.Select(slice => slice.Attempt) : [stage.Item.Attempt.Number]
           select (stage.Index, attempt),
    ];

    /// <summary>Plans and what was said before they became troubled.</summary>
    public static IEnumerable<Given> AllTroubled() =>
        Steered().Append(PlanOf.Lines("s")).Select(plan => Troubled(plan)).Concat(Mapped().Select(plan => Troubled(plan, ItemWords.Listed(3))));

    public static int Explore(Given from, int commandsMax, Action<Way> visit) =>
        Explore(from.After.Plan!, commandsMax, visit, steered: true, from.After);

    /// <param name="steered">Whether people pause, resume, skip, mark, signal and approve too.</param>
    public static int Explore(Plan plan, int commandsMax, Action<Way> visit, bool steered = false, Run? from = null)
    {
        var start = from ?? Given.Started(plan, Timeout).After;
        var seen = new HashSet<string> { Saying.Of(start) };
        var layer = new List<Run> { start };
        for (var depth = 0; depth < commandsMax && layer.Count > 0; depth++)
        {
            var next = new List<Run>();
            foreach (var run in layer)
            foreach (var (command, now) in Commands(run, plan).Concat(steered ? Wishes(run, plan) : []))
            {
                var decision = Run.Decide(run, command, now);
                visit(new Way(run, command, now, decision));
                if (decision is not Decision.Accepted { Events: { IsEmpty: false } events }) continue;
                var after = events.Aggregate(run, Run.Apply);
                if (seen.Add(Saying.Of(after))) next.Add(after);
            }
            layer = next;
        }
        return seen.Count;
    }

    /// <summary>The list of three items, and all that slices may say; of every slice that runs, and of one that does not.</summary>
    private static IEnumerable<RunCommand> OfItems(Run run)
    {
        if (run.Plan!.Steps[0].Spec.ForEach is null) yield break;
        yield return ItemWords.Listed(3);
        if (run.Stages[0].Items is not { } items) yield break;
        foreach (var child in run.ChildrenOf(0).Append(new ChildRun(Given.Id, "other", null, SpecValue.Map.Empty, null, false)))
            foreach (var fault in new[] { null, Words.Invalid, new Fault(FaultKind.Cancelled, "ETL4202", "") })
                yield return new RunCommand.ChildEnded(run.Plan.Steps[0].Spec.Id, child.Run, fault, []);
        foreach (var slice in items.Flying.Append(new ItemSlice(1, 0, 1, 0)))
            if (items.Children is { } children)
            {
                yield return ItemWords.Filled(slice.Attempt, slice.From, slice.Count, children.BeingNoted);
                yield return ItemWords.Filled(slice.Attempt, slice.From, 1, children.BeingNoted);
                yield return ItemWords.Filled(slice.Attempt, children.BeingNoted, new FilledItem(slice.From, SpecValue.Map.Empty, Words.Invalid));
                yield return Words.Fail(0, Words.Invalid, slice.Attempt);
            }
        foreach (var slice in items.Flying.Append(new ItemSlice(1, 0, 1, 0)))
        {
            yield return ItemWords.DidQuickly(slice.Attempt, slice.Count);
            yield return ItemWords.Did(slice.Attempt, 1, (slice.From, Words.Unavailable));
            yield return ItemWords.Did(slice.Attempt, slice.Count, (slice.From, Words.Invalid));
            yield return ItemWords.HandBack(slice.Attempt, 1);
            yield return Words.Lose(0, slice.Attempt);
            yield return Words.Die(0, slice.Attempt);
            yield return Words.Begin(0, slice.Attempt);
            yield return Words.Stopped(0, slice.Attempt);
            yield return Words.Fail(0, Words.Unavailable, slice.Attempt);
        }
    }

    private static IEnumerable<(RunCommand, DateTimeOffset)> Wishes(Run run, Plan plan)
    {
        yield return (Words.Pause(), Given.Noon);
        yield return (Words.Resume(), Given.Noon.AddSeconds(2));
        yield return (Words.Rescue("p6"), Given.Noon);
        yield return (Words.Redrive(), Given.Noon.AddSeconds(2));
        yield return (Words.Signal(), Given.Noon);
        yield return (Words.Signal(key: "k"), Given.Noon);
        foreach (var step in plan.Steps.Select(step => step.Spec.Id.Value))
        {
            yield return (Words.Skip(step, whole: true), Given.Noon);
            yield return (Words.Mark(step, whole: true), Given.Noon);
            yield return (Words.Review(step, approved: false), Given.Noon);
            yield return (Words.ChildEnded(run, step), Given.Noon);
            yield return (Words.ChildEnded(run, step, Words.Invalid), Given.Noon);
        }
    }

    /// <summary>Every command; reports of the attempt before, of the current one and of one that is not yet.</summary>
    private static IEnumerable<(RunCommand, DateTimeOffset)> Commands(Run run, Plan plan)
    {
        for (var stage = 0; stage < run.Stages.Count; stage++)
            for (var attempt = run.Stages[stage].Attempt.Number - 1; attempt <= run.Stages[stage].Attempt.Number + 1; attempt++)
            {
                yield return (Words.Succeed(stage, attempt), Given.Noon);
                yield return (Words.Fail(stage, Words.Unavailable, attempt), Given.Noon);
                yield return (Words.Fail(stage, Words.Invalid, attempt), Given.Noon);
                yield return (Words.Stopped(stage, attempt), Given.Noon);
                yield return (Words.Lose(stage, attempt), Given.Noon);
                yield return (Words.Die(stage, attempt), Given.Noon);
                yield return (Words.Begin(stage, attempt), Given.Noon);
            }
        foreach (var command in OfItems(run)) yield return (command, Given.Noon);
        yield return (Words.Cancel(), Given.Noon);
        yield return (Words.Elapse(), Given.Noon);
        if (run.NextWake is { } wake) yield return (Words.Elapse(), wake);
        yield return (Words.Elapse(), Given.Noon + Timeout);
        yield return (Given.Start(plan, Timeout), Given.Noon);
        yield return (Given.Start(plan), Given.Noon);
    }
}
