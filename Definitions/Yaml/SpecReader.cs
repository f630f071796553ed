using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>Nodes to a pipeline. What is wrong is found and left out or left empty, so that everything else can still be read
/// and checked.</summary>
internal sealed class SpecReader
{
    private static readonly ImmutableArray<string> Top =
        ["pipeline", "description", "params", "uses", "with", "retry", "limits", "reuse", "on_conflict", "alerts", "steps", "schedules", "triggers"];

    private readonly Findings _findings;
    private readonly SourceMap _map;
    private readonly Unfolding _values;
    private readonly StepReader _steps;
    private SourceRange? _older;
    private ImmutableArray<PipelineSchedule> _schedules = [];
    private ImmutableArray<PipelineTrigger> _triggers = [];

    private SpecReader(KindCatalog kinds, YamlBounds bounds, Findings findings, SourceMap map)
    {
        (_findings, _map) = (findings, map);
        _values = new Unfolding(bounds, findings, map);
        _steps = new StepReader(kinds, _values, findings, map, range => _older ??= range);
    }

    public static (PipelineSpec? Draft, ImmutableArray<PipelineSchedule> Schedules, ImmutableArray<PipelineTrigger> Triggers, SourceMap Map) Read(
        Node root, KindCatalog kinds, YamlBounds bounds, Findings findings)
    {
        var map = new SourceMap();
        var reader = new SpecReader(kinds, bounds, findings, map);
        var draft = reader.Pipeline(root);
        return (draft, reader._schedules, reader._triggers, map);
    }

    private PipelineSpec? Pipeline(Node root)
    {
        if (root is not Node.Mapping mapping)
        {
            _findings.Error(YamlCodes.WrongShape, $"A pipeline file is a mapping with `pipeline` and `steps`, found {root.Shape}.",
                root.Range);
            return null;
        }
        var isOlder = mapping.Entries.Any(e => e.Key.Text == "name") && mapping.Entries.All(e => e.Key.Text != "pipeline");
        if (isOlder) _older = mapping.Entries.First(e => e.Key.Text == "name").Key.Range;
        var keys = new Keys(mapping, isOlder ? [.. Top, "name"] : Top, "", "the pipeline", _map, _findings, Missed);
        var name = Name(keys, isOlder ? "name" : "pipeline", root);
        var description = keys.Text("description", "Orders to the warehouse");
        var @params = new ParamsReader(_values, _findings, _map).Read(keys["params"]);
        var retry = new PolicyReader(_findings, _map).Retry(keys, "");
        var limits = new LimitsReader(_findings, _map).Read(keys, "");
        var reuse = PolicyReader.Reuse(keys);
        var onConflict = PolicyReader.OnConflict(keys);
        var alerts = new AlertsReader(_findings, _map).Read(keys["alerts"]);
        var steps = Steps(keys, root);
        _schedules = new ScheduleReader(_values, _findings, _map).Read(keys["schedules"], @params);
        _triggers = new TriggerReader(_values, _findings, _map, name).Read(keys["triggers"], @params);
        if (_older is { } older)
        {
            _findings.Warning(YamlCodes.OlderForm, "This file is in the older form; it is read through a table of older names.",
                older, null,
                "The form of today: `pipeline:` for the name; `kind:` and `with:` instead of `service:` and `params:` on a step.");
        }
        return _values.IsExhausted ? null : new PipelineSpec(
            name, description, @params, steps, Retry: retry, Limits: limits, Reuse: reuse, OnConflict: onConflict, Alerts: alerts);
    }

    private string Name(Keys keys, string key, Node root)
    {
        if (keys.Text(key, "orders") is { } name)
        {
            if (key != "pipeline") _map.AddValue("pipeline", keys[key]!.Value.Range);
            return name;
        }
        _findings.Paths.Add("pipeline");
        if (!keys.WasMeant(key)) Missing("pipeline", root.Range, "pipeline", "Begin the file with `pipeline: name`.");
        return "";
    }

    private ImmutableArray<StepSpec> Steps(Keys keys, Node root)
    {
        var entry = keys["steps"];
        if (entry is null)
        {
            _findings.Paths.Add("steps");
            if (!keys.WasMeant("steps")) Missing("steps", root.Range, "steps", "Add `steps:` with one item for each step.");
            return [];
        }
        if (entry.Value is Node.Sequence sequence)
            return [.. sequence.Items.Select((node, i) => _steps.Read(node, SpecPath.Step(i)))];
        if (!IsNothing(entry.Value))
        {
            _findings.Error(YamlCodes.WrongShape, $"`steps` must be a list, found {entry.Value.Shape}.", entry.Value.Range, "steps",
                "Start each step with `- id: name`.");
        }
        return [];
    }

    private void Missing(string key, SourceRange at, string path, string help) =>
        _findings.Error(YamlCodes.MissingKey, $"The pipeline needs `{key}`.",
            at with { EndLine = at.Line, EndColumn = at.Column + 1 }, path, help);

    internal static bool IsNothing(Node node) => node is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Null;

    private static string? Missed(string name) => name switch
    {
        "name" or "id" or "job" or "workflow" => "pipeline",
        "parameters" or "variables" or "vars" or "inputs" => "params",
        "retries" => "retry",
        "limit" or "concurrency" or "max_runs" => "limits",
        "cache" or "cached" or "memoize" => "reuse",
        "alert" or "notify" or "notifications" or "on_failure" => "alerts",
        "tasks" or "stages" or "jobs" or "nodes" => "steps",
        "schedule" or "cron" => "schedules",
        "trigger" or "on" or "sensors" => "triggers",
        "template" or "extends" or "inherits" => "uses",
        _ => null,
    };
}
