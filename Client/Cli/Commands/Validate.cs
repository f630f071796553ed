using System.CommandLine;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl validate FILE…</c></summary>
internal static class Validate
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Pipeline files", Arity = ArgumentArity.OneOrMore };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("validate", "Check pipeline files without running them") { Files };
        command.With(CommonOptions.Output);
        command.SetAction(_ => (int)ExitCode.Succeeded);
        return command;
    }
}
