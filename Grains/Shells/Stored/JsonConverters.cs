using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Shells;

internal sealed class RunIdConverter : JsonConverter<RunId>
{
    public override RunId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new(reader.GetString()!);
    public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class StepIdConverter : JsonConverter<StepId>
{
    public override StepId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new(reader.GetString()!);
    public override void Write(Utf8JsonWriter writer, StepId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

internal sealed class AttemptConverter : JsonConverter<Attempt>
{
    public override Attempt Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new(reader.GetInt32());
    public override void Write(Utf8JsonWriter writer, Attempt value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Number);
}

/// <summary>A <see cref="SpecValue"/> as the JSON that it is.</summary>
internal sealed class SpecValueConverter : JsonConverter<SpecValue>
{
    public override bool HandleNull => true;

    public override SpecValue Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return new SpecValue.Null();
            case JsonTokenType.True: return new SpecValue.Flag(true);
            case JsonTokenType.False: return new SpecValue.Flag(false);
            case JsonTokenType.String: return new SpecValue.Text(reader.GetString()!);
            case JsonTokenType.Number:
                var isWhole = !reader.ValueSpan.ContainsAny((byte)'.', (byte)'e', (byte)'E');
                return isWhole && reader.TryGetInt64(out var whole) ? new SpecValue.Integer(whole) : new SpecValue.Real(reader.GetDouble());
            case JsonTokenType.StartArray:
                var items = ImmutableArray.CreateBuilder<SpecValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(Read(ref reader, type, options));
                return new SpecValue.List(items.DrainToImmutable());
            case JsonTokenType.StartObject:
                var fields = ImmutableArray.CreateBuilder<Field>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    fields.Add(new Field(name, Read(ref reader, type, options)));
                }
                return new SpecValue.Map(fields.DrainToImmutable());
            default: throw new JsonException($"a value was expected, found {reader.TokenType}");
        }
    }

    public override void Write(Utf8JsonWriter writer, SpecValue value, JsonSerializerOptions options) => Write(writer, value);

    /// <summary>Reals keep a decimal point, so that 1.0 is read back as a real.</summary>
    public static void Write(Utf8JsonWriter writer, SpecValue value)
    {
        switch (value)
        {
            case SpecValue.Real { Value: var real } when double.IsInteger(real) && Math.Abs(real) < 1e15:
                writer.WriteRawValue(real.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteRawValue(value.ToJson());
                break;
        }
    }
}

internal sealed class SpecMapConverter : JsonConverter<SpecValue.Map>
{
    private static readonly SpecValueConverter Values = new();
    public override SpecValue.Map Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        (SpecValue.Map)Values.Read(ref reader, typeof(SpecValue), options);
    public override void Write(Utf8JsonWriter writer, SpecValue.Map value, JsonSerializerOptions options) =>
        SpecValueConverter.Write(writer, value);
}

/// <summary>What of a plan is stored: the spec once, and what the planner decided about it.</summary>
internal sealed record PlanShape(PipelineSpec Spec, ImmutableArray<PlannedStepShape> Steps, ImmutableArray<PlannedStageShape> Stages);

internal sealed record PlannedStepShape(
    ImmutableArray<int> DependsOn, ImmutableArray<int> Dependants, ImmutableArray<PlannedInput> Inputs, int Stage, bool Published,
    string When, ImmutableArray<string> SqlPaths, AwaitKind? Awaits = null, ImmutableArray<PlannedInput>? ItemInputs = null);

internal sealed record PlannedStageShape(
    ImmutableArray<int> Steps, ImmutableArray<int> Needs, ImmutableArray<int> Feeds, RetrySpec Retry, TimeSpan? Timeout, string When,
    TimeSpan? Reuse = null);

internal sealed class PlanConverter : JsonConverter<Plan>
{
    public override Plan Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        var shape = (PlanShape)JsonSerializer.Deserialize(ref reader, options.GetTypeInfo(typeof(PlanShape)))!;
        return new Plan(
            shape.Spec,
            [.. shape.Steps.Select((s, i) => new PlannedStep(
                i, shape.Spec.Steps[i], s.DependsOn, s.Dependants, s.Inputs, s.Stage, s.Published, Condition(s.When), s.SqlPaths)
                {
                    Awaits = s.Awaits,
                    ItemInputs = s.ItemInputs ?? [],
                })],
            [.. shape.Stages.Select((s, i) => new PlannedStage(i, s.Steps, s.Needs, s.Feeds, s.Retry, s.Timeout, Condition(s.When), s.Reuse))]);
    }

    /// <summary>A plan never changes, and every run of a pipeline stores it.</summary>
    private static readonly ConditionalWeakTable<Plan, byte[]> Written = [];

    public override void Write(Utf8JsonWriter writer, Plan plan, JsonSerializerOptions options) =>
        writer.WriteRawValue(Written.GetValue(plan, one => Bytes(one, options)), skipInputValidation: true);

    private static byte[] Bytes(Plan plan, JsonSerializerOptions options)
    {
        var shape = new PlanShape(
            plan.Spec,
            [.. plan.Steps.Select(s => new PlannedStepShape(
                s.DependsOn, s.Dependants, s.Inputs, s.Stage, s.Published, Word(s.Condition), s.SqlPaths, s.Awaits,
                s.Spec.ForEach is null ? null : s.ItemInputs))],
            [.. plan.Stages.Select(s => new PlannedStageShape(s.Steps, s.Needs, s.Feeds, s.Retry, s.Timeout, Word(s.Condition), s.Reuse))]);
        return JsonSerializer.SerializeToUtf8Bytes(shape, options.GetTypeInfo(typeof(PlanShape)));
    }

    private static string Word(StepCondition condition) => condition switch
    {
        StepCondition.OnSuccess => "on_success",
        StepCondition.OnFailure => "on_failure",
        StepCondition.Always => "always",
        StepCondition.Compensation => "compensation",
        StepCondition.If asked => asked.Expression,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static StepCondition Condition(string word) => word switch
    {
        "on_success" => new StepCondition.OnSuccess(),
        "on_failure" => new StepCondition.OnFailure(),
        "always" => new StepCondition.Always(),
        "compensation" => new StepCondition.Compensation(),
        var expression => new StepCondition.If(expression),
    };
}
