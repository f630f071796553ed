using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Progress;

/// <summary>One JSON document a line whenever the run changed, for programs that show progress themselves.</summary>
internal sealed class JsonScreen(TextWriter talk) : IProgressScreen
{
    private string? _last;

    public TimeSpan Pace => TimeSpan.FromSeconds(1);

    public void Show(RunView run, DateTimeOffset now)
    {
        var line = JsonText.Line(json => Write(json, run));
        if (line == _last) return;
        _last = line;
        talk.WriteLine(line);
    }

    public void Close() { }

    private static void Write(System.Text.Json.Utf8JsonWriter json, RunView run)
    {
        json.WriteStartObject();
        json.WriteString("run_id", run.Id.Value);
        json.WriteString("status", run.Status.Word());
        JsonText.Paused(json, run.Paused);
        JsonText.Objects(json, "steps", run.Steps, (json, step) =>
        {
            json.WriteString("id", step.Id.Value);
            json.WriteString("status", step.Status.Word());
            json.WriteNumber("attempts", step.Attempts);
            var progress = StepProgressLine.Of(step);
            JsonText.Number(json, "rows", progress.Rows);
            JsonText.Number(json, "bytes", progress.Bytes);
            if (progress.Fraction is { } part) json.WriteNumber("fraction", Math.Round(part, 3)); else json.WriteNull("fraction");
            JsonText.Wait(json, step.Wait);
        });
        JsonText.Wait(json, run.Wait);
        json.WriteEndObject();
    }
}
