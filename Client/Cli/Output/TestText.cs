using System.Collections.Immutable;
using System.Text.Json;
using OrleansEtl.Cli.Testing;

namespace OrleansEtl.Cli.Output;

/// <summary>What came of tests: a line for each case, and below what was otherwise than expected.</summary>
internal static class TestText
{
    public static void Print(Terminal terminal, ImmutableArray<CaseResult> results)
    {
        var table = new Table("RESULT", "TEST", "CASE", "TIME");
        foreach (var result in results)
            table.Row(
                result.HasPassed ? new Cell("✓ passed", Ink.Green, Plain: "passed") : new Cell("✗ failed", Ink.Red, Plain: "failed"),
                result.File, result.Name, Cell.Duration(result.Took));
        table.Print(terminal);
        foreach (var result in results.Where(result => !result.HasPassed))
        {
            terminal.Talk.WriteLine($"{result.File}: {result.Name}");
            foreach (var line in result.Differences) terminal.Talk.WriteLine($"   {terminal.Paint(Words.OnOneLine(line), Ink.Yellow)}");
            foreach (var fault in result.Faults) FaultText.Print(terminal, fault);
        }
        var failed = results.Count(result => !result.HasPassed);
        terminal.Talk.WriteLine($"{results.Length - failed} passed, {failed} failed");
    }

    public static void Json(Utf8JsonWriter json, ImmutableArray<CaseResult> results)
    {
        json.WriteStartObject();
        JsonText.Objects(json, "cases", results, (json, result) =>
        {
            json.WriteString("file", result.File);
            json.WriteString("case", result.Name);
            json.WriteString("result", result.HasPassed ? "passed" : "failed");
            JsonText.Seconds(json, "duration_seconds", result.Took);
            JsonText.Texts(json, "differences", result.Differences);
            json.WriteStartArray("errors");
            foreach (var fault in result.Faults) JsonText.FaultObject(json, fault);
            json.WriteEndArray();
        });
        json.WriteNumber("passed", results.Count(result => result.HasPassed));
        json.WriteNumber("failed", results.Count(result => !result.HasPassed));
        json.WriteEndObject();
    }
}
