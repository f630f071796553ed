using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Shells.Limits;

/// <summary>The states of limits as JSON, which also processes without a silo read. Names never change; a field that is missing is null or
/// empty, so that fields can be added.</summary>
internal sealed class LimitJson : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new RunIdConverter(), new AttemptConverter(), new JsonStringEnumConverter<LimitOf>(JsonNamingPolicy.SnakeCaseLower),
        },
        TypeInfoResolver = LimitJsonShapes.Default,
    };

    private static JsonTypeInfo<LimitState> Shape => (JsonTypeInfo<LimitState>)Options.GetTypeInfo(typeof(LimitState));

    public static byte[] Write(LimitState state) => JsonSerializer.SerializeToUtf8Bytes(state, Shape);

    public static LimitState Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, Shape)!;
        }
        catch (JsonException e)
        {
            throw new FaultException(new Fault(FaultKind.Bug, "ETL4213",
                $"The store holds a limit that this version cannot read: {e.Message}", null,
                "Use the version of etl that wrote it, or a newer one."));
        }
    }

    public BinaryData Serialize<T>(T? input) => new(Write(((LimitRecord)(object)input!).State!));

    public T Deserialize<T>(BinaryData input) => (T)(object)new LimitRecord { State = Read(input) };
}

/// <summary>What of a limit is stored; null: it was never set.</summary>
public sealed class LimitRecord
{
    /// <summary>The name of the storage provider.</summary>
    public const string Storage = "limits";
    /// <summary>The name of the state.</summary>
    public const string Name = "limit";

    public LimitState? State { get; set; }
}

[JsonSerializable(typeof(LimitState))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class LimitJsonShapes : JsonSerializerContext;
