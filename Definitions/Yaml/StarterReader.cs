using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>What the <c>schedules</c> and the <c>triggers</c> of a pipeline file have in common: a list of mappings with an <c>id</c> each, which
/// say when runs start by themselves and with what.</summary>
/// <param name="one">For messages: <c>trigger</c>.</param>
/// <param name="has">What each has besides its id: <c>`kind`</c>.</param>
/// <param name="example">One of them, as YAML.</param>
internal sealed class StarterReader(Unfolding values, Findings findings, SourceMap map, string one, string has, string example)
{
    /// <summary>Of one file. Of more one would lose sight.</summary>
    public const int Max = 100;

    private readonly string _list = one + "s";

    /// <summary>Those that could be read.</summary>
    public ImmutableArray<T> Read<T>(Node.Entry? entry, Func<Node.Mapping, string, T?> read, Func<T, string> id) where T : class
    {
        if (entry is null || SpecReader.IsNothing(entry.Value)) return [];
        if (entry.Value is not Node.Sequence sequence)
        {
            findings.Error(YamlCodes.WrongShape, $"`{_list}` must be a list, found {entry.Value.Shape}.", entry.Value.Range, _list,
                $"For example: {_list}: [{example}]");
            return [];
        }
        if (sequence.Items.Length > Max)
            findings.Error(YamlCodes.BoundMet, $"Found {sequence.Items.Length} {_list}, expected at most {Max}.", entry.Key.Range, _list);
        var found = ImmutableArray.CreateBuilder<T>();
        for (var i = 0; i < Math.Min(sequence.Items.Length, Max); i++)
        {
            var (node, path) = (sequence.Items[i], SpecPath.Item(_list, i));
            map.AddValue(path, node.Range);
            if (node is not Node.Mapping mapping)
                findings.Error(YamlCodes.WrongShape, $"A {one} must be a mapping with `id` and {has}, found {node.Shape}.", node.Range, path,
                    $"For example: - {example}");
            else if (read(mapping, path) is { } value)
            {
                if (found.Any(other => id(other) == id(value)))
                    findings.Error(YamlCodes.DuplicateKey, $"The {one} `{id(value)}` stands here a second time.", node.Range, path, "Give it another id.");
                found.Add(value);
            }
        }
        return found.ToImmutable();
    }

    public string? Id(Keys keys, Node node, string path, string usual)
    {
        var id = keys.Text("id", usual);
        if (id is null && !keys.WasMeant("id"))
            findings.Error(YamlCodes.MissingKey, $"A {one} needs `id`.", node.Range, path, $"Give it a name of its own: `id: {usual}`.");
        if (id is null || StepId.IsValid(id)) return id;
        keys.Wrong("id", keys["id"]!.Value, "a letter, then at most 62 letters, digits, `_` or `-`", null);
        return null;
    }

    public static int? Version(Keys keys) => keys.Whole(
        "version", "the number of a registered version of the pipeline", "Leave it away for the one that is active.", least: 1);

    /// <summary>What its runs are given.</summary>
    public SpecValue.Map Params(Keys keys, string path)
    {
        if (keys["params"] is not { } entry || SpecReader.IsNothing(entry.Value)) return SpecValue.Map.Empty;
        if (values.Value(entry.Value, SpecPath.Field(path, "params")) is SpecValue.Map given) return given;
        keys.Wrong("params", entry.Value, "a mapping from the pipeline's parameters to values", null);
        return SpecValue.Map.Empty;
    }
}
