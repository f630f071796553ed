using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Client;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Cli.Commands;

internal enum OutputForm { Table, Json }

/// <summary>Options that several commands share, said once.</summary>
internal static class CommonOptions
{
    public static readonly Option<bool> Trace = new("--trace")
    {
        Description = "Show the details of an unforeseen error", Recursive = true,
    };

    public static readonly Option<string> Home = new("--home")
    {
        Description = "The folder of runs and datasets, which $ETL_HOME names too",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("ETL_HOME") is { Length: > 0 } home ? home : ".etl",
    };

    public static readonly Option<string?> Cluster = new("--cluster")
    {
        Description = "Silos to talk to, instead of a home [default: $ETL_CLUSTER]", HelpName = "HOST:PORT,…", Recursive = true,
    };

    public static readonly Option<string?> SecretFile = new("--secret-file")
    {
        Description = "A file with the cluster's secret [default: $ETL_SECRET_FILE, else $ETL_SECRET itself]", HelpName = "FILE",
        Recursive = true,
    };

    private static readonly Option<string?> Nothing = new("--nothing");

    public static readonly Option<string[]> Allow = new("--allow")
    {
        Description = "A further folder whose files the pipeline may read and write; may be given again", HelpName = "DIR",
    };

    public static readonly Option<string[]> AllowProgram = new("--allow-program")
    {
        Description = "A program that steps of the kind process may run, by name or path; may be given again [and: $ETL_ALLOW_PROGRAMS]",
        HelpName = "PROGRAM",
    };

    public static readonly Option<OutputForm> Output = new("--output", "-o")
    {
        Description = "table (tab-separated when piped) or json", HelpName = "table|json",
    };

    public static readonly Option<Progress.ProgressMode> Progress = new("--progress")
    {
        Description = "auto, tty, plain, json or quiet; progress goes to stderr", HelpName = "MODE",
    };

    public static readonly Option<string[]> Param = new("--param", "-p")
    {
        Description = "A parameter of the pipeline; may be given again", HelpName = "NAME=VALUE", AllowMultipleArgumentsPerToken = false,
    };

    public static readonly Option<int> Limit = new("--limit")
    {
        Description = "At most so many lines, 1 to 500", HelpName = "N", DefaultValueFactory = _ => 50,
        Validators =
        {
            result =>
            {
                if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, out var n) && n is >= 1 and <= 500))
                {
                    result.AddError($"--limit is a number from 1 to 500; found '{result.Tokens[0].Value}'");
                }
            },
        },
    };

    public static readonly Option<string?> Since = new("--since")
    {
        Description = "Only runs that were started then or later: a time in UTC, or how long ago (2h, 1d)", HelpName = "TIME",
        Validators =
        {
            result =>
            {
                foreach (var token in result.Tokens)
                    if (!Durations.TryParse(token.Value, out _) && !Moments.TryInstant(token.Value, null, out _))
                        result.AddError($"--since takes a time such as 2026-11-20 or 2026-11-20T06:00Z, or a duration such as 2h; found '{token.Value}'");
            },
        },
    };

    public static readonly Option<string?> Cursor = new("--cursor")
    {
        Description = "Go on after the page that gave this as `next`", HelpName = "CURSOR",
    };

    /// <summary>Refuses numbers that are out of bounds before anything is asked of anybody.</summary>
    public static Option<T> Between<T>(this Option<T> option, int least, int most)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && (number < least || number > most))
                result.AddError($"{option.Name} is a number from {least} to {most}; found '{text}'");
        });
        return option;
    }

    /// <summary>An option that is a duration.</summary>
    public static Option<string?> Duration(string name, string description) => new(name)
    {
        Description = description, HelpName = "DURATION",
        Validators =
        {
            result =>
            {
                if (result.Tokens is not [{ Value: var text }]) return;
                if (!Durations.TryParse(text, out var duration) || duration <= TimeSpan.Zero)
                    result.AddError($"{name} is a duration such as 30s, 5m or 2h; found '{text}'");
            },
        },
    };

    /// <summary>What was given for such an option; null: nothing.</summary>
    public static TimeSpan? Duration(this ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text && Durations.TryParse(text, out var duration) ? duration : null;

    public static Command With(this Command command, params Option[] options)
    {
        foreach (var option in options) command.Options.Add(option);
        return command;
    }

    /// <summary>The home as an absolute path.</summary>
    public static string HomeFolder(this ParseResult parsed) => Path.GetFullPath(parsed.GetValue(Home)!);

    public static HomeSettings HomeSettings(this ParseResult parsed) =>
        new(parsed.HomeFolder(), [.. (parsed.GetValue(Allow) ?? []).Select(Path.GetFullPath)], AllowedPrograms(parsed));

    /// <summary>Those of the command line, and those of the variable, with commas between them. What is a path is made absolute.</summary>
    public static ImmutableArray<string> AllowedPrograms(ParseResult parsed) =>
    [
        .. (parsed.GetValue(AllowProgram) ?? [])
            .Concat((Environment.GetEnvironmentVariable("ETL_ALLOW_PROGRAMS") ?? "").Split(','))
            .Select(program => program.Trim()).Where(program => program.Length > 0)
            .Select(program => program.Contains('/') ? Path.GetFullPath(program) : program),
    ];

    /// <summary>How a printed command reaches the same home: nothing when it is the default.</summary>
    public static string HomeFlag(this ParseResult parsed) =>
        parsed.GetResult(Home) is { Implicit: false } ? $" --home {parsed.GetValue(Home)}" : "";

    /// <summary>Null: not said.</summary>
    public static DateTimeOffset? SinceWhen(this ParseResult parsed, Surroundings surroundings) => parsed.GetValue(Since) switch
    {
        null => null,
        var text when Durations.TryParse(text, out var ago) => surroundings.Clock.GetUtcNow() - ago,
        var text => Moments.TryInstant(text, null, out var then) ? then : null,
    };

    public static bool IsJson(this ParseResult parsed) => parsed.GetValue(Output) is OutputForm.Json;

    /// <summary>What silos and clients of a cluster know. Never an argument, since those can be read by everybody on the machine.</summary>
    public static string? Secret(Settings settings) =>
        settings.Secret(settings.Find(Nothing, "ETL_SECRET"), settings.Find(SecretFile, "ETL_SECRET_FILE"));

    /// <summary>Null when nothing is given: connections are not encrypted. Clients know the variables alone.</summary>
    public static ClusterTls? Tls(
        Settings settings, Option<string?>? certificate = null, Option<string?>? key = null, Option<string?>? authority = null)
    {
        var tls = new ClusterTls(
            Settings.File(settings.Find(certificate ?? Nothing, "ETL_TLS_CERTIFICATE")),
            Settings.File(settings.Find(key ?? Nothing, "ETL_TLS_KEY")),
            Settings.File(settings.Find(authority ?? Nothing, "ETL_TLS_AUTHORITY")));
        return tls is { CertificateFile: null, KeyFile: null, AuthorityFile: null } ? null : tls;
    }
}
