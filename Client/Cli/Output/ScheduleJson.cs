using System.Collections.Immutable;
using System.Text.Json;

namespace OrleansEtl.Cli.Output;

/// <summary>Schedules as programs read them. Field names are a promise: added to, never renamed.</summary>
internal static class ScheduleJson
{
    public static void Schedule(Utf8JsonWriter json, ScheduleView schedule)
    {
        var spec = schedule.Spec;
        json.WriteStartObject();
        json.WriteString("id", schedule.Id);
        json.WriteString("pipeline", spec.Pipeline);
        JsonText.Number(json, "version", spec.Version);
        json.WriteString("cron", (spec.When as Recurrence.OfCron)?.Expression);
        json.WriteString("when", ScheduleText.When(spec.When));
        json.WriteString("zone", spec.Zone);
        json.WriteString("catch_up", EnumWords.Word(spec.CatchUp));
        json.WriteString("overlap", EnumWords.Word(spec.Overlap));
        json.WriteNumber("jitter_seconds", spec.Jitter.TotalSeconds);
        JsonText.Moment(json, "start", spec.Start);
        JsonText.Moment(json, "end", spec.End);
        json.WriteBoolean("is_paused", spec.IsPaused);
        json.WritePropertyName("params");
        json.WriteRawValue((spec.Params ?? SpecValue.Map.Empty).ToJson());
        JsonText.Moment(json, "next_firing", schedule.NextFiring);
        JsonText.Moment(json, "next_start", schedule.NextStart);
        json.WriteStartArray("running");
        foreach (var run in schedule.Running) Run(json, run);
        json.WriteEndArray();
        json.WriteStartArray("waiting");
        foreach (var at in schedule.Waiting) json.WriteStringValue(at);
        json.WriteEndArray();
        json.WriteStartArray("recent");
        foreach (var firing in schedule.Recent) Firing(json, firing);
        json.WriteEndArray();
        BackfillArray(json, schedule.Backfills);
        json.WriteEndObject();
    }

    public static void Backfills(Utf8JsonWriter json, ImmutableArray<BackfillView> backfills)
    {
        json.WriteStartObject();
        BackfillArray(json, backfills);
        json.WriteEndObject();
    }

    public static void Preview(Utf8JsonWriter json, ImmutableArray<RunOccasion> runs)
    {
        json.WriteStartObject();
        JsonText.Objects(json, "runs", runs, (json, run) =>
        {
            json.WriteString("interval_start", run.IntervalStart);
            json.WriteString("interval_end", run.IntervalEnd);
            json.WriteString("partition", run.Partition);
        });
        json.WriteEndObject();
    }

    public static void Done(Utf8JsonWriter json, RunId? run)
    {
        json.WriteStartObject();
        json.WriteString("run_id", run?.Value);
        json.WriteEndObject();
    }

    private static void Run(Utf8JsonWriter json, ScheduledRunView run)
    {
        json.WriteStartObject();
        json.WriteString("run_id", run.Run.Value);
        json.WriteString("interval_start", run.IntervalStart);
        json.WriteString("interval_end", run.IntervalEnd);
        json.WriteBoolean("is_cancelling", run.IsCancelling);
        json.WriteEndObject();
    }

    private static void Firing(Utf8JsonWriter json, FiringView firing)
    {
        json.WriteStartObject();
        json.WriteString("decided_at", firing.At);
        json.WriteString("interval_start", firing.IntervalStart);
        json.WriteString("interval_end", firing.IntervalEnd);
        json.WriteString("outcome", EnumWords.Word(firing.Outcome));
        json.WriteString("run_id", firing.Run?.Value);
        json.WriteBoolean("is_on_request", firing.IsOnRequest);
        json.WriteString("reason", firing.Reason);
        json.WriteString("error_code", firing.Fault?.Code);
        json.WriteString("error_message", firing.Fault?.Message);
        json.WriteEndObject();
    }

    private static void BackfillArray(Utf8JsonWriter json, ImmutableArray<BackfillView> backfills)
    {
        JsonText.Objects(json, "backfills", backfills, (json, backfill) =>
        {
            json.WriteString("id", backfill.Id);
            json.WriteString("status", EnumWords.Word(backfill.Status));
            json.WriteString("from", backfill.From);
            json.WriteString("to", backfill.To);
            JsonText.Texts(json, "partitions", backfill.Partitions);
            json.WriteNumber("concurrency", backfill.Concurrency);
            json.WriteNumber("waiting", backfill.Waiting);
            json.WriteNumber("running", backfill.Running);
            json.WriteNumber("cancelling", backfill.Cancelling);
            json.WriteNumber("succeeded", backfill.Succeeded);
            json.WriteNumber("failed", backfill.Failed);
            json.WriteNumber("cancelled", backfill.Cancelled);
            json.WriteString("error_code", backfill.Fault?.Code);
            json.WriteString("error_message", backfill.Fault?.Message);
        });
    }
}
