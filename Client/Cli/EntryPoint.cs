using System.CommandLine;
using System.CommandLine.Invocation;
using OrleansEtl.Cli.Commands;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli;

/// <summary>Parses the command line and runs one command. Nothing that goes wrong shows a stack trace unless --trace asks for it.</summary>
internal static class EntryPoint
{
    /// <summary>A word that begins with @ is a word, such as @daily, and not the name of a file with more of them.</summary>
    private static readonly ParserConfiguration NoResponseFiles = new() { ResponseFileTokenReplacer = null };

    /// <summary>Commands share their options, which are joined to each tree of commands and have no lock of their own.</summary>
    private static readonly Lock Parsing = new();

    public static async Task<ExitCode> Run(string[] args, Surroundings surroundings)
    {
        var parsed = Parse(args, surroundings);
        try
        {
            if (parsed.Action is ParseErrorAction wrong) wrong.ShowHelp = args.Length == 0;
            var talk = surroundings.Terminal.Talk;
            using var reworded = new StringWriter();
            if (parsed.Errors.Any(ParseErrors.NamesType)) talk = reworded;
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = parsed.Errors.Count > 0 ? talk : surroundings.Terminal.Data,
                Error = talk,
            };
            var code = (ExitCode)await parsed.InvokeAsync(configuration);
            surroundings.Terminal.Talk.Write(ParseErrors.InWords(reworded.ToString(), parsed.Errors));
            return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
        }
        catch (FaultException known)
        {
            FaultText.Print(surroundings.Terminal, known.Fault);
            if (WantsTrace(parsed)) surroundings.Terminal.Talk.WriteLine(known);
            return ExitCodes.Of(known.Fault);
        }
        catch (OperationCanceledException)
        {
            surroundings.Terminal.Talk.WriteLine("interrupted");
            return ExitCode.Interrupted;
        }
        catch (IOException broken) when (IsBrokenPipe(broken))
        {
            return ExitCode.Succeeded;
        }
        catch (Exception unforeseen)
        {
            FaultText.Print(surroundings.Terminal, new Fault(
                FaultKind.Bug, CliCodes.Internal, $"something unforeseen went wrong: {unforeseen.Message}",
                Hint: "run the same command with --trace and report what it prints"));
            if (WantsTrace(parsed)) surroundings.Terminal.Talk.WriteLine(unforeseen);
            return ExitCode.Error;
        }
    }

    private static ParseResult Parse(string[] args, Surroundings surroundings)
    {
        lock (Parsing) return EtlCommand.Make(surroundings).Parse(args, NoResponseFiles);
    }

    private static bool WantsTrace(ParseResult parsed) => parsed.GetValue(CommonOptions.Trace);

    /// <summary>The reader of stdout went away, as <c>head</c> does: it has what it wanted.</summary>
    private static bool IsBrokenPipe(IOException broken) => broken.HResult == 32 || broken.Message.Contains("Broken pipe");
}
