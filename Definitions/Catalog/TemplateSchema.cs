using System.Text.Json.Nodes;

namespace OrleansEtl.Definitions;

/// <summary>The JSON Schema (draft 7) of files of templates. A value may be a template anywhere, so that only keys and forms can be told.</summary>
public static class TemplateSchema
{
    /// <summary>The schema as text.</summary>
    public static string Render(KindCatalog kinds) => Of(kinds).ToJsonString(PipelineSchema.Indented) + "\n";

    public static JsonObject Of(KindCatalog kinds) => new()
    {
        ["$schema"] = "http://json-schema.org/draft-07/schema#",
        ["title"] = "OrleansEtl template of pipelines",
        ["type"] = "object",
        ["required"] = new JsonArray("template", "version"),
        ["anyOf"] = new JsonArray(
            new JsonObject { ["required"] = new JsonArray("steps") }, new JsonObject { ["required"] = new JsonArray("uses") }),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["template"] = Text("The template's name: pipelines say `uses: NAME@VERSION`.", "^[A-Za-z][A-Za-z0-9_.-]{0,62}$"),
            ["version"] = new JsonObject
            {
                ["type"] = "integer", ["minimum"] = 1, ["markdownDescription"] = "Counted up with each change: a version says the same for ever.",
            },
            ["description"] = Text("What it is for."),
            ["params"] = PipelineSchema.Params(),
            ["uses"] = Text("Another template that it builds on.", PipelineSchema.UsesForm),
            ["with"] = Any("object", "Values for the parameters of that one."),
            ["retry"] = new JsonObject(),
            ["limits"] = new JsonObject(),
            ["reuse"] = new JsonObject(),
            ["on_conflict"] = new JsonObject(),
            ["steps"] = Reference("steps"),
            ["schedules"] = Any("array", "Of a pipeline that has none of its own."),
        },
        ["definitions"] = new JsonObject
        {
            ["steps"] = new JsonObject { ["type"] = "array", ["items"] = Step(kinds) },
            ["if"] = new JsonObject
            {
                ["type"] = new JsonArray("string", "boolean"),
                ["markdownDescription"] = "Whether it is there at all: `\"{{ params.audit }}\"`. Decided before anything runs.",
            },
            ["each"] = new JsonObject
            {
                ["type"] = "object", ["minProperties"] = 1, ["maxProperties"] = 1,
                ["markdownDescription"] = "Once for each item of a list: `{ table: \"{{ params.tables }}\" }`; `{{ each.table }}` is the item.",
            },
        },
    };

    private static JsonObject Step(KindCatalog kinds) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["if"] = Reference("if"),
            ["each"] = Reference("each"),
            ["steps"] = Reference("steps"),
            ["else"] = Reference("steps"),
            ["id"] = Text("The step's name within the pipeline."),
            ["kind"] = new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["enum"] = new JsonArray([.. kinds.Kinds.Select(kind => (JsonNode)kind.Name)]) }, Text("A template.", @"\{\{.*\}\}")),
            },
            ["depends_on"] = new JsonObject { ["type"] = new JsonArray("string", "array", "object") },
            ["with"] = Any("object", "What the kind needs to know."),
            ["retry"] = new JsonObject(),
            ["timeout"] = new JsonObject(),
            ["when"] = new JsonObject(),
            ["materialize"] = new JsonObject(),
            ["for_each"] = Any("object", "Runs the step once for each item of a list that a run finds."),
            ["limits"] = new JsonObject(),
            ["reuse"] = new JsonObject(),
        },
    };

    private static JsonObject Text(string description, string? pattern = null)
    {
        var schema = new JsonObject { ["type"] = "string", ["markdownDescription"] = description };
        if (pattern is not null) schema["pattern"] = pattern;
        return schema;
    }

    private static JsonObject Any(string type, string description) => new() { ["type"] = type, ["markdownDescription"] = description };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/definitions/{name}" };
}
