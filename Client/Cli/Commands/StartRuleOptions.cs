using System.CommandLine;

namespace OrleansEtl.Cli.Commands;

/// <summary>Which other runs a start minds.</summary>
internal static class StartRuleOptions
{
    public static readonly Option<string?> RunKey = new("--run-key")
    {
        Description = "What the run is about, such as a day: the rules below are then about runs of this key alone", HelpName = "TEXT",
    };

    public static readonly Option<string?> OnConflict = OneOf(
        "--on-conflict", "While another run goes on: allow, reject, use_existing or cancel_other [default: as the pipeline says, or allow]",
        StartWords.OnConflicts);

    public static readonly Option<string?> OnEnded = OneOf(
        "--on-ended", "When the last run of the run key has ended: allow, only_if_failed or reject [default: allow]", StartWords.OnEndeds);

    private static Option<string?> OneOf(string name, string description, IEnumerable<string> words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "RULE" };
        option.AcceptOnlyFromAmong([.. words]);
        return option;
    }
}
