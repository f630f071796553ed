using System.Diagnostics;

namespace OrleansEtl.Cli;

/// <summary>What a script learns from the end of the process. Never renumbered.</summary>
internal enum ExitCode
{
    Succeeded = 0,
    Error = 1,
    Usage = 2,
    NotAllowed = 4,
    NotFound = 5,
    Conflict = 6,
    InvalidFile = 7,
    RunFailed = 8,
    DeclaredDead = 9,
    WouldChange = 20,
    Interrupted = 130,
}

internal static class ExitCodes
{
    /// <summary>Of a command without a file: what is not valid stands in its arguments.</summary>
    public static ExitCode OfArguments(this ExitCode code) => code is ExitCode.InvalidFile ? ExitCode.Usage : code;

    public static ExitCode Of(Fault fault) => fault.Code == CliCodes.WrongUse ? ExitCode.Usage : fault.Kind switch
    {
        FaultKind.Invalid => ExitCode.InvalidFile,
        FaultKind.NotFound => ExitCode.NotFound,
        FaultKind.Denied => ExitCode.NotAllowed,
        FaultKind.Conflict or FaultKind.Fenced => ExitCode.Conflict,
        FaultKind.Cancelled => ExitCode.Interrupted,
        FaultKind.Unavailable or FaultKind.Exhausted or FaultKind.Bug => ExitCode.Error,
        _ => throw new UnreachableException(),
    };

    /// <summary>A run that was cancelled did not give what it was started for, so it counts as failed.</summary>
    public static ExitCode Of(RunStatus ended) => ended is RunStatus.Succeeded ? ExitCode.Succeeded : ExitCode.RunFailed;
}
