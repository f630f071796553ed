using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Shells.Schedules;

/// <summary>Schedules as JSON, for the store: the value itself and not its events, since only what is open matters to it and each firing is
/// written anyway.</summary>
public static class ScheduleCodec
{
    private const int Form = 1;

    private static readonly JsonTypeInfo<StoredSchedule> Stored = StateJson.Options(
        ScheduleJson.Default.WithAddedModifier(AddCases),
        new NameConverter<ScheduleId>(id => id.Value, text => new ScheduleId(text)),
        new NameConverter<BackfillId>(id => id.Value, text => new BackfillId(text)),
        new NameConverter<StartKey>(key => key.Value, text => new StartKey(text)),
        StateJson.Words<Origin>(), StateJson.Words<SkipReason>(), StateJson.Words<FiringOutcome>(), StateJson.Words<BackfillOnly>(),
        StateJson.Words<CalendarUnit>(), StateJson.Words<CatchUp>(), StateJson.Words<Overlap>()).Shape<StoredSchedule>();

    public static byte[] Write(Schedule schedule, DateTimeOffset? dueAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new StoredSchedule(Form, dueAt, schedule.State()), Stored);

    /// <exception cref="FaultException">A later version of the program wrote it.</exception>
    public static (Schedule Schedule, DateTimeOffset? DueAt) Read(ReadOnlySpan<byte> bytes)
    {
        var stored = StateJson.Read(bytes, Stored, Form, "a schedule");
        return (Schedule.Of(stored.Schedule), stored.DueAt);
    }

    private static void AddCases(JsonTypeInfo type)
    {
        if (type.Type == typeof(Recurrence))
            type.SetCases(
                (typeof(Recurrence.OfCron), "cron"), (typeof(Recurrence.Interval), "interval"), (typeof(Recurrence.Calendar), "calendar"));
    }
}

/// <param name="DueAt">As it is stored beside: when the schedule wants to be woken.</param>
internal sealed record StoredSchedule(int Form, DateTimeOffset? DueAt, ScheduleState Schedule) : IFormed;

[JsonSerializable(typeof(StoredSchedule))]
[JsonSerializable(typeof(Recurrence))]
[JsonSerializable(typeof(Recurrence.OfCron))]
[JsonSerializable(typeof(Recurrence.Interval))]
[JsonSerializable(typeof(Recurrence.Calendar))]
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class ScheduleJson : JsonSerializerContext;
