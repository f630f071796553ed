using System.CommandLine;
using System.Text.RegularExpressions;
using OrleansEtl.Cli.Cluster;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Commands;

/// <summary>What <c>etl run</c> runs: a file, or a registered version of a pipeline. A file that is there is always meant.</summary>
/// <param name="File">Null: it is registered.</param>
/// <param name="Version">Null: it is a file.</param>
internal sealed partial record RunSource(CheckedPipeline? File, PipelineVersion? Version)
{
    public PipelineSpec? Spec => Version is null ? File is { HasErrors: false } ? File.Spec : null : Version.Spec;

    /// <summary><c>orders.yaml</c>, <c>version 3 of orders</c></summary>
    public string Words => Version is null ? File!.File : $"version {Version.Number} of {Version.Spec.Name}";

    /// <summary>Where relative paths start. The silos of a cluster do not see this machine's folders.</summary>
    public string Folder(bool isCluster) =>
        Version is not null ? Version.Folder : isCluster ? "" : Path.GetDirectoryName(Path.GetFullPath(File!.File))!;

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    /// <param name="number">Of the version that is asked for; null: none is.</param>
    /// <exception cref="FaultException">NotFound: the version. Conflict: the pipeline is retired.</exception>
    public static async Task<RunSource> Find(
        ParseResult parsed, Surroundings surroundings, string named, int? number, CancellationToken cancellation)
    {
        var environment = parsed.GetValue(NamedEnvironments.Option);
        var isThere = System.IO.File.Exists(named);
        if (isThere && number is not null)
            throw new FaultException(new Fault(
                FaultKind.Invalid, CliCodes.WrongUse, $"--version is given, and {named} is a file.", null,
                "Versions are of registered pipelines: name the pipeline, or leave --version away."));
        var mayBeRegistered = number is not null || parsed.IsCluster() || Directory.Exists(parsed.HomeFolder());
        if (isThere || !Name().IsMatch(named) || Path.GetExtension(named) is ".yaml" or ".yml" || !mayBeRegistered)
            return new RunSource(new NamedEnvironments(surroundings).Check(named, environment), null);
        if (environment is not null)
            throw new FaultException(new Fault(
                FaultKind.Invalid, CliCodes.WrongUse, $"--env is given, and {named} is a registered pipeline.", null,
                "A registered version has its values already: etl apply FILE --env NAME registers it with those of another environment."));
        await using var etl = await parsed.OpenExisting(surroundings, cancellation);
        try
        {
            return new RunSource(null, await etl.PipelineVersion(named, number, cancellation));
        }
        catch (FaultException e) when (e.Fault.Code == "ETL6100")
        {
            throw new FaultException(e.Fault with { Message = $"There is no file `{named}`, and no pipeline of that name is registered." });
        }
    }
}
