using System.Collections.Immutable;
using System.CommandLine;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl silos</c></summary>
internal static class Silos
{
    /// <summary>Whoever asks how the silos are wants to hear it soon.</summary>
    private static readonly RetrySettings Soon = new() { Patience = TimeSpan.FromSeconds(10) };

    private static readonly Argument<string> Name = new("NAME")
    {
        Description = "Only silos whose name has this in it", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "",
    };
    private static readonly Option<bool> Healthy = new("--healthy")
    {
        Description = "Exit with 1 unless there are such silos and all that are members answer",
    };
    private static readonly Option<bool> Calls = new("--calls")
    {
        Description = "Which calls their grains answer, how often and how fast; counted only while somebody looks",
    };
    private static readonly Option<string> For = new("--for")
    {
        Description = "How long calls are counted before the first answer", HelpName = "DURATION", DefaultValueFactory = _ => "3s",
    };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("silos", "List the silos of a cluster, or their calls") { Name };
        command.With(Healthy, Calls, For, CommonOptions.Output);
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var etl = await parsed.OpenCluster(surroundings, Soon, cancellation);
            return (int)await (parsed.GetValue(Calls) ? ShowCalls(parsed, surroundings, etl, cancellation)
                : List(parsed, surroundings, etl, cancellation));
        });
        return command;
    }

    private static async Task<ExitCode> List(
        ParseResult parsed, Surroundings surroundings, ClusterEtl etl, CancellationToken cancellation)
    {
        var silos = (await etl.Silos.List(cancellation)).RemoveAll(silo => !IsMeant(parsed, silo));
        if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, json => SilosText.Json(json, silos));
        else SilosText.Table(silos).Print(surroundings.Terminal);
        var members = silos.Where(silo => silo.Status == "active").ToArray();
        return !parsed.GetValue(Healthy) || members.Length > 0 && members.All(silo => silo.IsHealthy) ? ExitCode.Succeeded : ExitCode.Error;
    }

    private static async Task<ExitCode> ShowCalls(
        ParseResult parsed, Surroundings surroundings, ClusterEtl etl, CancellationToken cancellation)
    {
        if (!Durations.TryParse(parsed.GetValue(For)!, out var wait))
            throw new FaultException(new Fault(FaultKind.Invalid, CliCodes.WrongUse,
                $"--for is a duration such as 3s; found '{parsed.GetValue(For)}'."));
        var calls = await etl.Silos.Calls(cancellation);
        if (calls.Any(silo => silo.Report.Until - silo.Report.Since < wait))
        {
            await Task.Delay(wait, surroundings.Clock, cancellation);
            calls = await etl.Silos.Calls(cancellation);
        }
        calls = calls.RemoveAll(one => !IsMeant(parsed, one.Silo));
        if (parsed.IsJson()) JsonText.Print(surroundings.Terminal.Data, json => SilosText.Json(json, calls));
        else SilosText.Table(calls).Print(surroundings.Terminal);
        return ExitCode.Succeeded;
    }

    private static bool IsMeant(ParseResult parsed, SiloView silo) =>
        parsed.GetValue(Name) is not { Length: > 0 } name || silo.Report?.Name.Contains(name, StringComparison.Ordinal) == true;
}
