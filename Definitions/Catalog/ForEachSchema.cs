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
            + "number from 0, `item.key` its name: its field `key`, the path of a file, the text itself, or else its number. What became of each is in "
            + "the step's dataset `items`; what they gave is one dataset.",
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

    private static JsonObject Text() => new() { ["type"] = "string" };
    private static JsonObject Any(params JsonObject[] choices) => new() { ["anyOf"] = new JsonArray([.. choices]) };

    private static JsonObject Described(JsonObject schema, string text)
    {
        schema["description"] = text;
        return schema;
    }
}
