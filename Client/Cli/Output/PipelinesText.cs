using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Output;

/// <summary>Registered pipelines and their versions.</summary>
internal static class PipelinesText
{
    public static Table Table(ImmutableArray<PipelineSummary> pipelines)
    {
        var table = new Table("PIPELINE", "ACTIVE", "NEWEST", "CHANGED", "BY", "DESCRIPTION");
        foreach (var one in pipelines)
            table.Row(
                one.Name, one.Active is { } active ? Cell.Number(Digits(active)) : new Cell("retired", Ink.Faint, IsNumber: true),
                Cell.Number(Digits(one.Newest)), Words.Moment(one.ChangedAt), one.By, one.Description);
        return table;
    }

    public static Table Table(ImmutableArray<VersionSummary> versions)
    {
        var table = new Table("VERSION", "ACTIVE", "STEPS", "REGISTERED", "BY", "MESSAGE", "CONTENT");
        foreach (var one in versions)
            table.Row(
                Cell.Number(Digits(one.Number)), one.IsActive ? new Cell("active", Ink.Green) : "", Cell.Count(one.Steps),
                Words.Moment(one.RegisteredAt), one.By, one.Comment, one.Definition);
        return table;
    }

    /// <summary>The definition to stdout; to stderr what is to be known about it.</summary>
    public static void Print(Terminal terminal, PipelineView pipeline, PipelineVersion version)
    {
        var state = pipeline.Summary.Active == version.Number ? "active" : pipeline.Summary.Active is null ? "retired" : "not active";
        terminal.Talk.WriteLine($"{pipeline.Summary.Name} version {version.Number}, {state}, from {(version.Folder.Length == 0 ? "files/" : version.Folder)}");
        if (version.Spec.Templates is { } templates) terminal.Talk.WriteLine($"  made from {string.Join(", which is made from ", templates)}");
        if (version.Spec.Environment is { } environment)
            foreach (var value in environment.Values)
                terminal.Talk.WriteLine(Words.OnOneLine($"  env.{value.Name} = {value.Default!.ToPlainText()} ({environment.Name})"));
        foreach (var change in pipeline.Changes) terminal.Talk.WriteLine($"  {Line(change)}");
        terminal.Data.Write(PipelineYaml.Write(version.Spec));
    }

    public static void Summary(Utf8JsonWriter json, PipelineSummary pipeline)
    {
        json.WriteStartObject();
        SummaryFields(json, pipeline);
        json.WriteEndObject();
    }

    public static void Version(Utf8JsonWriter json, VersionSummary version)
    {
        json.WriteStartObject();
        json.WriteNumber("version", version.Number);
        json.WriteBoolean("active", version.IsActive);
        json.WriteString("content_hash", version.Definition);
        json.WriteNumber("steps", version.Steps);
        json.WriteString("folder", version.Folder);
        json.WriteString("registered_at", version.RegisteredAt);
        json.WriteString("by", version.By);
        json.WriteString("message", version.Comment);
        json.WriteEndObject();
    }

    public static void View(Utf8JsonWriter json, PipelineView pipeline, PipelineVersion version)
    {
        json.WriteStartObject();
        SummaryFields(json, pipeline.Summary);
        json.WriteNumber("version", version.Number);
        json.WriteString("content_hash", version.Definition);
        json.WriteString("folder", version.Folder);
        JsonText.Texts(json, "templates", (version.Spec.Templates ?? []).Select(template => template.ToString()));
        json.WriteString("environment", version.Spec.Environment?.Name);
        JsonText.Objects(json, "environment_values", version.Spec.Environment?.Values ?? [], (json, value) =>
        {
            json.WriteString("name", value.Name);
            json.WritePropertyName("value");
            json.WriteRawValue(value.Default!.ToJson());
        });
        json.WriteString("yaml", PipelineYaml.Write(version.Spec));
        JsonText.Objects(json, "changes", pipeline.Changes, (json, change) =>
        {
            json.WriteString("at", change.At);
            json.WriteString("change", Word(change.Kind));
            json.WriteNumber("version", change.Number);
            json.WriteString("by", change.By);
            json.WriteString("message", change.Comment);
        });
        json.WriteEndObject();
    }

    public static void Diff(Utf8JsonWriter json, PipelineVersion before, PipelineVersion after, ImmutableArray<string> lines)
    {
        json.WriteStartObject();
        json.WriteNumber("from", before.Number);
        json.WriteNumber("to", after.Number);
        JsonText.Texts(json, "diff", lines);
        json.WriteEndObject();
    }

    private static void SummaryFields(Utf8JsonWriter json, PipelineSummary pipeline)
    {
        json.WriteString("pipeline", pipeline.Name);
        JsonText.Number(json, "active", pipeline.Active);
        json.WriteNumber("newest", pipeline.Newest);
        json.WriteString("description", pipeline.Description);
        json.WriteString("changed_at", pipeline.ChangedAt);
        json.WriteString("by", pipeline.By);
    }

    private static string Line(PipelineChange change) => Words.OnOneLine(
        $"{Words.Moment(change.At)} {(change.Kind == PipelineChangeKind.RolledBack ? "rolled back to" : Word(change.Kind))} {change.Number}"
        + (change.By is { } by ? $" by {by}" : "") + (change.Comment is { } comment ? $": {comment}" : ""));

    private static string Word(PipelineChangeKind kind) => kind switch
    {
        PipelineChangeKind.Registered => "registered",
        PipelineChangeKind.RolledBack => "rolled_back",
        PipelineChangeKind.Retired => "retired",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);
}
