using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Shells.Schedules;

namespace OrleansEtl.Shells.Triggers;

/// <summary>Triggers as JSON, for the store: the value itself. Names never change: what any release wrote is read for ever. A field that is
/// missing is null or empty, so that fields can be added; what cannot be read so gets another form.</summary>
public static class TriggerCodec
{
    private const int Form = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new RunIdConverter(), new SpecValueConverter(), new SpecMapConverter(),
            new NameConverter<TriggerId>(id => id.Value, text => new TriggerId(text)),
            Words<FaultKind>(), Words<TriggerOutcome>(), Words<FileRuns>(), Words<RunEnding>(),
        },
        TypeInfoResolver = TriggerJson.Default.WithAddedModifier(AddCases),
    };

    private static readonly JsonTypeInfo<StoredTrigger> Stored = (JsonTypeInfo<StoredTrigger>)Options.GetTypeInfo(typeof(StoredTrigger));

    public static byte[] Write(Trigger trigger, DateTimeOffset? dueAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new StoredTrigger(Form, dueAt, trigger.State()), Stored);

    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static (Trigger Trigger, DateTimeOffset? DueAt) Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(bytes, Stored)!;
            return stored.Form == Form
                ? (Trigger.Of(stored.Trigger), stored.DueAt)
                : throw new JsonException($"its form is {stored.Form}, expected {Form}");
        }
        catch (JsonException e)
        {
            throw new FaultException(new Fault(FaultKind.Bug, TriggerCodes.Unreadable,
                $"The store holds a trigger that this version cannot read: {e.Message}", null,
                "Use the version of etl that wrote it, or a newer one."));
        }
    }

    private static JsonStringEnumConverter<T> Words<T>() where T : struct, Enum => new(JsonNamingPolicy.SnakeCaseLower);

    private static void AddCases(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(TriggerSource))) return;
        foreach (var follows in type.Properties.Where(property => property.Name == "kind").ToArray()) type.Properties.Remove(follows);
        if (type.Type != typeof(TriggerSource)) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = "type",
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
            DerivedTypes =
            {
                new JsonDerivedType(typeof(TriggerSource.OfFile), "file"),
                new JsonDerivedType(typeof(TriggerSource.OfPipeline), "pipeline"),
                new JsonDerivedType(typeof(TriggerSource.OfDataset), "dataset"),
                new JsonDerivedType(typeof(TriggerSource.OfWebhook), "webhook"),
                new JsonDerivedType(typeof(TriggerSource.OfRabbitMq), "rabbitmq"),
                new JsonDerivedType(typeof(TriggerSource.OfFreshness), "freshness"),
            },
        };
    }
}

/// <param name="DueAt">As it is stored beside: when the trigger wants to be woken.</param>
internal sealed record StoredTrigger(int Form, DateTimeOffset? DueAt, TriggerState Trigger);

[JsonSerializable(typeof(StoredTrigger))]
[JsonSerializable(typeof(TriggerSource))]
[JsonSerializable(typeof(TriggerSource.OfFile))]
[JsonSerializable(typeof(TriggerSource.OfPipeline))]
[JsonSerializable(typeof(TriggerSource.OfDataset))]
[JsonSerializable(typeof(TriggerSource.OfWebhook))]
[JsonSerializable(typeof(TriggerSource.OfRabbitMq))]
[JsonSerializable(typeof(TriggerSource.OfFreshness))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class TriggerJson : JsonSerializerContext;
