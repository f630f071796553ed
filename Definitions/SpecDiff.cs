using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>What differs between two definitions of a pipeline, in lines for people. None when they mean the same.</summary>
public static class SpecDiff
{
    private const int ValueMax = 60;

    public static ImmutableArray<string> Between(PipelineSpec old, PipelineSpec @new)
    {
        var lines = new List<string>();
        if (old.Name != @new.Name) lines.Add($"~ pipeline: {old.Name} → {@new.Name}");
        if (old.Description != @new.Description) lines.Add("~ description");
        if (old.Reuse != @new.Reuse) lines.Add("~ reuse");
        if (old.OnConflict != @new.OnConflict) lines.Add("~ on_conflict");
        Params(lines, old, @new);
        Templates(lines, old, @new);
        Environment(lines, old.Environment, @new.Environment);
        Maps(lines, "~ ", "", Policy(old), Policy(@new));
        Maps(lines, "~ alert on ", "", Alerts(old), Alerts(@new));
        Steps(lines, old, @new);
        return [.. lines];
    }

    private static SpecValue.Map Policy(PipelineSpec spec) =>
        spec.Retry is { } retry ? new([new("retry", retry.ToValue())]) : SpecValue.Map.Empty;

    private static SpecValue.Map Alerts(PipelineSpec spec) =>
        new([.. spec.Alerts?.Select(rule => new Field(EnumWords.Word(rule.On), rule.ToValue())) ?? []]);

    private static void Params(List<string> lines, PipelineSpec old, PipelineSpec @new)
    {
        foreach (var before in old.Params)
        {
            var after = @new.Params.FirstOrDefault(p => p.Name == before.Name);
            if (after is null) lines.Add($"- parameter {before.Name}");
            else Maps(lines, $"~ parameter {before.Name}: ", "", before.ToValue(), after.ToValue());
        }
        foreach (var after in @new.Params.Where(p => old.Params.All(o => o.Name != p.Name))) lines.Add($"+ parameter {after.Name}");
    }

    private static void Templates(List<string> lines, PipelineSpec old, PipelineSpec @new)
    {
        var (before, after) = (Names(old), Names(@new));
        if (before != after) lines.Add($"~ template: {before} → {after}");
        else if (old.Templates is { } one && !one.SequenceEqual(@new.Templates!.Value)) lines.Add($"~ template: {before} says something else");

        static string Names(PipelineSpec spec) => spec.Templates is { } used ? string.Join(" ← ", used) : "(nothing)";
    }

    private static void Environment(List<string> lines, EnvironmentSpec? old, EnvironmentSpec? @new)
    {
        if (old?.Name != @new?.Name) lines.Add($"~ environment: {old?.Name ?? "(nothing)"} → {@new?.Name ?? "(nothing)"}");
        Maps(lines, "~ env.", "", Values(old), Values(@new));

        static SpecValue.Map Values(EnvironmentSpec? environment) =>
            new([.. environment?.Values.Select(value => new Field(value.Name, value.Default!)) ?? []]);
    }

    private static void Steps(List<string> lines, PipelineSpec old, PipelineSpec @new)
    {
        var before = old.Steps.ToDictionary(s => s.Id);
        var after = @new.Steps.ToDictionary(s => s.Id);
        foreach (var step in old.Steps)
        {
            if (!after.TryGetValue(step.Id, out var now)) lines.Add($"- step {step.Id} ({step.Kind})");
            else Maps(lines, $"~ step {step.Id}: ", "", step.ToValue(), now.ToValue());
        }
        foreach (var step in @new.Steps.Where(s => !before.ContainsKey(s.Id))) lines.Add($"+ step {step.Id} ({step.Kind})");
        var kept = old.Steps.Select(s => s.Id).Where(after.ContainsKey);
        if (!kept.SequenceEqual(@new.Steps.Select(s => s.Id).Where(before.ContainsKey))) lines.Add("~ the order of the steps");
    }

    private static void Maps(List<string> lines, string start, string path, SpecValue.Map old, SpecValue.Map @new)
    {
        foreach (var name in old.Fields.Concat(@new.Fields).Select(f => f.Name).Distinct())
        {
            var (before, after) = (old[name], @new[name]);
            var at = SpecPath.Field(path, name);
            if (before == after) continue;
            if (before is SpecValue.Map a && after is SpecValue.Map b) Maps(lines, start, at, a, b);
            else lines.Add($"{start}{at}: {Shown(before)} → {Shown(after)}");
        }
        var order = old.Fields.Select(f => f.Name).Where(n => @new[n] is not null);
        if (path.Length > 0 && !order.SequenceEqual(@new.Fields.Select(f => f.Name).Where(n => old[n] is not null)))
            lines.Add($"{start}{path}: in another order");
    }

    private static string Shown(SpecValue? value)
    {
        if (value is null) return "(nothing)";
        var text = value.ToJson();
        return text.Length <= ValueMax ? text : text[..(ValueMax - 1)] + "…";
    }
}
