using System.CommandLine;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl signal RUN NAME</c></summary>
internal static class Signal
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The signal's name, as in `flow.signal`" };
    private static readonly Option<string?> Key = new("--key")
    {
        Description = "However often this signal is sent with this key, it counts once; with other data it is refused", HelpName = "TEXT",
    };
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "What it brings: the values of the step that takes it", HelpName = "JSON",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && JsonObjects.Read(text) is null)
                    result.AddError($"--data is a JSON object such as '{{\"files\": 3}}'; found '{Excerpt.Of(text, 60)}'");
            },
        },
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("signal", "Send a signal to a step that waits for it, or will") { Telling.Run, Name };
        command.With(Data, Key, CommonOptions.Home);
        command.Tells(
            surroundings,
            (parsed, etl, run, cancellation) => etl.Signal(
                run, parsed.GetValue(Name)!, parsed.GetValue(Data) is { } data ? JsonObjects.Read(data)!.Value : [], parsed.GetValue(Key), cancellation),
            (parsed, run, status) => $"signal {parsed.GetValue(Name)} sent; {run} {status.Word()}");
        return command;
    }
}
