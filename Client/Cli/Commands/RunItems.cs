using System.CommandLine;
using System.Text.Json;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl runs items RUN STEP</c></summary>
internal static class RunItems
{
    private static readonly Argument<string> Run = RunIds.Argument("The run");
    private static readonly Argument<string> Step = new("step") { Description = "The step that runs for each item", HelpName = "STEP" };
    private static readonly Option<string?> Status = new("--status")
    {
        Description = "Of this status only: succeeded, failed, or waiting (not run to its end)", HelpName = "STATUS",
    };
    private static readonly Option<long> After = new("--after")
    {
        Description = "Only items after the one of this index", HelpName = "INDEX", DefaultValueFactory = _ => -1,
    };

    public static Command Make(Surroundings surroundings)
    {
        Status.AcceptOnlyFromAmong("succeeded", "failed", "waiting");
        var command = new Command("items", "List what became of the items of a step that runs for each (`for_each`)") { Run, Step };
        command.With(Status, After, CommonOptions.Limit, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var run = await RunIds.Find(parsed.GetValue(Run)!, etl, cancellation);
            var filter = new ItemFilter(
                run, new StepId(parsed.GetValue(Step)!), parsed.GetValue(Status), parsed.GetValue(After), parsed.GetValue(CommonOptions.Limit));
            var page = await etl.Items(filter, cancellation) ?? throw RunIds.Unknown(run.Value);
            if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, json => Write(json, page));
            else Print(surroundings.Terminal, page);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static void Print(Terminal terminal, ItemPage page)
    {
        var table = new Table("INDEX", "KEY", "STATUS", "ROWS IN", "ROWS OUT", "REJECTED", "OUTPUT", "WHY");
        foreach (var item in page.Items)
            table.Row(
                Cell.Number($"{item.Index}"), item.Key, item.Status, Cell.Count(item.RowsIn), Cell.Count(item.RowsOut), Cell.Count(item.RowsRejected),
                item.Path ?? item.Run?.Value, item.FaultCode is null ? null : Words.OnOneLine($"{item.FaultCode} {item.Fault}"));
        table.Print(terminal);
        if (page.Counts is { } counts) terminal.Talk.WriteLine(ItemText.Counts(counts));
        if (!page.IsGathered) terminal.Talk.WriteLine("not gathered: only the first that failed are named, and those that wait for a run");
        if (page.Next is { } next) terminal.Talk.WriteLine($"more: --after {next}");
    }

    private static void Write(Utf8JsonWriter json, ItemPage page)
    {
        json.WriteStartObject();
        JsonText.Objects(json, "items", page.Items, (json, item) =>
        {
            json.WriteNumber("index", item.Index);
            json.WriteString("key", item.Key);
            Raw(json, "item", item.Item);
            json.WriteString("status", item.Status);
            JsonText.Number(json, "rows_in", item.RowsIn);
            JsonText.Number(json, "rows_out", item.RowsOut);
            JsonText.Number(json, "rows_rejected", item.RowsRejected);
            Raw(json, "values", item.Values);
            json.WriteString("path", item.Path);
            if (item.Run is { } run) json.WriteString("run_id", run.Value);
            json.WriteString("fault_code", item.FaultCode);
            json.WriteString("fault", item.Fault);
        });
        ItemText.Write(json, "counts", page.Counts);
        JsonText.Number(json, "next", page.Next);
        json.WriteBoolean("gathered", page.IsGathered);
        json.WriteEndObject();
    }

    /// <summary>One that was cut is no JSON any more and stays a text.</summary>
    private static void Raw(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null || text.EndsWith('…')) json.WriteString(name, text);
        else
        {
            json.WritePropertyName(name);
            json.WriteRawValue(text);
        }
    }
}
