using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>One item of <c>steps</c>.</summary>
/// <param name="meetsOlder">Told where the older form (<c>service</c>, <c>params</c>) is met.</param>
internal sealed class StepReader(
    KindCatalog kinds, Unfolding values, Findings findings, SourceMap map, Action<SourceRange> meetsOlder)
{
    private static readonly ImmutableArray<string> Known =
        ["id", "kind", "depends_on", "with", "retry", "timeout", "when", "materialize", "for_each", "limits", "reuse", "compensates"];
    private static readonly ImmutableArray<string> Older = [.. Known, "service", "params"];

    private readonly PolicyReader _policies = new(findings, map);
    private readonly LimitsReader _limits = new(findings, map);

    public StepSpec Read(Node node, string path)
    {
        map.AddValue(path, node.Range);
        if (node is not Node.Mapping mapping)
        {
            findings.Error(YamlCodes.WrongShape, $"A step must be a mapping with `id` and `kind`, found {node.Shape}.", node.Range, path,
                "For example: - { id: orders, kind: extract.csv, with: { path: orders.csv } }");
            return new StepSpec(new StepId(""), "", [], SpecValue.Map.Empty);
        }
        var isOlder = mapping.Entries.Any(e => e.Key.Text == "service") && mapping.Entries.All(e => e.Key.Text != "kind");
        var keys = new Keys(mapping, isOlder ? Older : Known, path, "a step", map, findings, Missed);
        if (isOlder) meetsOlder(keys["service"]!.Key.Range);
        var id = keys.Text("id", "orders");
        if (id is null && !keys.WasMeant("id")) Missing("id", node, path, "Give the step a name of its own: `id: orders`.");
        var kind = Kind(keys, isOlder ? "service" : "kind", node, path);
        if (id is null) findings.Paths.Add(SpecPath.Field(path, "id"));
        if (kind.Length == 0) findings.Paths.Add(SpecPath.Field(path, "kind"));
        return new StepSpec(
            new StepId(id ?? ""),
            kind,
            DependsOn(keys, path),
            With(keys, isOlder && !keys.Has("with") ? "params" : "with", isOlder ? kinds.Find(kind) : null, path),
            _policies.Retry(keys, path),
            keys.Duration("timeout"),
            keys.Text("when", "on_failure"),
            keys.Flag("materialize") ?? false,
            new ForEachReader(values, findings, map).Read(keys, path),
            _limits.Read(keys, path),
            PolicyReader.Reuse(keys),
            keys.Text("compensates", "orders") is { } compensated ? new StepId(compensated) : null);
    }

    private string Kind(Keys keys, string key, Node node, string path)
    {
        if (keys.Text(key, "extract.csv") is not { } written)
        {
            if (!keys.WasMeant(key)) Missing("kind", node, path, "Say what it does, for example `kind: extract.csv`.");
            return "";
        }
        if (key == "kind") return written;
        var at = SpecPath.Field(path, "kind");
        map.AddKey(at, keys[key]!.Key.Range);
        map.AddValue(at, keys[key]!.Value.Range);
        return kinds.FindOlder(written)?.Name ?? written;
    }

    private ImmutableArray<StepId> DependsOn(Keys keys, string path)
    {
        if (keys["depends_on"] is not { } entry || SpecReader.IsNothing(entry.Value)) return [];
        var at = SpecPath.Field(path, "depends_on");
        var items = entry.Value is Node.Sequence sequence ? sequence.Items : [entry.Value];
        var ids = ImmutableArray.CreateBuilder<StepId>(items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            var place = SpecPath.Item(at, i);
            map.AddValue(place, items[i].Range);
            if (items[i] is Node.Scalar { Text.Length: > 0 } scalar) ids.Add(new StepId(scalar.Text));
            else
            {
                ids.Add(new StepId(""));
                findings.Error(YamlCodes.WrongType, $"`depends_on` must be a list of step ids, found {items[i].Shape}.",
                    items[i].Range, place,
                    "For example: depends_on: [orders, customers]");
            }
        }
        return ids.ToImmutable();
    }

    private SpecValue.Map With(Keys keys, string key, KindSpec? olderKind, string path)
    {
        if (keys[key] is not { } entry || SpecReader.IsNothing(entry.Value)) return SpecValue.Map.Empty;
        var at = SpecPath.Field(path, "with");
        if (entry.Value is not Node.Mapping mapping)
        {
            findings.Error(YamlCodes.WrongShape, $"`{key}` must be a mapping from fields to values, found {entry.Value.Shape}.",
                entry.Value.Range, at, "Indent the fields below it: `path: orders.csv`.");
            return SpecValue.Map.Empty;
        }
        map.AddKey(at, entry.Key.Range);
        if (olderKind is not null) mapping = OlderNames.Renamed(mapping, olderKind.Fields);
        return values.Value(mapping, at) as SpecValue.Map ?? SpecValue.Map.Empty;
    }

    private void Missing(string key, Node node, string path, string help) => findings.Error(
        YamlCodes.MissingKey, $"A step needs `{key}`.", map.Value(SpecPath.Field(path, "id")) ?? node.Range,
            SpecPath.Field(path, key), help);

    private static string? Missed(string name) => name switch
    {
        "name" or "step" => "id",
        "type" or "typ" or "service" or "uses" or "operator" => "kind",
        "needs" or "after" or "depends" or "dependencies" or "from" or "inputs" or "input" => "depends_on",
        "params" or "config" or "options" or "args" or "settings" => "with",
        "if" or "condition" or "run_if" => "when",
        "retries" => "retry",
        "foreach" or "map" or "expand" or "loop" or "matrix" => "for_each",
        "pool" or "pools" or "limit" or "concurrency" => "limits",
        "cache" or "cached" or "memoize" => "reuse",
        "compensate" or "undoes" or "rollback" or "on_rollback" => "compensates",
        _ => null,
    };
}
