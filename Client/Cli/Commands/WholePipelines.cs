using System.CommandLine;
using System.Text.Json;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary>What <c>etl pause</c> and <c>etl resume</c> do to whole pipelines, and <c>etl paused</c>.</summary>
internal static class WholePipelines
{
    public static readonly Argument<string?> Run = new("RUN")
    {
        Description = "The run: its id, or 'last'; none with --pipeline or --all", Arity = ArgumentArity.ZeroOrOne,
    };
    public static readonly Option<string?> Pipeline = new("--pipeline") { Description = "All runs of this pipeline, also later ones", HelpName = "NAME" };
    public static readonly Option<bool> All = new("--all") { Description = "All runs of all pipelines, also later ones" };

    /// <summary>Whether a run is meant; else <see cref="Pipeline"/> or <see cref="All"/> is given.</summary>
    public static bool IsOneRun(ParseResult parsed)
    {
        bool[] given = [parsed.GetValue(Run) is not null, parsed.GetValue(Pipeline) is not null, parsed.GetValue(All)];
        return given.Count(one => one) == 1 ? given[0] : throw new FaultException(new Fault(
            FaultKind.Invalid, CliCodes.WrongUse, "name one run, or a pipeline, or all",
            Hint: $"etl {parsed.CommandResult.Command.Name} RUN, --pipeline NAME or --all"));
    }

    public static async Task<int> PauseThem(ParseResult parsed, string reason, Surroundings surroundings, CancellationToken cancellation)
    {
        await using var etl = await parsed.OpenExisting(surroundings, cancellation);
        var pause = await etl.PausePipeline(parsed.GetValue(Pipeline), reason, Telling.Me, cancellation);
        surroundings.Terminal.Talk.WriteLine($"{Words.OnOneLine(Said(pause))}; go on with: etl resume {Named(pause.Pipeline)}{parsed.WhereFlag()}");
        return (int)ExitCode.Succeeded;
    }

    public static async Task<int> ResumeThem(ParseResult parsed, Surroundings surroundings, CancellationToken cancellation)
    {
        await using var etl = await parsed.OpenExisting(surroundings, cancellation);
        var pipeline = parsed.GetValue(Pipeline);
        var ended = await etl.ResumePipeline(pipeline, cancellation);
        var left = (await etl.PausedPipelines(cancellation)).Where(pause => pipeline is null || pause.Pipeline is null).ToArray();
        var talk = surroundings.Terminal.Talk;
        talk.WriteLine(ended is null ? $"{Whom(pipeline)} not paused" : $"{Whom(pipeline)} paused no longer");
        if (left.Length > 0) talk.WriteLine($"still paused: {string.Join(", ", left.Select(pause => pause.Pipeline ?? "all pipelines"))}");
        return (int)ExitCode.Succeeded;
    }

    public static Command List(Surroundings surroundings)
    {
        var command = new Command("paused", "List the pipelines that are paused");
        command.With(CommonOptions.Home, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenExisting(surroundings, cancellation);
            var (pauses, terminal) = (await etl.PausedPipelines(cancellation), surroundings.Terminal);
            if (parsed.IsJson())
            {
                JsonText.Print(terminal.Data, json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("paused");
                    foreach (var pause in pauses) Write(json, pause);
                    json.WriteEndArray();
                    json.WriteEndObject();
                });
                return (int)ExitCode.Succeeded;
            }
            var table = new Table("PIPELINE", "SINCE", "BY", "REASON");
            foreach (var pause in pauses)
                table.Row(pause.Pipeline ?? "(all)", Words.Moment(pause.Since), pause.By ?? "", Words.OnOneLine(pause.Reason));
            table.Print(terminal);
            return (int)ExitCode.Succeeded;
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, PipelinePause pause)
    {
        json.WriteStartObject();
        json.WriteString("pipeline", pause.Pipeline);
        JsonText.Pause(json, pause.Since, pause.Reason, pause.By);
        json.WriteEndObject();
    }

    private static string Said(PipelinePause pause) =>
        $"{Whom(pause.Pipeline)} paused since {Words.Moment(pause.Since)}{(pause.By is null ? "" : $" by {pause.By}")}: {pause.Reason}";

    private static string Whom(string? pipeline) => pipeline is null ? "all pipelines are" : $"pipeline {pipeline} is";

    private static string Named(string? pipeline) => pipeline is null ? "--all" : $"--pipeline {pipeline}";
}
