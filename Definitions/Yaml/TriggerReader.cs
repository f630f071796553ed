using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Definitions;

/// <summary>The <c>triggers</c> of a pipeline file: what starts runs of it because something has happened, once it is registered. They are no part of
/// its definition.</summary>
internal sealed class TriggerReader(Unfolding values, Findings findings, SourceMap map, string pipeline)
{
    /// <summary>Of one file. Of more one would lose sight.</summary>
    public const int TriggersMax = 100;

    /// <summary>What each kind has besides.</summary>
    internal static readonly ImmutableArray<(string Kind, ImmutableArray<string> Keys)> Kinds =
    [
        ("file", ["path", "settle", "every", "runs", "existing"]),
        ("pipeline", ["pipeline", "when"]),
        ("dataset", ["dataset"]),
        ("webhook", ["secret"]),
        ("rabbitmq", ["connection", "queue", "prefetch"]),
        ("freshness", ["within", "pipeline"]),
    ];

    private static readonly ImmutableArray<string> Shared = ["id", "kind", "paused", "version", "params"];

    public ImmutableArray<PipelineTrigger> Read(Node.Entry? entry, ImmutableArray<ParamSpec> parameters)
    {
        if (entry is null || SpecReader.IsNothing(entry.Value)) return [];
        if (entry.Value is not Node.Sequence sequence)
        {
            findings.Error(YamlCodes.WrongShape, $"`triggers` must be a list, found {entry.Value.Shape}.", entry.Value.Range, "triggers",
                "For example: triggers: [{ id: inbox, kind: file, path: \"in/*.csv\" }]");
            return [];
        }
        if (sequence.Items.Length > TriggersMax)
            findings.Error(YamlCodes.BoundMet, $"Found {sequence.Items.Length} triggers, expected at most {TriggersMax}.", entry.Key.Range, "triggers");
        var triggers = ImmutableArray.CreateBuilder<PipelineTrigger>();
        for (var i = 0; i < Math.Min(sequence.Items.Length, TriggersMax); i++)
        {
            if (Trigger(sequence.Items[i], SpecPath.Item("triggers", i), parameters) is not { } one) continue;
            if (triggers.Any(other => other.Id == one.Id))
                findings.Error(YamlCodes.DuplicateKey, $"The trigger `{one.Id}` stands here a second time.", sequence.Items[i].Range,
                    SpecPath.Item("triggers", i), "Give it another id.");
            triggers.Add(one);
        }
        return triggers.ToImmutable();
    }

    private PipelineTrigger? Trigger(Node node, string path, ImmutableArray<ParamSpec> parameters)
    {
        map.AddValue(path, node.Range);
        var found = findings.All().Length;
        if (node is not Node.Mapping mapping)
        {
            findings.Error(YamlCodes.WrongShape, $"A trigger must be a mapping with `id` and `kind`, found {node.Shape}.", node.Range, path,
                "For example: - { id: inbox, kind: file, path: \"in/*.csv\" }");
            return null;
        }
        var kind = KindOf(mapping);
        var own = Kinds.FirstOrDefault(one => one.Kind == kind).Keys;
        var keys = new Keys(
            mapping, [.. Shared, .. own.IsDefault ? Kinds.SelectMany(one => one.Keys).Distinct() : own], path,
            own.IsDefault ? "a trigger" : $"a trigger of the kind `{kind}`", map, findings, Missed);
        var id = Id(keys, node, path);
        if (own.IsDefault)
        {
            WrongKind(keys, node, path);
            return null;
        }
        var on = Source(kind!, keys, node, path);
        var paused = keys["paused"] is null ? (bool?)null : new PolicyReader(findings, map).Flag(keys, "paused");
        var (version, given) = (Version(keys), Params(keys, path));
        if (on is null || id is null) return null;
        var spec = new TriggerSpec(on, "", version, given);
        if (findings.All().Length == found) Check(keys, spec, id, path, parameters);
        return new PipelineTrigger(id, spec, paused);
    }

    private static string? KindOf(Node.Mapping mapping) =>
        (mapping.Entries.FirstOrDefault(entry => entry.Key.Text == "kind")?.Value as Node.Scalar)?.Text;

    private string? Id(Keys keys, Node node, string path)
    {
        var id = keys.Text("id", "inbox");
        if (id is null && !keys.WasMeant("id"))
            findings.Error(YamlCodes.MissingKey, "A trigger needs `id`.", node.Range, path, "Give it a name of its own: `id: inbox`.");
        if (id is null || StepId.IsValid(id)) return id;
        keys.Wrong("id", keys["id"]!.Value, "a letter, then at most 62 letters, digits, `_` or `-`", null);
        return null;
    }

    private void WrongKind(Keys keys, Node node, string path)
    {
        var kinds = string.Join(", ", Kinds.Select(one => one.Kind));
        if (keys["kind"] is not { } entry)
        {
            if (!keys.WasMeant("kind"))
                findings.Error(YamlCodes.MissingKey, "A trigger needs `kind`.", node.Range, path, $"One of: {kinds}.");
            return;
        }
        keys.Wrong("kind", entry.Value, $"one of {kinds}",
            entry.Value is Node.Scalar text && Spelling.Nearest(text.Text, Kinds.Select(one => one.Kind)) is { } nearest ? $"Did you mean `{nearest}`?" : null);
    }

    private TriggerSource? Source(string kind, Keys keys, Node node, string path)
    {
        switch (kind)
        {
            case "file":
                var settle = Duration(keys, "settle") ?? TriggerSource.OfFile.UsualSettle;
                var every = Duration(keys, "every") ?? TriggerSource.OfFile.UsualEvery;
                var existing = keys["existing"] is null || new PolicyReader(findings, map).Flag(keys, "existing");
                return Needed("path", "\"in/*.csv\"") is { } files
                    ? new TriggerSource.OfFile(files, settle, every, Choice(keys, "runs", FileRuns.PerFile), existing)
                    : null;
            case "pipeline":
                var ending = Choice(keys, "when", RunEnding.Succeeded);
                return Needed("pipeline", "orders") is { } other ? new TriggerSource.OfPipeline(other, ending) : null;
            case "dataset": return Needed("dataset", "orders/clean") is { } dataset ? new TriggerSource.OfDataset(dataset) : null;
            case "webhook": return Needed("secret", "shop_hook") is { } secret ? new TriggerSource.OfWebhook(secret) : null;
            case "rabbitmq":
                var prefetch = keys["prefetch"] is null ? TriggerSource.OfRabbitMq.UsualPrefetch : Whole(keys, "prefetch", "a number of messages", null) ?? 0;
                return Needed("connection", "broker") is { } broker && Needed("queue", "orders") is { } queue
                    ? new TriggerSource.OfRabbitMq(broker, queue, prefetch)
                    : null;
            case "freshness":
                if (!keys.WasMeant("within"))
                    findings.Error(YamlCodes.MissingKey, "A trigger of the kind `freshness` needs `within`.", node.Range, path, "For example: within: 26h");
                return Duration(keys, "within") is { } within ? new TriggerSource.OfFreshness(within, keys.Text("pipeline", "orders")) : null;
            default: return null;
        }

        string? Needed(string name, string example)
        {
            var text = keys.Text(name, example);
            if (text is null && !keys.WasMeant(name))
                findings.Error(YamlCodes.MissingKey, $"A trigger of the kind `{kind}` needs `{name}`.", node.Range, path, $"For example: {name}: {example}");
            return text;
        }
    }

    private void Check(Keys keys, TriggerSpec spec, string id, string path, ImmutableArray<ParamSpec> parameters)
    {
        foreach (var fault in TriggerCheck.Of(spec)) Wrong(fault);
        if (TriggerCheck.Cycle(new TriggerId($"{pipeline}/{id}"), spec with { Pipeline = pipeline }, []) is { } cycle) Wrong(cycle);
        foreach (var fault in TriggerParams.Faults(new PipelineSpec(pipeline, null, parameters, []), spec)) Wrong(fault with
        {
            Path = "params", Hint = fault.Code == PlanCodes.MissingParam ? "Give it under `params` of the trigger." : fault.Hint,
        });

        void Wrong(Fault fault) => findings.Error(
            fault.Code, fault.Message, keys[fault.Path ?? "id"]?.Value.Range ?? keys["id"]?.Value.Range, SpecPath.Field(path, fault.Path ?? "id"), fault.Hint);
    }

    private SpecValue.Map Params(Keys keys, string path)
    {
        if (keys["params"] is not { } entry || SpecReader.IsNothing(entry.Value)) return SpecValue.Map.Empty;
        if (values.Value(entry.Value, SpecPath.Field(path, "params")) is SpecValue.Map given) return given;
        keys.Wrong("params", entry.Value, "a mapping from the pipeline's parameters to values", null);
        return SpecValue.Map.Empty;
    }

    private static TimeSpan? Duration(Keys keys, string name)
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && Durations.TryParse(scalar.Text, out var duration)) return duration;
        keys.Wrong(name, entry.Value, "a duration such as 30s, 15m or 2h", null);
        return null;
    }

    private static int? Version(Keys keys) =>
        Whole(keys, "version", "the number of a registered version of the pipeline", "Leave it away for the one that is active.");

    private static int? Whole(Keys keys, string name, string expected, string? help)
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Integer { Value: > 0 and <= int.MaxValue } number)
            return (int)number.Value;
        keys.Wrong(name, entry.Value, expected, help);
        return null;
    }

    private static T Choice<T>(Keys keys, string name, T usual) where T : struct, Enum
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return usual;
        var words = ScheduleWords.All<T>();
        if (entry.Value is Node.Scalar scalar && ScheduleWords.TryParse<T>(scalar.Text, out var value)) return value;
        keys.Wrong(name, entry.Value, string.Join(", ", words[..^1]) + " or " + words[^1],
            entry.Value is Node.Scalar text && Spelling.Nearest(text.Text, words) is { } nearest ? $"Did you mean `{nearest}`?" : null);
        return usual;
    }

    private static string? Missed(string name) => name switch
    {
        "name" => "id",
        "type" or "on" => "kind",
        "folder" or "glob" or "pattern" or "files" => "path",
        "is_paused" or "enabled" => "paused",
        "parameters" or "with" or "map" => "params",
        "status" or "ending" => "when",
        _ => null,
    };
}
