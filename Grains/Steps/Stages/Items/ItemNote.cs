using System.Buffers;
using System.Text.Json;

namespace OrleansEtl.Steps;

/// <summary>What is written down of an item: one line of JSON. An item of which there is nothing to say but that it succeeded has none.</summary>
internal static class ItemNote
{
    /// <summary>The columns of a line.</summary>
    public const string Columns = "position: 'BIGINT', status: 'VARCHAR', attempt: 'BIGINT', rows_in: 'BIGINT', rows_out: 'BIGINT', "
        + "rows_rejected: 'BIGINT', \"values\": 'VARCHAR', path: 'VARCHAR', code: 'VARCHAR', fault: 'VARCHAR', "
        + "outputs: 'STRUCT(port VARCHAR, location VARCHAR, files VARCHAR[])[]'";

    public static bool IsWorth(StepResult result) =>
        result is not { RowsIn: null, RowsOut: null, RowsRejected: null, Outputs.IsEmpty: true, Values.IsEmpty: true };

    public static byte[] Of(ItemRow row, Attempt attempt, StepResult result) => Line(row.Position, attempt, "succeeded", result, null);

    /// <summary>Of an item that waited for a run.</summary>
    public static byte[] Of(ItemEnd end, Attempt attempt, StepId step) => Line(
        end.Item, attempt, end.Stopped ? "waiting" : end.Fault is null ? "succeeded" : "failed",
        new StepResult(step, null, null, null, [], end.Values), end.Fault);

    /// <summary>Also what is worth keeping of a failed item.</summary>
    public static byte[] Of(ItemRow row, Attempt attempt, StageOutcome.Failed failed) =>
        Line(row.Position, attempt, "failed", failed.Results is [var kept, ..] ? kept : null, failed.Fault);

    private static byte[] Line(int position, Attempt attempt, string status, StepResult? result, Fault? fault)
    {
        var line = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(line);
        json.WriteStartObject();
        json.WriteNumber("position", position);
        json.WriteString("status", status);
        json.WriteNumber("attempt", attempt.Number);
        if (result?.RowsIn is { } rowsIn) json.WriteNumber("rows_in", rowsIn);
        if (result?.RowsOut is { } rowsOut) json.WriteNumber("rows_out", rowsOut);
        if (result?.RowsRejected is { } rejected) json.WriteNumber("rows_rejected", rejected);
        if (result is { Values.IsEmpty: false }) json.WriteString("values", new SpecValue.Map(result.Values).ToJson());
        if (fault is not null)
        {
            json.WriteString("code", fault.Code);
            json.WriteString("fault", fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        }
        if (result is not null) Outputs(json, result);
        json.WriteEndObject();
        json.Flush();
        return line.WrittenSpan.ToArray();
    }

    private static void Outputs(Utf8JsonWriter json, StepResult result)
    {
        if (result.Outputs.FirstOrDefault(output => output.Path is not null) is { Path: { } path }) json.WriteString("path", path);
        json.WriteStartArray("outputs");
        foreach (var output in result.Outputs)
        {
            if (output.Dataset is not { } dataset) continue;
            json.WriteStartObject();
            json.WriteString("port", output.Port);
            json.WriteString("location", dataset.Location);
            json.WriteStartArray("files");
            foreach (var file in dataset.Files) json.WriteStringValue(file);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
