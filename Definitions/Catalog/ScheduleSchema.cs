using System.Text.Json.Nodes;

namespace OrleansEtl.Definitions;

/// <summary>The part of <see cref="PipelineSchema"/> that is about <c>schedules</c>.</summary>
internal static class ScheduleSchema
{
    public static JsonObject Of() => new()
    {
        ["type"] = "array",
        ["maxItems"] = StarterReader.Max,
        ["markdownDescription"] = "When it runs by itself, once it is registered with `etl apply`.",
        ["items"] = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray("id"),
            ["oneOf"] = new JsonArray(Requires("cron"), Requires("every"), Requires("calendar")),
            ["properties"] = new JsonObject
            {
                ["id"] = Text("Its name within the pipeline; the schedule is `PIPELINE/ID`.", "^[A-Za-z][A-Za-z0-9_-]{0,62}$"),
                ["cron"] = Text("Five fields (minute, hour, day of month, month, day of week), six with the second first, or `@daily` and the like."),
                ["every"] = new JsonObject { ["$ref"] = "#/definitions/duration" },
                ["calendar"] = Calendar(),
                ["anchor"] = Text("Of `every`: a moment that the periods are counted from."),
                ["time_zone"] = Text("Such as `Europe/Berlin`; `UTC` unless said."),
                ["start"] = Text("Nothing is due before it."),
                ["end"] = Text("Nothing is due at it or later."),
                ["jitter"] = new JsonObject { ["$ref"] = "#/definitions/duration" },
                ["catch_up"] = Words<CatchUp>("What becomes of firings that were missed; `latest` unless said."),
                ["overlap"] = Words<Overlap>("What a firing does while an earlier run goes on; `skip` unless said."),
                ["paused"] = Described("boolean", "Whether it stands still; unless said it stays as it is."),
                ["version"] = Described("integer", "The registered version of the pipeline; the active one unless said."),
                ["params"] = Described("object", "What its runs are given."),
            },
        },
    };

    private static JsonObject Calendar() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("every"),
        ["properties"] = new JsonObject
        {
            ["every"] = Text("A number of days, weeks or months.", "^[0-9]{1,6} +(day|week|month)s?$"),
            ["at"] = Text("The time of the day; 00:00 unless said."),
            ["anchor"] = Text("One of the days."),
        },
    };

    private static JsonObject Requires(string name) => new() { ["required"] = new JsonArray(name) };

    private static JsonObject Words<T>(string text) where T : struct, Enum => new()
    {
        ["enum"] = new JsonArray([.. EnumWords.All<T>().Select(word => (JsonNode)word)]), ["markdownDescription"] = text,
    };

    private static JsonObject Described(string type, string text) => new() { ["type"] = type, ["markdownDescription"] = text };

    private static JsonObject Text(string text, string? pattern = null)
    {
        var schema = Described("string", text);
        if (pattern is not null) schema["pattern"] = pattern;
        return schema;
    }
}
