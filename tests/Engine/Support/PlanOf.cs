using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Tests;

/// <summary>Plans written as lines: <c>"load+check: clean, orders when always"</c> is a stage of the steps load and check, in this
/// order, which needs the stages of clean and orders and reads what they give; <c>clean.rejects</c> reads another port. Lines stand
/// in an order in which every stage comes after those that it needs.</summary>
internal static class PlanOf
{
    public static readonly RetrySpec NoRetry = RetrySpec.Default with { Max = 0 };

    /// <summary>What the run of an item is to be started with.</summary>
    public static readonly SpecValue.Map Other = new([new Field(AwaitFields.Pipeline, new SpecValue.Text("other"))]);

    public static Plan Lines(params string[] lines) => Lines(NoRetry, lines);

    public static Plan Lines(RetrySpec retry, params string[] lines) => Of([.. lines.Select(line => StageLine.Parse(line, retry))]);

    public static Plan Chain(int stages) =>
        Of([.. Enumerable.Range(0, stages).Select(i => new StageLine([$"s{i}"], i == 0 ? [] : [$"s{i - 1}"], "on_success", NoRetry))]);

    /// <summary>One stage that all others need, those, and one that needs them all.</summary>
    public static Plan FanOutAndIn(int width) => Of(
    [
        new StageLine(["from"], [], "on_success", NoRetry),
        .. Enumerable.Range(0, width).Select(i => new StageLine([$"s{i}"], ["from"], "on_success", NoRetry)),
        new StageLine(["to"], [.. Enumerable.Range(0, width).Select(i => $"s{i}")], "on_success", NoRetry),
    ]);

    /// <summary>Diamonds one after another: 2 to the power of <paramref name="rungs"/> ways lead to the end.</summary>
    public static Plan Ladder(int rungs) => Of(
    [
        new StageLine(["top"], [], "on_success", NoRetry),
        .. Enumerable.Range(0, rungs).SelectMany(i => new[] { "left", "right" }.Select(side => new StageLine(
            [$"{side}{i}"], i == 0 ? ["top"] : [$"left{i - 1}", $"right{i - 1}"], "on_success", NoRetry))),
    ]);

    /// <summary>A plan whose stages need earlier ones at random.</summary>
    /// <param name="waits">Whether some of them wait for signals, approvals and times.</param>
    /// <param name="undoes">Whether some are undone when the run fails.</param>
    public static Plan Random(Random random, int stagesMax, int retriesMax, bool waits = false, bool undoes = false)
    {
        var names = new List<string>();
        var lines = ImmutableArray.CreateBuilder<StageLine>();
        var count = random.Next(1, stagesMax + 1);
        for (var i = 0; i < count; i++)
        {
            var needs = Enumerable.Range(0, i).Where(_ => random.Next(i) < 2).Select(need => names[need]);
            var when = random.Next(6) switch { 0 => "on_failure", 1 => "always", _ => "on_success" };
            names.Add(!waits ? $"s{i}" : random.Next(12) switch { 0 => $"signal{i}", 1 => $"ask{i}", 2 => $"nap{i}", 3 => $"child{i}", _ => $"s{i}" });
            lines.Add(new StageLine([names[i]], [.. needs], when, RetrySpec.Default with { Max = random.Next(retriesMax + 1) }));
        }
        if (undoes)
            foreach (var undone in names.Where(_ => random.Next(4) == 0))
                lines.Add(new StageLine([$"undo_{undone}"], [undone], "compensation", RetrySpec.Default with { Max = random.Next(retriesMax + 1) }));
        return Of(lines.DrainToImmutable());
    }

    /// <summary>What a step waits for, by its name: <c>signal…</c> for the signal <c>go</c>, <c>ask…</c> for approval, <c>child…</c> for a run
    /// (<c>Left</c>: abandoned), <c>nap…</c> for five seconds; those with <c>Late</c> in their names ten seconds at most, and those with <c>Strict</c> fail then.</summary>
    private static (AwaitKind? Kind, SpecValue.Map With) Waits(string id)
    {
        Field[] late = id.Contains("Late", StringComparison.Ordinal)
            ? [Text(AwaitFields.Timeout, "10s"), Text(AwaitFields.OnTimeout, id.StartsWith("ask", StringComparison.Ordinal) ? "reject" : "succeed")]
            : id.Contains("Strict", StringComparison.Ordinal) ? [Text(AwaitFields.Timeout, "10s")]
            : [];
        return id.StartsWith("signal", StringComparison.Ordinal) ? (AwaitKind.Signal, new SpecValue.Map([Text(AwaitFields.Name, "go"), .. late]))
            : id.StartsWith("ask", StringComparison.Ordinal) ? (AwaitKind.Approval, new SpecValue.Map([Text(AwaitFields.Message, "May I?"), .. late]))
            : id.StartsWith("child", StringComparison.Ordinal) ? (AwaitKind.Run, new SpecValue.Map([
                Text(AwaitFields.Pipeline, "other"), .. id.Contains("Left", StringComparison.Ordinal) ? [Text(AwaitFields.OnParentEnd, "abandon")] : Array.Empty<Field>()]))
            : id.StartsWith("nap", StringComparison.Ordinal) ? (AwaitKind.Time, new SpecValue.Map([Text(AwaitFields.For, "5s")]))
            : (null, SpecValue.Map.Empty);

        static Field Text(string name, string text) => new(name, new SpecValue.Text(text));
    }

    private static PlannedInput[] Ports(string step, int position) =>
        [new(step, position, PlannedInput.Out), new($"{step}.rejects", position, "rejects")];

    /// <summary>The plan, with a field for one of its steps.</summary>
    public static Plan With(Plan plan, string step, string field, string text) =>
        With(plan, step, [new Field(field, new SpecValue.Text(text))]);

    /// <summary>The plan, with one more field for one of its steps.</summary>
    public static Plan Declaring(Plan plan, string step, Field field) =>
        With(plan, step, [.. plan.Steps[plan.Positions[new StepId(step)]].Spec.With.Fields, field]);

    public static Plan With(Plan plan, string step, ImmutableArray<Field> fields)
    {
        var position = plan.Positions[new StepId(step)];
        var planned = plan.Steps[position];
        var spec = planned.Spec with { With = new SpecValue.Map(fields) };
        var steps = plan.Steps.SetItem(position, new PlannedStep(
            planned.Index, spec, planned.DependsOn, planned.Dependants, planned.Inputs, planned.Stage, planned.Published,
            planned.Condition, planned.SqlPaths) { Awaits = planned.Awaits });
        return new Plan(plan.Spec with { Steps = [.. steps.Select(s => s.Spec)] }, steps, plan.Stages);
    }

    public static Plan Of(ImmutableArray<StageLine> lines)
    {
        var stageOf = new Dictionary<string, int>();
        foreach (var (stage, line) in lines.Index())
            foreach (var id in line.Steps) stageOf.Add(id, stage);
        var ids = lines.SelectMany(line => line.Steps).ToArray();
        var positions = ids.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var inputs = lines.SelectMany(line => line.Steps.Select((_, i) => i == 0 ? line.Needs : [line.Steps[i - 1]])).ToArray();
        var dependsOn = inputs.Select(names => names.Select(StageLine.Step).Distinct().ToArray()).ToArray();
        var dependants = ids.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        foreach (var (step, needs) in dependsOn.Index())
            foreach (var need in needs) dependants[positions[need]].Add(step);
        var feeds = lines.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        foreach (var (stage, line) in lines.Index())
            foreach (var need in line.Needs.Select(id => stageOf[StageLine.Step(id)]).Distinct()) feeds[need].Add(stage);

        var steps = ids.Select((id, position) => new PlannedStep(
            position,
            new StepSpec(new StepId(id), "test.step", [.. dependsOn[position].Select(need => new StepId(need))], Waits(id).With),
            [.. dependsOn[position].Select(need => positions[need])], dependants[position].ToImmutable(),
            [.. dependsOn[position].Where(need => Waits(need).Kind is null).SelectMany(need => Ports(need, positions[need]))], stageOf[id],
            lines[stageOf[id]].Steps[^1] == id, lines[stageOf[id]].Condition, []) { Awaits = Waits(id).Kind });
        var stages = lines.Select((line, stage) => new PlannedStage(
            stage, [.. line.Steps.Select(id => positions[id])], [.. line.Needs.Select(id => stageOf[StageLine.Step(id)]).Distinct()],
            feeds[stage].ToImmutable(), line.Retry, null, line.Condition));
        var all = steps.ToImmutableArray();
        return new Plan(new PipelineSpec("test", null, [], [.. all.Select(step => step.Spec)]), all, [.. stages]);
    }
}

internal sealed record StageLine(ImmutableArray<string> Steps, ImmutableArray<string> Needs, string When, RetrySpec Retry)
{
    public StepCondition Condition => When switch
    {
        "on_success" => new StepCondition.OnSuccess(),
        "on_failure" => new StepCondition.OnFailure(),
        "always" => new StepCondition.Always(),
        "compensation" => new StepCondition.Compensation(),
        _ => new StepCondition.If(When),
    };

    public static string Step(string need) => need.Split('.')[0];
    public static string Port(string need) => need.Contains('.', StringComparison.Ordinal) ? need.Split('.')[1] : PlannedInput.Out;

    public static StageLine Parse(string line, RetrySpec retry)
    {
        var (rest, when) = Halves(line, " when ");
        var (steps, needs) = Halves(rest, ":");
        return new StageLine(
            [.. steps.Split('+')], [.. needs.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            when == "" ? "on_success" : when, retry);
    }

    private static (string, string) Halves(string text, string at) =>
        text.IndexOf(at, StringComparison.Ordinal) is var i and >= 0
            ? (text[..i].Trim(), text[(i + at.Length)..].Trim())
            : (text.Trim(), "");
}
