using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Shells.Schedules;

/// <summary>Schedules as JSON, for the store: the value itself and not its events, since only what is open matters to it and each firing is
/// written anyway. Names never change: what any release wrote is read for ever. A field that is missing is null or empty, so that fields can
/// be added; what cannot be read so gets another form.</summary>
public static class ScheduleCodec
{
    private const int Form = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new RunIdConverter(), new StepIdConverter(), new SpecValueConverter(), new SpecMapConverter(),
            new NameConverter<ScheduleId>(id => id.Value, text => new ScheduleId(text)),
            new NameConverter<BackfillId>(id => id.Value, text => new BackfillId(text)),
            new NameConverter<StartKey>(key => key.Value, text => new StartKey(text)),
            Words<FaultKind>(), Words<Origin>(), Words<SkipReason>(), Words<FiringOutcome>(), Words<BackfillOnly>(), Words<CalendarUnit>(),
            Words<CatchUp>(), Words<Overlap>(),
        },
        TypeInfoResolver = ScheduleJson.Default.WithAddedModifier(AddCases),
    };

    private static readonly JsonTypeInfo<StoredSchedule> Stored = (JsonTypeInfo<StoredSchedule>)Options.GetTypeInfo(typeof(StoredSchedule));

    public static byte[] Write(Schedule schedule, DateTimeOffset? dueAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new StoredSchedule(Form, dueAt, schedule.State()), Stored);

    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static (Schedule Schedule, DateTimeOffset? DueAt) Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(bytes, Stored)!;
            return stored.Form == Form
                ? (Schedule.Of(stored.Schedule), stored.DueAt)
                : throw new JsonException($"its form is {stored.Form}, expected {Form}");
        }
        catch (JsonException e)
        {
            throw new FaultException(new Fault(FaultKind.Bug, "ETL4213",
                $"The store holds a schedule that this version cannot read: {e.Message}", null,
                "Use the version of etl that wrote it, or a newer one."));
        }
    }

    private static JsonStringEnumConverter<T> Words<T>() where T : struct, Enum => new(JsonNamingPolicy.SnakeCaseLower);

    private static void AddCases(JsonTypeInfo type)
    {
        if (type.Type != typeof(Recurrence)) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = "type",
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
            DerivedTypes =
            {
                new JsonDerivedType(typeof(Recurrence.OfCron), "cron"),
                new JsonDerivedType(typeof(Recurrence.Interval), "interval"),
                new JsonDerivedType(typeof(Recurrence.Calendar), "calendar"),
            },
        };
    }
}

/// <param name="DueAt">As it is stored beside: when the schedule wants to be woken.</param>
internal sealed record StoredSchedule(int Form, DateTimeOffset? DueAt, ScheduleState Schedule);

/// <summary>A name that is a type of its own, as its text.</summary>
internal sealed class NameConverter<T>(Func<T, string> write, Func<string, T> read) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => read(reader.GetString()!);
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
}

[JsonSerializable(typeof(StoredSchedule))]
[JsonSerializable(typeof(Recurrence))]
[JsonSerializable(typeof(Recurrence.OfCron))]
[JsonSerializable(typeof(Recurrence.Interval))]
[JsonSerializable(typeof(Recurrence.Calendar))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class ScheduleJson : JsonSerializerContext;
