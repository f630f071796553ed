using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Triggers;

namespace OrleansEtl.Shells.Triggers;

/// <summary>Triggers as JSON, for the store: the value itself.</summary>
public static class TriggerCodec
{
    private const int Form = 1;

    private static readonly JsonTypeInfo<StoredTrigger> Stored = StateJson.Options(
        TriggerJson.Default.WithAddedModifier(AddCases),
        new NameConverter<TriggerId>(id => id.Value, text => new TriggerId(text)),
        StateJson.Words<TriggerOutcome>(), StateJson.Words<FileRuns>(), StateJson.Words<RunEnding>()).Shape<StoredTrigger>();

    public static byte[] Write(Trigger trigger, DateTimeOffset? dueAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new StoredTrigger(Form, dueAt, trigger.State()), Stored);

    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static (Trigger Trigger, DateTimeOffset? DueAt) Read(ReadOnlySpan<byte> bytes)
    {
        var stored = StateJson.Read(bytes, Stored, Form, "a trigger", TriggerCodes.Unreadable);
        return (Trigger.Of(stored.Trigger), stored.DueAt);
    }

    private static void AddCases(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(TriggerSource))) return;
        foreach (var follows in type.Properties.Where(property => property.Name == "kind").ToArray()) type.Properties.Remove(follows);
        if (type.Type == typeof(TriggerSource))
            type.SetCases(
                (typeof(TriggerSource.OfFile), "file"), (typeof(TriggerSource.OfPipeline), "pipeline"), (typeof(TriggerSource.OfDataset), "dataset"),
                (typeof(TriggerSource.OfWebhook), "webhook"), (typeof(TriggerSource.OfRabbitMq), "rabbitmq"),
                (typeof(TriggerSource.OfFreshness), "freshness"));
    }
}

/// <param name="DueAt">As it is stored beside: when the trigger wants to be woken.</param>
internal sealed record StoredTrigger(int Form, DateTimeOffset? DueAt, TriggerState Trigger) : IFormed;

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
