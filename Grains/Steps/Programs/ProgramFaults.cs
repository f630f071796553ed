using System.Globalization;
using OrleansEtl.Data.Files;
using OrleansEtl.Warden;

namespace OrleansEtl.Steps;

/// <summary>What went wrong with a program, said with its last words.</summary>
internal static class ProgramFaults
{
    private const int FilesShownMax = 1_000;
    private const int SignalCpu = 24, SignalKill = 9, SignalTerminate = 15;

    public static void ThrowUnlessSucceeded(ProgramPlan plan, Ending ending, ProgramLog log)
    {
        var isSuccess = ending.By == EndedBy.Exit && plan.Exits.Success.Contains(ending.Number);
        if (ending.Left > 0)
            throw Of(FaultKind.Unavailable, StepCodes.ProgramKilled, log,
                $"{ending.Left} processes of '{plan.Program}' could not be killed: they are another user's, or hang in the kernel.");
        if (isSuccess) return;
        throw ending.By switch
        {
            EndedBy.NoStart => Of(FaultKind.Unavailable, StepCodes.ProgramNotStarted, log,
                $"'{plan.Program}' could not be started: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(ending.Number)}."),
            EndedBy.Exit when plan.Exits.Retry.Contains(ending.Number) => Of(FaultKind.Unavailable, StepCodes.ProgramFailed, log,
                $"'{plan.Program}' ended with exit code {ending.Number}, which asks for another try."),
            EndedBy.Exit => Of(FaultKind.Invalid, StepCodes.ProgramFailed, log,
                $"'{plan.Program}' ended with exit code {ending.Number}; expected {Codes(plan.Exits)}.",
                "All that it printed is in the step's dataset log."),
            _ => Signalled(plan, ending, log),
        };
    }

    private static FaultException Signalled(ProgramPlan plan, Ending ending, ProgramLog log)
    {
        var isOver = plan.Bounds.Cpu is { } cpu && (ending.Number == SignalCpu || ending.Cpu >= cpu); // who does not hear the one gets the other
        return ending.Number switch
        {
            SignalCpu or SignalKill when isOver => Of(FaultKind.Exhausted, StepCodes.ProgramBoundMet, log,
                $"'{plan.Program}' used up its processor time of {Durations.ToText(plan.Bounds.Cpu!.Value)}.", "Raise cpu_time."),
            SignalKill => Of(FaultKind.Exhausted, StepCodes.ProgramKilled, log, $"'{plan.Program}' was killed (SIGKILL).",
                "The system kills so when the memory is short; else somebody did."),
            SignalTerminate => Of(FaultKind.Unavailable, StepCodes.ProgramKilled, log, $"'{plan.Program}' was asked to end (SIGTERM) by somebody else."),
            var signal => Of(FaultKind.Invalid, StepCodes.ProgramKilled, log, $"'{plan.Program}' was ended by the signal {Name(signal)}."),
        };
    }

    public static Fault FolderFull(string found) => new(
        FaultKind.Exhausted, StepCodes.ProgramBoundMet, $"the working folder holds {found}, more than it may.",
        Hint: "Raise files_max, or let the program write less.");

    public static FaultException NoOutput(string file, FoundFile found, string folder)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 };
        var names = (Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", everything) : []).Take(FilesShownMax)
            .Select(path => Printable.Of(Path.GetRelativePath(folder, path))).Order(StringComparer.Ordinal).ToList();
        var what = found switch
        {
            FoundFile.Missing => $"the program did not write '{file}' (it left: {StepFaults.Names(names)})",
            FoundFile.Link => $"'{file}' is a link, or lies behind one; links are not followed",
            FoundFile.Folder => $"'{file}' is a folder; expected a file",
            FoundFile.Outside => $"'{file}' is outside of the working folder",
            _ => $"'{file}' is no plain file but a pipe, a socket or a device",
        };
        var kind = found == FoundFile.Missing ? FaultKind.NotFound : FaultKind.Denied;
        return new FaultException(new Fault(
            kind, StepCodes.ProgramOutputInvalid, what + ".", "with.outputs", found == FoundFile.Missing ? StepFaults.Meant(file, names) : null));
    }

    public static Fault Unreadable(string file, string why) => new(
        FaultKind.Invalid, StepCodes.ProgramOutputInvalid, $"'{file}', which the program wrote, cannot be read: {why}", "with.outputs");

    private static string Codes(ExitCodes exits) =>
        string.Join(" or ", exits.Success.Select(code => code.ToString(CultureInfo.InvariantCulture)));

    private static string Name(int signal) => signal switch
    {
        1 => "SIGHUP", 2 => "SIGINT", 3 => "SIGQUIT", 4 => "SIGILL", 5 => "SIGTRAP", 6 => "SIGABRT", 7 => "SIGBUS", 8 => "SIGFPE",
        10 => "SIGUSR1", 11 => "SIGSEGV", 12 => "SIGUSR2", 13 => "SIGPIPE", 14 => "SIGALRM", SignalCpu => "SIGXCPU", 25 => "SIGXFSZ", 31 => "SIGSYS",
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };

    private static FaultException Of(FaultKind kind, string code, ProgramLog log, string message, string? hint = null) =>
        Of(new Fault(kind, code, message, Hint: hint), log);

    public static FaultException Of(Fault fault, ProgramLog log) => new(fault with { Message = fault.Message + log.LastWords() });
}

/// <summary>A program was stopped with its attempt.</summary>
/// <param name="lastWords">What it had printed last.</param>
internal sealed class ProgramStopped(string? lastWords, CancellationToken token) : OperationCanceledException(token)
{
    public string? LastWords => lastWords;
}
