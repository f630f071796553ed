using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrleansEtl.Shells;

/// <summary>What all JSON in the store has in common. Names never change: what any release wrote is read for ever. A field that is missing is
/// null or empty, so that fields can be added; what cannot be read so gets another form.</summary>
internal static class StateJson
{
    public const string Unreadable = "ETL4213";

    /// <param name="more">Besides the converters that all need.</param>
    public static JsonSerializerOptions Options(IJsonTypeInfoResolver shapes, params JsonConverter[] more)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters =
            {
                new RunIdConverter(), new StepIdConverter(), new AttemptConverter(), new SpecValueConverter(), new SpecMapConverter(),
                Words<FaultKind>(),
            },
            TypeInfoResolver = shapes,
        };
        foreach (var converter in more) options.Converters.Add(converter);
        return options;
    }

    public static JsonStringEnumConverter<T> Words<T>() where T : struct, Enum => new(JsonNamingPolicy.SnakeCaseLower);

    public static JsonTypeInfo<T> Shape<T>(this JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    /// <summary>The cases of a sum, told apart by the field <c>type</c>.</summary>
    public static void SetCases(this JsonTypeInfo type, params ReadOnlySpan<(Type Case, string Name)> cases)
    {
        type.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = "type",
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
        };
        foreach (var (@case, name) in cases) type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(@case, name));
    }

    /// <param name="what">What it is, for the fault: <c>a schedule</c>.</param>
    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> shape, string what, string code = Unreadable) where T : notnull
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, shape)!;
        }
        catch (JsonException e)
        {
            throw Later(what, e.Message, code);
        }
    }

    /// <inheritdoc cref="Read"/>
    /// <param name="form">The only form that this version knows.</param>
    public static T Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> shape, int form, string what, string code = Unreadable) where T : IFormed =>
        Read(bytes, shape, what, code) is var stored && stored.Form == form
            ? stored : throw Later(what, $"its form is {stored.Form}, expected {form}", code);

    private static FaultException Later(string what, string why, string code) => new(new Fault(
        FaultKind.Bug, code, $"The store holds {what} that this version cannot read: {why}", null,
        "Use the version of etl that wrote it, or a newer one."));
}

/// <summary>What says in which form it is stored.</summary>
internal interface IFormed
{
    int Form { get; }
}

/// <summary>A name that is a type of its own, as its text.</summary>
internal sealed class NameConverter<T>(Func<T, string> write, Func<string, T> read) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => read(reader.GetString()!);
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
}
