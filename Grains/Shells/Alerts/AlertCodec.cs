using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Shells.Alerts;

/// <summary>Watches and silences as JSON, for the store.</summary>
public static class AlertCodec
{
    private const int Form = 1;

    private static readonly JsonSerializerOptions Options = StateJson.Options(
        AlertJson.Default.WithAddedModifier(LeaveOutWhatFollows),
        StateJson.Words<AlertOn>(), StateJson.Words<LateFrom>(), StateJson.Words<DeliveryStatus>());

    private static readonly JsonTypeInfo<StoredWatch> Stored = Options.Shape<StoredWatch>();
    private static readonly JsonTypeInfo<Silences> StoredSilences = Options.Shape<Silences>();

    public static byte[] Write(Watch watch) => JsonSerializer.SerializeToUtf8Bytes(new StoredWatch(Form, WatchState.Of(watch)), Stored);

    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static Watch Read(ReadOnlySpan<byte> bytes) => StateJson.Read(bytes, Stored, Form, "alerts").Watch.Watch();

    public static byte[] Write(Silences silences) => JsonSerializer.SerializeToUtf8Bytes(silences, StoredSilences);

    public static Silences ReadSilences(ReadOnlySpan<byte> bytes) => StateJson.Read(bytes, StoredSilences, "silences");

    private static void LeaveOutWhatFollows(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.Name is "is_under_way" or "tell_at" or "is_transient") property.ShouldSerialize = static (_, _) => false;
    }
}

internal sealed record StoredWatch(int Form, WatchState Watch) : IFormed;

[JsonSerializable(typeof(StoredWatch))]
[JsonSerializable(typeof(Silences))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class AlertJson : JsonSerializerContext;
