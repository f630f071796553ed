using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Definitions;

/// <summary>The JSON Schema (draft 7, which editors know) of pipeline files, made from the kinds. A step's <c>with</c> is told apart by
/// its <c>kind</c> with if and then, which gives better messages than a choice of everything.</summary>
public static class PipelineSchema
{
    private const string Template = @"\{\{.*\}\}";

    internal static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    /// <summary>The schema as text.</summary>
    public static string Render(KindCatalog kinds) => Of(kinds).ToJsonString(Indented) + "\n";

    public static JsonObject Of(KindCatalog kinds) => new()
    {
        ["$schema"] = "http://json-schema.org/draft-07/schema#",
        ["title"] = "OrleansEtl pipeline",
        ["type"] = "object",
        ["required"] = Texts("pipeline"),
        ["anyOf"] = new JsonArray(new JsonObject { ["required"] = Texts("steps") }, new JsonObject { ["required"] = Texts("uses") }),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["pipeline"] = Described(Text("^[A-Za-z][A-Za-z0-9_.-]{0,62}$"), "The pipeline's name."),
            ["description"] = Described(Text(), "What it is for."),
            ["params"] = Params(),
            ["uses"] = Described(
                Text(UsesForm), "The template that it is made from, and its version: `csv_mart@2`. Its own steps come after those of the template."),
            ["with"] = Described(new JsonObject { ["type"] = "object" }, "Values for the template's parameters."),
            ["retry"] = Described(Several(Reference("retry")), "How steps are tried again that say nothing themselves."),
            ["limits"] = Described(Reference("limits"), "Named limits of runs, which a run takes before its first step begins and keeps until it ends."),
            ["reuse"] = Reuse("For steps that do not say otherwise, where their kind allows it."),
            ["on_conflict"] = Described(
                new JsonObject { ["enum"] = Texts([.. StartWords.OnConflicts]) }, "What a start does while another run goes on; `allow` unless said."),
            ["alerts"] = AlertSchema.Of(),
            ["steps"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Reference("step") },
            ["schedules"] = ScheduleSchema.Of(),
            ["triggers"] = TriggerSchema.Of(),
        },
        ["definitions"] = Definitions(kinds),
    };

    internal const string UsesForm = "^[A-Za-z][A-Za-z0-9_.-]{0,62}@[1-9][0-9]*$";

    internal static JsonObject Params() => Described(new JsonObject
    {
        ["type"] = "object",
        ["additionalProperties"] = new JsonObject
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = Texts("string", "number", "boolean", "null", "array") },
                new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = false,
                    ["properties"] = new JsonObject
                    {
                        ["type"] = new JsonObject { ["enum"] = Texts([.. Enum.GetNames<ValueType>().Select(n => n.ToLowerInvariant())]) },
                        ["default"] = new JsonObject(),
                        ["description"] = Text(),
                        ["required"] = new JsonObject { ["type"] = "boolean" },
                    },
                }),
        },
    }, "Parameters: `name: default`, or `name: { type, default, description, required }`.");

    private static JsonObject Definitions(KindCatalog kinds)
    {
        var definitions = new JsonObject
        {
            ["step"] = Step(kinds),
            ["retry"] = Retry(),
            ["limits"] = Limits(),
            ["duration"] = Text(@"^\d+(\.\d+)?(ms|s|m|h|d)$|^P"),
            ["template"] = Text(Template),
        };
        foreach (var kind in kinds.Kinds) definitions[kind.Name] = With(kind);
        return definitions;
    }

    private static JsonObject Step(KindCatalog kinds) => new()
    {
        ["type"] = "object",
        ["required"] = Texts("id", "kind"),
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject
        {
            ["id"] = Described(Text("^[A-Za-z][A-Za-z0-9_-]{0,62}$"), "The step's name within the pipeline."),
            ["kind"] = new JsonObject
            {
                ["enum"] = Texts([.. kinds.Kinds.Select(k => k.Name)]),
                ["markdownEnumDescriptions"] = Texts([.. kinds.Kinds.Select(k => k.Summary)]),
                ["markdownDescription"] = "What the step does.",
            },
            ["depends_on"] = Described(new JsonObject
            {
                ["anyOf"] = new JsonArray(Text(), new JsonObject { ["type"] = "array", ["items"] = Text() }),
            }, "The steps that have to end before; their datasets are its inputs."),
            ["with"] = Described(new JsonObject { ["type"] = "object" }, "What the kind needs to know."),
            ["retry"] = Described(Several(Reference("retry")), "How often the step is tried again; a number, or how patiently as well."),
            ["timeout"] = Described(Reference("duration"), "For one attempt, or for each item."),
            ["when"] = Described(new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["enum"] = Texts("on_success", "on_failure", "always") }, Reference("template")),
            }, "When it runs, once everything that it depends on has ended; `on_success` unless said."),
            ["compensates"] = Described(Text("^[A-Za-z][A-Za-z0-9_-]{0,62}$"),
                "The step that this one undoes: it runs only when the run fails or is cancelled after that step succeeded."),
            ["materialize"] = Described(new JsonObject { ["type"] = "boolean" }, "Keep its dataset even where nobody needs it."),
            ["for_each"] = ForEachSchema.Make(),
            ["limits"] = Described(Reference("limits"), "Named limits that it takes before it begins, with `etl limits set`."),
            ["reuse"] = Reuse("How old a result of the same work may be to be taken instead of doing it again."),
        },
        ["allOf"] = new JsonArray([.. kinds.Kinds.Select(Chosen)]),
    };

    private static JsonNode Chosen(KindSpec kind)
    {
        var then = new JsonObject { ["properties"] = new JsonObject { ["with"] = Reference(kind.Name) } };
        if (kind.Fields.Any(f => f.Required)) then["required"] = Texts("with");
        return new JsonObject
        {
            ["if"] = new JsonObject
            {
                ["required"] = Texts("kind"),
                ["properties"] = new JsonObject { ["kind"] = new JsonObject { ["const"] = kind.Name } },
            },
            ["then"] = then,
        };
    }

    private static JsonObject Reuse(string text) => Described(new JsonObject
    {
        ["anyOf"] = new JsonArray(Reference("duration"), new JsonObject { ["enum"] = new JsonArray("off", false) }),
    }, text);

    private static JsonObject Limits()
    {
        const string name = "^[A-Za-z][A-Za-z0-9_.-]{0,62}$";
        return new JsonObject
        {
            ["anyOf"] = new JsonArray(
                Text(name),
                new JsonObject { ["type"] = "array", ["items"] = Text(name) },
                new JsonObject
                {
                    ["type"] = "object",
                    ["propertyNames"] = Text(name),
                    ["additionalProperties"] = Bounded("integer", 1, 10_000),
                }),
        };
    }

    private static JsonObject Retry() => new()
    {
        ["anyOf"] = new JsonArray(Tries(), Patience(withRules: true)),
    };

    private static JsonObject Tries() => new() { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = 100 };

    private static JsonObject Patience(bool withRules)
    {
        var properties = new JsonObject
        {
            ["max"] = Tries(),
            ["initial"] = Reference("duration"),
            ["factor"] = new JsonObject { ["type"] = "number", ["minimum"] = 1, ["maximum"] = 100 },
            ["max_delay"] = Reference("duration"),
            ["jitter"] = new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1 },
        };
        if (withRules)
            properties["on"] = Described(new JsonObject
            {
                ["type"] = "object",
                ["propertyNames"] = Text($"^({string.Join('|', RetryRule.Kinds)}|ETL[0-9]{{4}})$"),
                ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(Tries(), Patience(withRules: false)) },
            }, "What holds instead for faults of a kind (`unavailable`) or of a code (`ETL4301`).");
        return new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
    }

    private static JsonObject With(KindSpec kind)
    {
        var schema = Record(kind.Fields);
        schema["markdownDescription"] = $"{kind.Summary}\n\n{kind.Description}";
        if (!kind.Examples.IsEmpty) schema["examples"] = Texts([.. kind.Examples.Select(e => e.Yaml)]);
        return schema;
    }

    private static JsonObject Record(IEnumerable<FieldSpec> fields)
    {
        var properties = new JsonObject();
        foreach (var field in fields)
        {
            var schema = Described(OrTemplate(field.Type), field.Summary);
            if (field.Default is { } value) schema["default"] = JsonNode.Parse(value.ToJson());
            properties[field.Name] = schema;
        }
        var record = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        var required = fields.Where(f => f.Required).Select(f => f.Name).ToArray();
        if (required.Length > 0) record["required"] = Texts(required);
        return record;
    }

    private static JsonObject OrTemplate(FieldType type)
    {
        var schema = Of(type);
        var isText = schema["type"]?.ToString() == "string" && schema["pattern"] is null && schema["enum"] is null;
        return isText || type is FieldType.Input or FieldType.Scalar
            ? schema
            : new JsonObject { ["anyOf"] = new JsonArray(schema, Reference("template")) };
    }

    private static JsonObject Of(FieldType type) => type switch
    {
        FieldType.Choice c => new JsonObject { ["enum"] = Texts([.. c.Values]) },
        FieldType.Integer i => Bounded("integer", i.Min == long.MinValue ? null : i.Min, i.Max == long.MaxValue ? null : i.Max),
        FieldType.Number n => Bounded("number", double.IsFinite(n.Min) ? n.Min : null, double.IsFinite(n.Max) ? n.Max : null),
        FieldType.Flag => new JsonObject { ["type"] = "boolean" },
        FieldType.Duration => Reference("duration"),
        FieldType.Size => new JsonObject
        {
            ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer", ["minimum"] = 0 }, Text(@"^\d+ ?([kKMGT]i?)?B?$")),
        },
        FieldType.Scalar => new JsonObject { ["type"] = Texts("string", "number", "boolean", "null") },
        FieldType.List l => new JsonObject { ["type"] = "array", ["minItems"] = l.LengthMin, ["items"] = OrTemplate(l.Of) },
        FieldType.Map m => new JsonObject { ["type"] = "object", ["minProperties"] = m.LengthMin,
            ["additionalProperties"] = OrTemplate(m.Of) },
        FieldType.Record r => Record(r.Fields),
        FieldType.OneOf o => new JsonObject { ["anyOf"] = new JsonArray([.. o.Types.Select(t => (JsonNode)Of(t))]) },
        FieldType.Text t when t.LengthMax < 100_000 => new JsonObject { ["type"] = "string", ["maxLength"] = t.LengthMax },
        FieldType.Text => Text(),
        _ => new JsonObject { ["type"] = "string", ["minLength"] = 1, ["description"] = Describe.Type(type) },
    };

    private static JsonObject Bounded(string type, JsonNode? min, JsonNode? max)
    {
        var schema = new JsonObject { ["type"] = type };
        if (min is not null) schema["minimum"] = min;
        if (max is not null) schema["maximum"] = max;
        return schema;
    }

    private static JsonObject Described(JsonObject schema, string text)
    {
        schema["markdownDescription"] = text;
        return schema;
    }

    private static JsonObject Text(string? pattern = null)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (pattern is not null) schema["pattern"] = pattern;
        return schema;
    }

    private static JsonObject Several(params JsonNode[] forms) => new() { ["anyOf"] = new JsonArray(forms) };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/definitions/{name}" };

    private static JsonArray Texts(params string[] texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
