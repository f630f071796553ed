using System.Text.Json.Nodes;

namespace OrleansEtl.Definitions;

/// <summary>The schema of <c>for_each</c>.</summary>
internal static class ForEachSchema
{
    public static JsonObject Make() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["description"] = "Runs the step once for each item of a list. Within `with`, `item` is the item (`item.path` a field of it), `item.index` its "
            + "number from 0, `item.key` its name: its field `key`, the path of a file, the text itself, the partition, or else its number. "
            + "What became of each is in the step's dataset `items`; what they gave is one dataset.",
        ["oneOf"] = new JsonArray([.. Enum.GetNames<ItemSource>().Select(name =>
            (JsonNode)new JsonObject { ["required"] = new JsonArray(name.ToLowerInvariant()) })]),
        ["properties"] = new JsonObject
        {
            ["items"] = Described(Any(new JsonObject { ["type"] = "array" }, Text()), "A list, or a template that gives one."),
            ["files"] = Described(
                Any(Text(), new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Text() }),
                "A path or pattern, or a list of them: `item.path`, `item.name` and `item.bytes` of each file."),
            ["dataset"] = Described(Text(), "A step that it depends on, or one of its ports: an item a row."),
            ["query"] = Described(Text(), "One SELECT over the steps that it depends on: an item a row."),
            ["range"] = Described(
                Any(new JsonObject { ["type"] = "integer", ["minimum"] = 0 }, Text(), new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = false,
                    ["required"] = new JsonArray("from", "to"),
                    ["properties"] = new JsonObject { ["from"] = new JsonObject(), ["to"] = new JsonObject() },
                }), "So many whole numbers from 0, or those `from` one `to` another."),
            ["partitions"] = Described(Any(OfDataset(), OfTime()),
                "The rows of a `dataset` `by` the values of columns: each item reads only its own rows of it, and has `item.COLUMN` and "
                + "`item.rows`; its key is `country=DE/day=2026-01-01`. Or a time, `from` and `to`, in parts: `item.start`, and `item.end` that is "
                + "part of the next."),
            ["concurrency"] = Described(
                new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = ForEachSpec.ConcurrencyMax },
                $"Items that run at once, over all silos; {ForEachSpec.ConcurrencyDefault} unless said."),
            ["on_item_failure"] = Described(
                Any(new JsonObject { ["enum"] = new JsonArray("fail", "continue") }, new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = false,
                    ["required"] = new JsonArray("tolerate"),
                    ["properties"] = new JsonObject
                    {
                        ["tolerate"] = Any(
                            new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
                            new JsonObject { ["type"] = "string", ["pattern"] = @"^\d+(\.\d+)?%$" }),
                    },
                }),
                "`fail` (unless said): the step fails at once. `continue`: the others run, then it fails. `tolerate`: so many, or such a part, are no "
                + "failure of the step."),
        },
    };

    private static JsonObject OfDataset() => Record(["dataset", "by"],
        ("dataset", Described(Text(), "A step that it depends on, or one of its ports.")),
        ("by", Described(Any(Text(), new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Text() }), "A column, or several.")));

    private static JsonObject OfTime() => Record(["from", "to", "every"],
        ("from", Described(Text(), "A day or moment, or a template that gives one.")),
        ("to", Described(Text(), "It is no longer part of the last partition.")),
        ("every", Described(Text(), "`15m`, `1d`, `2 weeks`, `1 month`, counted from `from`. Days, weeks and months are those of the calendar; "
            + "`24h` are always 24 hours.")),
        ("time_zone", Described(Text(), "Whose calendar it is, and whose clock shows `from` and `to` unless they say; UTC unless said.")));

    private static JsonObject Record(string[] required, params ReadOnlySpan<(string Name, JsonObject Schema)> fields)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in fields) properties[name] = schema;
        return new JsonObject
        {
            ["type"] = "object", ["additionalProperties"] = false, ["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]),
            ["properties"] = properties,
        };
    }

    private static JsonObject Text() => new() { ["type"] = "string" };
    private static JsonObject Any(params JsonObject[] choices) => new() { ["anyOf"] = new JsonArray([.. choices]) };

    private static JsonObject Described(JsonObject schema, string text)
    {
        schema["description"] = text;
        return schema;
    }
}
