using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Definitions;

/// <summary><c>for_each</c>: one source of items, and how they are run.</summary>
internal sealed class ForEachReader(Unfolding values, Findings findings, SourceMap map)
{
    private const string Example = "For example: for_each: { files: in/*.csv }";
    private static readonly ImmutableArray<string> Sources = [.. Enum.GetNames<ItemSource>().Select(name => name.ToLowerInvariant())];
    private static readonly ImmutableArray<string> Known = [.. Sources, "concurrency", "on_item_failure"];

    public ForEachSpec? Read(Keys keys, string path)
    {
        if (keys["for_each"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        var at = SpecPath.Field(path, "for_each");
        map.AddKey(at, entry.Key.Range);
        if (entry.Value is not Node.Mapping mapping)
        {
            keys.Wrong("for_each", entry.Value, "a mapping with one of " + string.Join(", ", Sources), Example);
            return null;
        }
        var inner = new Keys(mapping, Known, at, "`for_each`", map, findings, Missed);
        var given = Sources.Where(source => inner[source] is not null).ToArray();
        if (given.Length != 1)
        {
            findings.Error(given.Length == 0 ? YamlCodes.MissingKey : YamlCodes.WrongShape,
                $"`for_each` needs one of {string.Join(", ", Sources)}; found {(given.Length == 0 ? "none" : string.Join(" and ", given))}.",
                entry.Value.Range, at, Example);
            return null;
        }
        var of = inner[given[0]]!;
        var valueAt = SpecPath.Field(at, given[0]);
        map.AddKey(valueAt, of.Key.Range);
        var (policy, count, percent) = Policy(inner);
        return new ForEachSpec(
            Enum.Parse<ItemSource>(given[0], ignoreCase: true), values.Value(of.Value, valueAt),
            Whole(inner, "concurrency") ?? ForEachSpec.ConcurrencyDefault, policy, count, percent);
    }

    private static (OnItemFailure, int?, double?) Policy(Keys keys)
    {
        const string forms = "fail, continue, or a mapping with tolerate: a number, or a part such as 5%";
        if (keys["on_item_failure"] is not { } entry || SpecReader.IsNothing(entry.Value)) return default;
        switch (entry.Value)
        {
            case Node.Scalar { Text: "fail" }: return default;
            case Node.Scalar { Text: "continue" }: return (OnItemFailure.Continue, null, null);
            case Node.Mapping { Entries: [{ Key.Text: "tolerate", Value: Node.Scalar scalar }] }:
                if (scalar.Text.EndsWith('%')
                    && double.TryParse(scalar.Text.AsSpan(0, scalar.Text.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var percent))
                    return (OnItemFailure.Tolerate, null, percent);
                if (CoreSchema.Read(scalar) is SpecValue.Integer { Value: >= int.MinValue and <= int.MaxValue } count)
                    return (OnItemFailure.Tolerate, (int)count.Value, null);
                break;
        }
        keys.Wrong("on_item_failure", entry.Value, forms, null);
        return default;
    }

    private static int? Whole(Keys keys, string name)
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Integer { Value: >= int.MinValue and <= int.MaxValue } whole)
            return (int)whole.Value;
        keys.Wrong(name, entry.Value, "a whole number", null);
        return null;
    }

    private static string? Missed(string name) => name switch
    {
        "list" or "values" or "in" or "over" => "items",
        "file" or "glob" or "path" => "files",
        "rows" or "input" or "from" or "step" => "dataset",
        "sql" => "query",
        "partition" or "partition_by" or "by" or "every" => "partitions",
        "parallel" or "max_parallel" or "limit" => "concurrency",
        "on_failure" or "on_error" => "on_item_failure",
        _ => null,
    };
}
