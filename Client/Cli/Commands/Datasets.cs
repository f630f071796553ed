using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl datasets list|show|preview</c></summary>
internal static class Datasets
{
    private static readonly Argument<string> Prefix = new("PREFIX")
    {
        Description = "Only datasets whose name begins so", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "",
    };
    private static readonly Argument<string> Name = new("NAME[@VERSION]") { Description = "A dataset; without a version its newest" };
    private static readonly Option<int> Rows = new("--rows")
    {
        Description = "At most so many rows, 1 to 1000", HelpName = "N", DefaultValueFactory = _ => 20,
    };

    public static Command Make(Surroundings surroundings) => new("datasets", "List, show and preview datasets")
    {
        List(surroundings),
        Show(surroundings),
        Preview(surroundings),
    };

    private static Command List(Surroundings surroundings)
    {
        var command = new Command("list", "List datasets with their newest versions") { Prefix };
        command.With(CommonOptions.Limit, CommonOptions.Cursor, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var found = await etl.Datasets(
                parsed.GetValue(Prefix)!, parsed.GetValue(CommonOptions.Cursor), parsed.GetValue(CommonOptions.Limit), cancellation);
            PrintList(parsed, surroundings.Terminal, found);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static Command Show(Surroundings surroundings)
    {
        var command = new Command("show", "Show a dataset's columns, or with -o json its versions") { Name };
        command.With(CommonOptions.Limit, CommonOptions.Cursor, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var (name, version) = Split(parsed.GetValue(Name)!);
            var versions = await etl.Versions(
                name, parsed.GetValue(CommonOptions.Cursor), parsed.GetValue(CommonOptions.Limit), cancellation);
            if (version is not null) versions = versions with { Items = [.. versions.Items.Where(v => v.Version == version)] };
            if (versions.Items.IsEmpty) throw Unknown(parsed.GetValue(Name)!);
            if (!parsed.IsJson()) PrintColumns(surroundings.Terminal, versions.Items[0]);
            else PrintList(parsed, surroundings.Terminal, versions);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static Command Preview(Surroundings surroundings)
    {
        var command = new Command("preview", "Show the first rows of a dataset") { Name };
        command.With(Rows, CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var (name, version) = Split(parsed.GetValue(Name)!);
            var rowsMax = Math.Clamp(parsed.GetValue(Rows), 1, 1000);
            var preview = await etl.Preview(name, version, rowsMax, cancellation) ?? throw Unknown(parsed.GetValue(Name)!);
            PrintPreview(parsed, surroundings.Terminal, preview);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static void PrintList(ParseResult parsed, Terminal terminal, Listing<DatasetSummary> found)
    {
        if (parsed.IsJson())
        {
            JsonText.Print(terminal.Data, json => JsonText.List(json, "datasets", found, JsonText.Dataset));
            return;
        }
        var table = new Table("DATASET", "VERSION", "ROWS", "BYTES", "COLUMNS", "PUBLISHED");
        foreach (var dataset in found.Items)
        {
            table.Row(
                dataset.Name,
                dataset.Version,
                Cell.Count(dataset.Manifest.Rows),
                Cell.Bytes(dataset.Manifest.Bytes),
                Cell.Count(dataset.Manifest.Columns.Length),
                Words.Moment(dataset.PublishedAt));
        }
        Looking.Print(terminal, table, found.Next);
    }

    private static void PrintColumns(Terminal terminal, DatasetSummary dataset)
    {
        terminal.Talk.WriteLine(
            $"{dataset.Name}@{dataset.Version}: {Words.Count(dataset.Manifest.Rows)} rows, {Words.Bytes(dataset.Manifest.Bytes)}, "
            + $"made by step {dataset.Step} of {dataset.Run}");
        foreach (var input in dataset.Manifest.Inputs) terminal.Talk.WriteLine($"  from {input}");
        var table = new Table("COLUMN", "TYPE");
        foreach (var column in dataset.Manifest.Columns) table.Row(column.Name, column.Type);
        table.Print(terminal);
    }

    private static void PrintPreview(ParseResult parsed, Terminal terminal, DatasetPreview preview)
    {
        if (parsed.IsJson())
        {
            JsonText.Print(terminal.Data, json => JsonText.Preview(json, preview));
            return;
        }
        var table = new Table([.. preview.Columns.Select(c => c.Name)]);
        foreach (var row in preview.Rows)
        {
            table.Row([.. row.Select(v => v is null ? new Cell(terminal.DataIsTerminal ? "null" : "", Ink.Faint) : new Cell(v))]);
        }
        table.Print(terminal);
        if (!preview.IsWhole)
        {
            terminal.Talk.WriteLine($"the first {preview.Rows.Length} of {Words.Count(preview.Dataset.Manifest.Rows)} rows");
        }
    }

    private static (string Name, string? Version) Split(string text) =>
        text.LastIndexOf('@') is > 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);

    private static FaultException Unknown(string dataset) => new(new Fault(
        FaultKind.NotFound, CliCodes.NoDataset, $"there is no dataset {dataset} here", Hint: "list them with: etl datasets list"));
}
