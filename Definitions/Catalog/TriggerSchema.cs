using System.Text.Json.Nodes;

namespace OrleansEtl.Definitions;

/// <summary>The part of <see cref="PipelineSchema"/> that is about <c>triggers</c>.</summary>
internal static class TriggerSchema
{
    public static JsonObject Of() => new()
    {
        ["type"] = "array",
        ["maxItems"] = StarterReader.Max,
        ["markdownDescription"] = "What starts it by itself, once it is registered with `etl apply`.",
        ["items"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("id", "kind"),
            ["oneOf"] = new JsonArray(
                Kind("file", ["path"], new JsonObject
                {
                    ["path"] = Text("A folder or a pattern such as `in/*.csv`. Files that are new or have changed start runs, each once."),
                    ["settle"] = Duration("So long a file must not have changed before it counts; `10s` unless said."),
                    ["every"] = Duration("How often it is looked; `10s` unless said."),
                    ["runs"] = Words<FileRuns>("One run for each file, or one for all that have settled; `per_file` unless said."),
                    ["existing"] = Described("boolean", "Whether files that are there already start runs; they do unless said."),
                }),
                Kind("pipeline", ["pipeline"], new JsonObject
                {
                    ["pipeline"] = Text("The pipeline whose runs start one of this one when they end."),
                    ["when"] = Words<RunEnding>("How they have to end; `succeeded` unless said."),
                }),
                Kind("dataset", ["dataset"], new JsonObject
                {
                    ["dataset"] = Text(
                        "`PIPELINE/STEP` or `PIPELINE/STEP.PORT` of another pipeline. Each version whose content is new starts a run.",
                        "^[^/]+/[A-Za-z][A-Za-z0-9_-]{0,62}([.][^/]+)?$"),
                }),
                Kind("webhook", ["secret"], new JsonObject
                {
                    ["secret"] = Text("The name of the connection whose text signs requests to `POST /hooks/PIPELINE/ID`."),
                }),
                Kind("rabbitmq", ["connection", "queue"], new JsonObject
                {
                    ["connection"] = Text("The name of the connection whose text is the address of the broker."),
                    ["queue"] = Text("The queue, which has to be there. Each message needs a message-id."),
                    ["prefetch"] = Described("integer", "Messages on their way at once; 10 unless said."),
                }),
                Kind("freshness", ["within"], new JsonObject
                {
                    ["within"] = Duration("How old the last success may become; then a run starts."),
                    ["pipeline"] = Text("Of which pipeline; of this one unless said."),
                })),
        },
    };

    /// <summary>What one kind has, with what all have.</summary>
    private static JsonObject Kind(string kind, string[] required, JsonObject own)
    {
        own["id"] = Text("Its name within the pipeline; the trigger is `PIPELINE/ID`.", "^[A-Za-z][A-Za-z0-9_-]{0,62}$");
        own["kind"] = new JsonObject { ["const"] = kind };
        own["paused"] = Described("boolean", "Whether it stands still; unless said it stays as it is.");
        own["version"] = Described("integer", "The registered version of the pipeline; the active one unless said.");
        own["params"] = Described("object", "What its runs are given; texts may ask for what has happened: `{{ run.trigger.NAME }}`.");
        return new JsonObject
        {
            ["additionalProperties"] = false,
            ["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]),
            ["properties"] = own,
        };
    }

    private static JsonObject Words<T>(string text) where T : struct, Enum => new()
    {
        ["enum"] = new JsonArray([.. EnumWords.All<T>().Select(word => (JsonNode)word)]), ["markdownDescription"] = text,
    };

    private static JsonObject Duration(string text) => new()
    {
        ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/definitions/duration" }), ["markdownDescription"] = text,
    };

    private static JsonObject Described(string type, string text) => new() { ["type"] = type, ["markdownDescription"] = text };

    private static JsonObject Text(string text, string? pattern = null)
    {
        var schema = Described("string", text);
        if (pattern is not null) schema["pattern"] = pattern;
        return schema;
    }
}
