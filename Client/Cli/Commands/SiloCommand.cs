using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Output;
using OrleansEtl.Shells;
using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Cli.Commands;

/// <summary><c>etl silo</c></summary>
internal static class SiloCommand
{
    private static readonly Option<string?> Postgres = Option("--postgres", "TEXT",
        "The database, as Host=db;Database=etl;Username=etl [ETL_POSTGRES]");
    private static readonly Option<string?> PostgresFile = Option("--postgres-file", "FILE",
        "A file with that text, which may then hold the password [ETL_POSTGRES_FILE]");
    private static readonly Option<string?> Data = Option("--data", "DIR",
        "The folder that all silos with the role data share [ETL_DATA]");
    private static readonly Option<string?> Roles = Option("--roles", "LIST",
        "control drives runs, data runs steps [ETL_ROLES; default: control,data]");
    private static readonly Option<string?> Host = Option("--host", "ADDRESS",
        "The address that others reach; auto: the one on the way to Postgres [ETL_HOST; default: 127.0.0.1]");
    private static readonly Option<string?> Port = Option("--port", "N", "For silos [ETL_PORT; default: 11111]");
    private static readonly Option<string?> ListenPort = Option("--listen-port", "N",
        "Where to listen for silos when a proxy forwards --port to it [ETL_LISTEN_PORT; default: --port]");
    private static readonly Option<string?> GatewayPort = Option("--gateway-port", "N", "For clients [ETL_GATEWAY_PORT; default: 30000]");
    private static readonly Option<string?> Name = Option("--name", "TEXT", "For people [ETL_NAME; default: the machine's name]");
    private static readonly Option<string?> Memory = Option("--memory", "SIZE",
        "Of all running steps together [ETL_MEMORY; default: half of the machine's]");
    private static readonly Option<string?> Slots = Option("--slots", "N", "Stages that run at once [ETL_SLOTS; default: 2]");
    private static readonly Option<string?> Spill = Option("--spill", "DIR",
        "For work larger than memory, on this machine [ETL_SPILL; default: below the temporary folder]");
    private static readonly Option<string?> Copies = Option("--copies", "SIZE",
        "Copies of shared datasets on this machine's disk, beside the spill [ETL_COPIES; default: none]");
    private static readonly Option<string?> Keep = Option("--keep", "DURATION",
        "How long ended runs are kept; their datasets stay [ETL_KEEP; default: 90d]");
    private static readonly Option<string?> Wait = Option("--wait", "DURATION",
        "How long to wait at the start for a Postgres that is away [ETL_WAIT; default: 60s]");
    private static readonly Option<string?> Certificate = Option("--tls-certificate", "FILE",
        "Encrypts all connections with this certificate (PEM) [ETL_TLS_CERTIFICATE]");
    private static readonly Option<string?> Key = Option("--tls-key", "FILE", "Its key [ETL_TLS_KEY; default: in the same file]");
    private static readonly Option<string?> Authority = Option("--tls-authority", "FILE",
        "Lets in only whom this authority has signed [ETL_TLS_AUTHORITY]");
    private static readonly Option<string?> Log = Option("--log", "FORM", "plain or json, on stderr [ETL_LOG; default: plain]");
    private static readonly Option<string?> Hooks = Option("--hooks", "PORT",
        "Take webhooks there, of this machine unless an address stands before it [ETL_HOOKS; default: nowhere]");
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Log every event of every run" };

    public static Command Make(Surroundings surroundings)
    {
        var command = new Command("silo", "Be a silo of a cluster over Postgres, until SIGTERM")
            .With(Postgres, PostgresFile, Data, Roles, Host, Port, ListenPort, GatewayPort, Name, Memory, Slots, Spill, Copies,
                CommonOptions.Allow, CommonOptions.AllowProgram, Keep, Wait, Certificate, Key, Authority, Log, Hooks, Verbose);
        command.SetAction(async (parsed, _) => (int)await Run(parsed, surroundings));
        return command;
    }

    private static async Task<ExitCode> Run(ParseResult parsed, Surroundings surroundings)
    {
        SiloSettings settings;
        bool isJson;
        try
        {
            (settings, isJson) = (Read(parsed) with
            {
                Kinds = surroundings.Kinds,
                Hooks = HooksAt.Of(
                    new Settings(parsed).Find(Hooks, HooksAt.Variable), at => surroundings.Terminal.Talk.WriteLine($"webhooks are taken at {at}")),
            }, IsJsonLog(parsed));
        }
        catch (FaultException wrong)
        {
            FaultText.Print(surroundings.Terminal, wrong.Fault);
            return ExitCode.Usage;
        }
        return await Live(settings, isJson, parsed.GetValue(Verbose), surroundings);
    }

    /// <summary>What only a silo needs is loaded here, not when any other command starts.</summary>
    private static async Task<ExitCode> Live(SiloSettings settings, bool isJson, bool isVerbose, Surroundings surroundings)
    {
        using var interrupts = new Interrupts(surroundings.Terminal);
        using var log = new LineLog(surroundings.Terminal.Talk, isJson, isVerbose, surroundings.Clock);
        var name = "";
        var end = await ClusterSilo.Run(settings, surroundings.Clock, log, ready =>
        {
            name = ready.Name;
            surroundings.Terminal.Data.WriteLine(
                $"ready: silo {ready.Silo}, gateway {ready.Gateway}, roles {string.Join(',', ready.Roles)}, name {ready.Name}");
            surroundings.Terminal.Data.Flush();
        }, GivenUp, interrupts.Token);
        switch (end)
        {
            case SiloEnd.Left:
                surroundings.Terminal.Talk.WriteLine($"left: {name} handed over what it held");
                return ExitCode.Succeeded;
            case SiloEnd.LeftInHaste:
                surroundings.Terminal.Talk.WriteLine($"left: {name} could not hand over all in time; the other silos take it up");
                return ExitCode.Succeeded;
            default: throw new UnreachableException();
        }

        void GivenUp(string silo)
        {
            FaultText.Print(surroundings.Terminal, SiloFaults.DeclaredDead(silo));
            Environment.Exit((int)ExitCode.DeclaredDead);
        }
    }

    private static SiloSettings Read(ParseResult parsed)
    {
        var settings = new Settings(parsed);
        var postgres = settings.Secret(settings.Find(Postgres, "ETL_POSTGRES"), settings.Find(PostgresFile, "ETL_POSTGRES_FILE"))
            ?? throw Settings.Missing("--postgres", "ETL_POSTGRES", "The database");
        var roles = RolesOf(settings.Find(Roles, "ETL_ROLES"));
        var data = settings.Find(Data, "ETL_DATA")?.Value;
        if (data is null && roles.Contains(SiloRoles.Data))
            throw Settings.Missing("--data", "ETL_DATA", "The folder that silos with the role data share");
        var (port, gateway) = (settings.Find(Port, "ETL_PORT"), settings.Find(GatewayPort, "ETL_GATEWAY_PORT"));
        var read = new SiloSettings(postgres, CommonOptions.Secret(settings), data is null ? null : Path.GetFullPath(data), roles)
        {
            Tls = CommonOptions.Tls(settings, Certificate, Key, Authority),
            Host = Settings.Address(settings.Find(Host, "ETL_HOST")),
            Port = Settings.Number(port, SiloSettings.DefaultPort, 1, 65535),
            GatewayPort = Settings.Number(gateway, SiloSettings.DefaultGatewayPort, 1, 65535),
            ListenPort = settings.Find(ListenPort, "ETL_LISTEN_PORT") is { } listen ? Settings.Number(listen, 0, 1, 65535) : null,
            Name = settings.Find(Name, "ETL_NAME")?.Value,
            MemoryBytes = Settings.Bytes(settings.Find(Memory, Homes.Memory)),
            Threads = Environment.GetEnvironmentVariable(Homes.Threads) is { Length: > 0 } threads
                ? Settings.Number(new Setting(Homes.Threads, threads), 0, 1, 1024) : null,
            Slots = settings.Find(Slots, "ETL_SLOTS") is { } slots ? Settings.Number(slots, 0, 1, 1024) : null,
            Spill = settings.Find(Spill, "ETL_SPILL")?.Value,
            CopiesBytes = Settings.Bytes(settings.Find(Copies, "ETL_COPIES")) ?? 0,
            Cache = Environment.GetEnvironmentVariable(Homes.Cache) is { Length: > 0 } cache ? Path.GetFullPath(cache) : null,
            Allowed = [.. (parsed.GetValue(CommonOptions.Allow) ?? []).Select(Path.GetFullPath)],
            AllowedPrograms = CommonOptions.AllowedPrograms(parsed),
        };
        if (read.Port == read.GatewayPort)
            throw Settings.Wrong(gateway ?? port!, $"{read.Port} for both ports", "two different ports");
        if (read.Tls is { CertificateFile: null }) throw Settings.Missing("--tls-certificate", "ETL_TLS_CERTIFICATE", "The certificate");
        return read with
        {
            Keep = Duration(settings.Find(Keep, "ETL_KEEP"), TimeSpan.FromHours(1), "an hour, such as 24h or 90d") ?? read.Keep,
            StartPatience = Duration(settings.Find(Wait, "ETL_WAIT"), TimeSpan.Zero, "0s, such as 5s or 2m") ?? read.StartPatience,
        };
    }

    private static bool IsJsonLog(ParseResult parsed) => new Settings(parsed).Find(Log, "ETL_LOG") switch
    {
        null or { Value: "plain" } => false,
        { Value: "json" } => true,
        { } other => throw Settings.Wrong(other, $"`{other.Value}`", "plain or json"),
    };

    private static ImmutableArray<string> RolesOf(Setting? setting)
    {
        if (setting is null) return SiloSettings.AllRoles;
        var roles = setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();
        return roles is [] || roles.Except(SiloSettings.AllRoles).Any()
            ? throw Settings.Wrong(setting, $"`{setting.Value}`", "control, data or control,data")
            : [.. SiloSettings.AllRoles.Where(roles.Contains)];
    }

    private static TimeSpan? Duration(Setting? setting, TimeSpan min, string least) =>
        setting is null ? null
        : Durations.TryParse(setting.Value, out var duration) && duration >= min ? duration
        : throw Settings.Wrong(setting, $"`{setting.Value}`", $"a duration of at least {least}");

    private static Option<string?> Option(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help };
}
