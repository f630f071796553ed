using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Shells.Limits;

/// <summary>The states of limits as JSON, which also processes without a silo read.</summary>
internal sealed class LimitJson : IGrainStorageSerializer
{
    private static readonly JsonTypeInfo<LimitState> Shape =
        StateJson.Options(LimitJsonShapes.Default, StateJson.Words<LimitOf>()).Shape<LimitState>();

    public static byte[] Write(LimitState state) => JsonSerializer.SerializeToUtf8Bytes(state, Shape);

    public static LimitState Read(ReadOnlySpan<byte> bytes) => StateJson.Read(bytes, Shape, "a limit");

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
