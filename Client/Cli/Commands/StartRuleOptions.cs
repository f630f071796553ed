using System.CommandLine;
using System.CommandLine.Parsing;

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
        "--on-ended", "When the last run of the run key has ended: allow, only_if_failed or reject [default: allow]", StartWords.OnEndeds,
        result =>
        {
            if (result.Tokens is [{ Value: "only_if_failed" or "reject" }] && result.GetResult(RunKey) is null)
                result.AddError("--on-ended is about the last run of a run key: add one, such as --run-key 2026-11-21");
        });

    private static Option<string?> OneOf(string name, string description, IEnumerable<string> words, Action<OptionResult>? check = null)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "RULE" };
        option.AcceptOnlyFromAmong([.. words]);
        if (check is not null) option.Validators.Add(check);
        return option;
    }
}
