using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Shells.Alerts;

/// <summary>Watches and silences as JSON, for the store. Names never change: what any release wrote is read for ever. A field that is missing
/// is null or empty, so that fields can be added.</summary>
public static class AlertCodec
{
    private const int Form = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new RunIdConverter(), new StepIdConverter(), Words<FaultKind>(), Words<AlertOn>(), Words<LateFrom>(), Words<DeliveryStatus>(),
        },
        TypeInfoResolver = AlertJson.Default.WithAddedModifier(LeaveOutWhatFollows),
    };

    private static readonly JsonTypeInfo<StoredWatch> Stored = (JsonTypeInfo<StoredWatch>)Options.GetTypeInfo(typeof(StoredWatch));
    private static readonly JsonTypeInfo<Silences> StoredSilences = (JsonTypeInfo<Silences>)Options.GetTypeInfo(typeof(Silences));

    public static byte[] Write(Watch watch) => JsonSerializer.SerializeToUtf8Bytes(new StoredWatch(Form, WatchState.Of(watch)), Stored);

    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static Watch Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(bytes, Stored)!;
            return stored.Form == Form ? stored.Watch.Watch() : throw new JsonException($"its form is {stored.Form}, expected {Form}");
        }
        catch (JsonException e)
        {
            throw new FaultException(new Fault(FaultKind.Bug, "ETL4213",
                $"The store holds alerts that this version cannot read: {e.Message}", null, "Use the version of etl that wrote them, or a newer one."));
        }
    }

    public static byte[] Write(Silences silences) => JsonSerializer.SerializeToUtf8Bytes(silences, StoredSilences);

    public static Silences ReadSilences(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize(bytes, StoredSilences)!;

    private static JsonStringEnumConverter<T> Words<T>() where T : struct, Enum => new(JsonNamingPolicy.SnakeCaseLower);

    private static void LeaveOutWhatFollows(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.Name is "is_under_way" or "tell_at" or "is_transient") property.ShouldSerialize = static (_, _) => false;
    }
}

internal sealed record StoredWatch(int Form, WatchState Watch);

[JsonSerializable(typeof(StoredWatch))]
[JsonSerializable(typeof(Silences))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class AlertJson : JsonSerializerContext;
