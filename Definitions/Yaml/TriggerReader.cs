using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Definitions;

/// <summary>The <c>triggers</c> of a pipeline file: what starts runs of it because something has happened, once it is registered. They are no part of
/// its definition.</summary>
internal sealed class TriggerReader(Unfolding values, Findings findings, SourceMap map, string pipeline)
{
    private readonly StarterReader _starters = new(values, findings, map, "trigger", "`kind`", "{ id: inbox, kind: file, path: \"in/*.csv\" }");

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

    public ImmutableArray<PipelineTrigger> Read(Node.Entry? entry, ImmutableArray<ParamSpec> parameters) =>
        _starters.Read(entry, (mapping, path) => Trigger(mapping, path, parameters), trigger => trigger.Id);

    private PipelineTrigger? Trigger(Node.Mapping mapping, string path, ImmutableArray<ParamSpec> parameters)
    {
        var found = findings.All().Length;
        var kind = KindOf(mapping);
        var own = Kinds.FirstOrDefault(one => one.Kind == kind).Keys;
        var keys = new Keys(
            mapping, [.. Shared, .. own.IsDefault ? Kinds.SelectMany(one => one.Keys).Distinct() : own], path,
            own.IsDefault ? "a trigger" : $"a trigger of the kind `{kind}`", map, findings, Missed);
        var id = _starters.Id(keys, mapping, path, "inbox");
        if (own.IsDefault)
        {
            WrongKind(keys, mapping, path);
            return null;
        }
        var on = Source(kind!, keys, mapping, path);
        var paused = keys.Flag("paused");
        var (version, given) = (StarterReader.Version(keys), _starters.Params(keys, path));
        if (on is null || id is null) return null;
        var spec = new TriggerSpec(on, "", version, given);
        if (findings.All().Length == found) Check(keys, spec, id, path, parameters);
        return new PipelineTrigger(id, spec, paused);
    }

    private static string? KindOf(Node.Mapping mapping) =>
        (mapping.Entries.FirstOrDefault(entry => entry.Key.Text == "kind")?.Value as Node.Scalar)?.Text;

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
                var settle = keys.Duration("settle") ?? TriggerSource.OfFile.UsualSettle;
                var every = keys.Duration("every") ?? TriggerSource.OfFile.UsualEvery;
                var existing = keys.Flag("existing") ?? true;
                return Needed("path", "\"in/*.csv\"") is { } files
                    ? new TriggerSource.OfFile(files, settle, every, keys.Choice<FileRuns>("runs") ?? FileRuns.PerFile, existing)
                    : null;
            case "pipeline":
                var ending = keys.Choice<RunEnding>("when") ?? RunEnding.Succeeded;
                return Needed("pipeline", "orders") is { } other ? new TriggerSource.OfPipeline(other, ending) : null;
            case "dataset": return Needed("dataset", "orders/clean") is { } dataset ? new TriggerSource.OfDataset(dataset) : null;
            case "webhook": return Needed("secret", "shop_hook") is { } secret ? new TriggerSource.OfWebhook(secret) : null;
            case "rabbitmq":
                var prefetch = keys.Whole("prefetch", "a number of messages", least: 1) ?? TriggerSource.OfRabbitMq.UsualPrefetch;
                return Needed("connection", "broker") is { } broker && Needed("queue", "orders") is { } queue
                    ? new TriggerSource.OfRabbitMq(broker, queue, prefetch)
                    : null;
            case "freshness":
                if (!keys.WasMeant("within"))
                    findings.Error(YamlCodes.MissingKey, "A trigger of the kind `freshness` needs `within`.", node.Range, path, "For example: within: 26h");
                return keys.Duration("within", isNeeded: true) is { } within ? new TriggerSource.OfFreshness(within, keys.Text("pipeline", "orders")) : null;
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
