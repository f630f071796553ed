using System.Collections.Immutable;
using OrleansEtl.Cli.Commands;
using OrleansEtl.Client;
using System.CommandLine;

namespace OrleansEtl.Cli.Cluster;

/// <summary>Which home or cluster a command line means.</summary>
internal static class Where
{
    public const string Variable = "ETL_CLUSTER";

    /// <summary>For a command that may be the first of a home.</summary>
    public static async Task<IEtl> Open(this ParseResult parsed, Surroundings surroundings, CancellationToken cancellation) =>
        parsed.Cluster() is { } gateways
            ? await parsed.Connect(gateways, surroundings, new RetrySettings(), cancellation)
            : surroundings.Open(parsed.HomeSettings());

    /// <summary>For a command that asks after what is there.</summary>
    public static async Task<IEtl> OpenExisting(this ParseResult parsed, Surroundings surroundings, CancellationToken cancellation)
    {
        if (parsed.IsCluster() || Directory.Exists(parsed.HomeFolder())) return await parsed.Open(surroundings, cancellation);
        throw new FaultException(new Fault(
            FaultKind.NotFound, CliCodes.NoHome, $"there is no home at {parsed.HomeFolder()}: nothing was ever run there",
            Hint: "name another with --home DIR or ETL_HOME, or run a pipeline first: etl run FILE"));
    }

    /// <summary>For a command that homes do not know.</summary>
    public static Task<ClusterEtl> OpenCluster(
        this ParseResult parsed, Surroundings surroundings, RetrySettings retries, CancellationToken cancellation) =>
        parsed.Connect(
            parsed.Cluster() ?? throw WrongUse("no cluster is named", "Name one with --cluster HOST:PORT or ETL_CLUSTER."),
            surroundings, retries, cancellation);

    public static bool IsCluster(this ParseResult parsed) => parsed.Cluster() is not null;

    /// <summary>How a printed command reaches the same runs: nothing when it does so by itself.</summary>
    public static string WhereFlag(this ParseResult parsed) =>
        parsed.GetResult(CommonOptions.Cluster) is { Implicit: false } ? $" --cluster {parsed.GetValue(CommonOptions.Cluster)}"
        : parsed.IsCluster() ? ""
        : parsed.HomeFlag();

    /// <summary><c>home .etl</c>, <c>cluster db1:30000</c></summary>
    public static string WhereWords(this ParseResult parsed) => parsed.Cluster() is { } gateways
        ? $"cluster {string.Join(',', gateways)}"
        : $"home {parsed.GetValue(CommonOptions.Home)}";

    /// <summary>An option that says where wins over a variable that does.</summary>
    private static ImmutableArray<string>? Cluster(this ParseResult parsed)
    {
        var given = parsed.GetResult(CommonOptions.Cluster) is { Implicit: false } ? parsed.GetValue(CommonOptions.Cluster) : null;
        var homely = new[] { (Option)CommonOptions.Home, CommonOptions.Allow, CommonOptions.AllowProgram }
            .FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        if (given is not null && homely is not null)
            throw WrongUse($"{homely.Name} and --cluster are both given",
                "On a cluster the silos' settings say where things lie: leave one of the two away.");
        var text = given ?? (homely is null ? Environment.GetEnvironmentVariable(Variable) : null);
        return string.IsNullOrEmpty(text) ? null
            : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }

    private static Task<ClusterEtl> Connect(
        this ParseResult parsed, ImmutableArray<string> gateways, Surroundings surroundings, RetrySettings retries,
        CancellationToken cancellation) =>
        surroundings.Connect(
            new EtlClientOptions
            {
                Gateways = gateways, Secret = CommonOptions.Secret(new Settings(parsed)), Tls = CommonOptions.Tls(new Settings(parsed)),
                Retries = retries,
            }, cancellation);

    private static FaultException WrongUse(string found, string hint) =>
        new(new Fault(FaultKind.Invalid, CliCodes.WrongUse, $"{found}.", null, hint));
}
