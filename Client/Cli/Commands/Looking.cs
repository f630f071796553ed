using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary>Commands that look at what there is, and change nothing.</summary>
internal static class Looking
{
    /// <summary>Which of the schedules or triggers, whose ids are PIPELINE/ID.</summary>
    public static readonly Option<string?> OfFile = new("--pipeline")
    {
        Description = "Only those of this pipeline's file", HelpName = "NAME",
    };

    public static string PrefixOfFile(this ParseResult parsed) => parsed.GetValue(OfFile) is { } pipeline ? $"{pipeline}/" : "";

    /// <summary>Prints one page, as a table or as JSON, and says how to get the next.</summary>
    /// <param name="name">Of the array in the JSON.</param>
    /// <param name="find">Given the cursor and the most that is wanted.</param>
    public static Command Lists<T>(
        this Command command, Surroundings surroundings, string name,
        Func<ParseResult, IEtl, string?, int, CancellationToken, Task<Listing<T>>> find, Action<Utf8JsonWriter, T> json,
        Func<ImmutableArray<T>, Table> table) =>
        command.With(CommonOptions.Limit, CommonOptions.Cursor).Shows(
            surroundings,
            (parsed, etl, cancellation) => find(parsed, etl, parsed.GetValue(CommonOptions.Cursor), parsed.GetValue(CommonOptions.Limit), cancellation),
            (writer, page) => JsonText.List(writer, name, page, json),
            (terminal, page) => Print(terminal, table(page.Items), page.Next));

    /// <summary>Prints what was found, for people or as JSON.</summary>
    public static Command Shows<T>(
        this Command command, Surroundings surroundings, Func<ParseResult, IEtl, CancellationToken, Task<T>> find, Action<Utf8JsonWriter, T> json,
        Action<Terminal, T> print, Action<ParseResult, IEtl>? after = null)
    {
        command.With(CommonOptions.Home, CommonOptions.Output);
        return command.Asks(surroundings, async (parsed, etl, cancellation) =>
        {
            var found = await find(parsed, etl, cancellation);
            if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, writer => json(writer, found));
            else print(surroundings.Terminal, found);
            after?.Invoke(parsed, etl);
        });
    }

    public static Command Asks(this Command command, Surroundings surroundings, Func<ParseResult, IEtl, CancellationToken, Task> ask)
    {
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            await ask(parsed, etl, cancellation);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    /// <param name="next">What the next page begins after; null: this was the last.</param>
    public static void Print(Terminal terminal, Table table, string? next)
    {
        table.Print(terminal);
        if (next is not null) terminal.Talk.WriteLine($"more: --cursor {next}");
    }
}
