using System.CommandLine;

namespace OrleansEtl.Cli.Commands;

/// <summary>How a command names a step: its id.</summary>
internal static class StepIds
{
    /// <summary>Null when none is named.</summary>
    public static StepId? Of(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } text ? null
        : StepId.IsValid(text) ? new StepId(text)
        : throw new FaultException(new Fault(FaultKind.Invalid, CliCodes.WrongUse, $"'{text}' is not the id of a step"));
}
