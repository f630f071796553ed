using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansEtl.Client;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Output;

/// <summary>The JSON that programs read. Field names are a promise: added to, never renamed. Unknown figures are null.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes exactly one document.</summary>
    public static void Print(TextWriter data, Action<Utf8JsonWriter> write) => data.WriteLine(Text(write, Options));

    /// <summary>One document on one line.</summary>
    public static string Line(Action<Utf8JsonWriter> write) => Text(write, Options with { Indented = false });

    private static string Text(Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options)) write(json);
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <param name="now">Ends the duration of what still runs.</param>
    public static void Run(Utf8JsonWriter json, RunView run, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("run_id", run.Id.Value);
        json.WriteString("pipeline", run.Pipeline);
        Number(json, "pipeline_version", run.RegisteredVersion);
        json.WriteString("run_key", run.RunKey);
        json.WriteString("status", run.Status.Word());
        Seconds(json, "duration_seconds", (run.EndedAt ?? now) - run.StartedAt);
        json.WriteString("started_at", run.StartedAt);
        Wait(json, run.Wait);
        FaultOrNull(json, "error", run.Fault);
        Paused(json, run.Paused);
        OrNull(json, "cancelled", run.Cancelled, StepControlJson.ByHand);
        Occasion(json, run.Occasion);
        OrNull(json, "parent", run.Parent, static (json, parent) =>
        {
            json.WriteString("run_id", parent.Run.Value);
            json.WriteString("step", parent.Step.Value);
        });
        if (run.Quarantine is { } quarantine) Quarantined(json, quarantine);
        json.WriteStartArray("steps");
        foreach (var step in run.Steps) Step(json, step, now);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Occasion(Utf8JsonWriter json, RunOccasion? occasion) => OrNull(json, "occasion", occasion, static (json, occasion) =>
    {
        json.WriteString("interval_start", occasion.IntervalStart);
        json.WriteString("interval_end", occasion.IntervalEnd);
        json.WriteString("partition", occasion.Partition);
        json.WriteString("schedule", occasion.Schedule);
        json.WriteString("backfill", occasion.Backfill);
        if (occasion.Trigger is { } trigger)
        {
            json.WriteString("trigger", trigger.Id);
            json.WritePropertyName("trigger_values");
            json.WriteRawValue(trigger.Values.ToJson());
        }
    });

    public static void Paused(Utf8JsonWriter json, RunPause? pause) => OrNull(json, "paused", pause, static (json, pause) =>
    {
        Pause(json, pause.Since, pause.Reason, pause.By);
        json.WriteBoolean("with_pipeline", pause.WithPipeline);
    });

    private static void Quarantined(Utf8JsonWriter json, RunQuarantine quarantine)
    {
        json.WriteStartObject("quarantine");
        json.WriteString("since", quarantine.Since);
        Texts(json, "lost", quarantine.Lost);
        json.WriteEndObject();
    }

    private static void Step(Utf8JsonWriter json, StepView step, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("id", step.Id.Value);
        json.WriteString("kind", step.Kind);
        json.WriteString("status", step.Status.Word());
        json.WriteNumber("attempts", step.Attempts);
        Number(json, "rows_in", step.RowsIn);
        Number(json, "rows_out", step.RowsOut);
        Number(json, "rows_rejected", step.RowsRejected);
        Seconds(json, "duration_seconds", step.StartedAt is { } from ? (step.EndedAt ?? now) - from : null);
        Wait(json, step.Wait);
        FaultOrNull(json, "error", step.Fault);
        StepControlJson.Write(json, step);
        json.WriteStartArray("outputs");
        foreach (var output in step.Outputs) Output(json, output);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Since when something is paused, and why.</summary>
    public static void Pause(Utf8JsonWriter json, DateTimeOffset since, string reason, string? by)
    {
        json.WriteString("since", since);
        json.WriteString("reason", reason);
        json.WriteString("by", by);
    }

    /// <summary>What a run or a step waits for; null when it goes on or has ended.</summary>
    public static void Wait(Utf8JsonWriter json, Wait? wait) => OrNull(json, "waiting", wait, static (json, wait) =>
    {
        json.WriteString("for", wait.Word);
        json.WriteString("text", wait.Text);
        Moment(json, "since", wait.Since);
        Moment(json, "until", wait.Until);
        json.WriteString("limit", wait.Limit);
        Number(json, "before", wait.Before);
    });

    private static void Output(Utf8JsonWriter json, StepOutput output)
    {
        json.WriteStartObject();
        json.WriteString("dataset", output.Dataset?.Ref.Name);
        json.WriteString("version", output.Dataset?.Ref.Version);
        Number(json, "rows", output.Rows ?? output.Dataset?.Rows);
        json.WriteString("path", output.Path ?? output.Dataset?.Location);
        json.WriteEndObject();
    }

    public static void Summary(Utf8JsonWriter json, RunSummary run, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("run_id", run.Id.Value);
        json.WriteString("pipeline", run.Pipeline);
        json.WriteString("status", run.Status.Word());
        Seconds(json, "duration_seconds", (run.EndedAt ?? now) - run.StartedAt);
        json.WriteString("started_at", run.StartedAt);
        json.WriteNumber("steps_done", run.StepsDone);
        json.WriteNumber("steps_total", run.StepsTotal);
        json.WriteString("error_code", run.FaultCode);
        json.WriteString("run_key", run.RunKey);
        Wait(json, run.Wait);
        json.WriteEndObject();
    }

    public static void Dataset(Utf8JsonWriter json, DatasetSummary dataset)
    {
        json.WriteStartObject();
        DatasetFields(json, dataset);
        json.WriteEndObject();
    }

    public static void Preview(Utf8JsonWriter json, DatasetPreview preview)
    {
        json.WriteStartObject();
        DatasetFields(json, preview.Dataset);
        json.WriteBoolean("is_whole", preview.IsWhole);
        Objects(json, "data", preview.Rows, (json, row) =>
        {
            for (var i = 0; i < row.Length; i++) json.WriteString(preview.Columns[i].Name, row[i]);
        });
        json.WriteEndObject();
    }

    public static void List<T>(Utf8JsonWriter json, string name, Listing<T> listing, Action<Utf8JsonWriter, T> item)
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var one in listing.Items) item(json, one);
        json.WriteEndArray();
        json.WriteString("next", listing.Next);
        json.WriteEndObject();
    }

    public static void Faults(Utf8JsonWriter json, IEnumerable<Fault> faults)
    {
        json.WriteStartObject();
        json.WriteStartArray("errors");
        foreach (var fault in faults) FaultObject(json, fault);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Kinds(Utf8JsonWriter json, IEnumerable<KindSpec> kinds)
    {
        json.WriteStartObject();
        Objects(json, "kinds", kinds, (json, kind) =>
        {
            json.WriteString("kind", kind.Name);
            json.WriteString("category", kind.Category.ToString().ToLowerInvariant());
            json.WriteString("summary", kind.Summary);
        });
        json.WriteEndObject();
    }

    public static void Validation(Utf8JsonWriter json, IEnumerable<CheckedPipeline> files)
    {
        json.WriteStartObject();
        Files(json, files);
        json.WriteEndObject();
    }

    internal static void Files(Utf8JsonWriter json, IEnumerable<CheckedPipeline> files)
    {
        Objects(json, "files", files, (json, file) =>
        {
            json.WriteString("file", file.File);
            json.WriteBoolean("valid", !file.HasErrors);
            json.WriteStartArray("diagnostics");
            foreach (var diagnostic in file.Diagnostics) Diagnostic(json, diagnostic);
            json.WriteEndArray();
        });
    }

    private static void Diagnostic(Utf8JsonWriter json, Diagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code);
        json.WriteString("severity", diagnostic.Severity.ToString().ToLowerInvariant());
        json.WriteString("message", diagnostic.Message);
        json.WriteNumber("line", diagnostic.Line);
        json.WriteNumber("column", diagnostic.Column);
        json.WriteNumber("length", diagnostic.Length);
        json.WriteString("path", diagnostic.Path);
        json.WriteString("help", diagnostic.Help);
        json.WriteString("suggestion", diagnostic.Suggestion);
        json.WriteString("file", diagnostic.File);
        Objects(json, "related", diagnostic.Related, (json, place) =>
        {
            json.WriteString("note", place.Note);
            json.WriteString("file", place.File);
            json.WriteNumber("line", place.Line);
            json.WriteNumber("column", place.Column);
        });
        json.WriteEndObject();
    }

    private static void DatasetFields(Utf8JsonWriter json, DatasetSummary dataset)
    {
        json.WriteString("dataset", dataset.Name);
        json.WriteString("version", dataset.Version);
        json.WriteNumber("rows", dataset.Manifest.Rows);
        json.WriteNumber("bytes", dataset.Manifest.Bytes);
        json.WriteString("run_id", dataset.Run.Value);
        json.WriteString("step", dataset.Step.Value);
        json.WriteString("published_at", dataset.PublishedAt);
        json.WriteString("path", dataset.Manifest.Location);
        json.WriteString("content_hash", dataset.Manifest.ContentHash);
        Objects(json, "columns", dataset.Manifest.Columns, (json, column) =>
        {
            json.WriteString("name", column.Name);
            json.WriteString("type", column.Type);
        });
        Texts(json, "inputs", dataset.Manifest.Inputs.Select(input => input.ToString()));
    }

    /// <summary>An array of objects with these fields.</summary>
    public static void Objects<T>(Utf8JsonWriter json, string name, IEnumerable<T> all, Action<Utf8JsonWriter, T> fields)
    {
        json.WriteStartArray(name);
        foreach (var one in all)
        {
            json.WriteStartObject();
            fields(json, one);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    public static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> all)
    {
        json.WriteStartArray(name);
        foreach (var one in all) json.WriteStringValue(one);
        json.WriteEndArray();
    }

    /// <summary>What people did, and when.</summary>
    public static void Act(Utf8JsonWriter json, DateTimeOffset at, string? by, string what)
    {
        json.WriteString("at", at);
        json.WriteString("by", by);
        json.WriteString("what", what);
    }

    /// <summary>An object with these fields; null where there is nothing.</summary>
    public static void OrNull<T>(Utf8JsonWriter json, string name, T? value, Action<Utf8JsonWriter, T> fields) where T : class
    {
        json.WritePropertyName(name);
        if (value is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        fields(json, value);
        json.WriteEndObject();
    }

    internal static void FaultOrNull(Utf8JsonWriter json, string name, Fault? fault) => OrNull(json, name, fault, FaultFields);

    internal static void FaultObject(Utf8JsonWriter json, Fault fault)
    {
        json.WriteStartObject();
        FaultFields(json, fault);
        json.WriteEndObject();
    }

    private static void FaultFields(Utf8JsonWriter json, Fault fault)
    {
        json.WriteString("code", fault.Code);
        json.WriteString("message", fault.Message);
        json.WriteString("path", fault.Path);
        json.WriteString("hint", fault.Hint);
    }

    internal static void Moment(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } known) json.WriteString(name, known); else json.WriteNull(name);
    }

    internal static void Number(Utf8JsonWriter json, string name, long? count)
    {
        if (count is { } known) json.WriteNumber(name, known); else json.WriteNull(name);
    }

    internal static void Seconds(Utf8JsonWriter json, string name, TimeSpan? duration)
    {
        if (duration is { } known) json.WriteNumber(name, Math.Round(known.TotalSeconds, 3)); else json.WriteNull(name);
    }
}
