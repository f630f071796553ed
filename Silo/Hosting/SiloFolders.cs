using System.Collections.Immutable;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Silo.Hosting;

/// <summary>The folders of a silo that holds data. All such silos see the same shared folder at the same path.</summary>
/// <param name="Shared">Datasets are in <c>datasets/</c>, what steps said in <c>logs/</c>; relative paths of pipelines start in <c>files/</c>.</param>
/// <param name="Spill">Of this machine: work larger than memory goes here, and copies of datasets.</param>
/// <param name="Cache">What <c>cache:</c> means; null: <c>cache/</c> of the shared folder.</param>
/// <param name="CopiesBytes">How much of the shared datasets may lie on this machine's disk too; 0: nothing.</param>
/// <param name="Allowed">Further folders whose files may be read and written; the same for all silos.</param>
internal sealed record SiloFolders(string Shared, string Spill, string? Cache, ImmutableArray<string> Allowed,
    long CopiesBytes = 0)
{
    public string Datasets => Path.Combine(Shared, "datasets");

    public string Logs => Path.Combine(Shared, "logs");

    public string Copies => Path.Combine(Spill, "copies");

    public string Files => Path.Combine(Shared, "files");

    /// <param name="pipelineFolder">A folder within <see cref="Files"/>.</param>
    public PathRules RulesOf(string pipelineFolder) => new(
        Within(pipelineFolder),
        Cache ?? Path.Combine(Shared, "cache"),
        [new PathRoot("the shared folder", Shared), .. Allowed.Select(folder => new PathRoot("--allow", folder))],
        "--allow of the silos", [Datasets, Logs]);

    public DuckOptions EngineOptions => new(Path.Combine(Spill, "work"), [.. RulesOf("").Roots.Select(root => root.Folder), Path.GetFullPath(Copies)]);

    private string Within(string folder)
    {
        var whole = Path.GetFullPath(folder, Files);
        return whole == Files || whole.StartsWith(Files + "/", StringComparison.Ordinal) ? whole : throw new FaultException(new Fault(
            FaultKind.Denied, "ETL4603", $"The run's folder is '{folder}'; expected a folder within {Files}.", null,
            "A cluster does not see the folders of its clients: copy the files into the shared folder."));
    }

    public void Make()
    {
        foreach (var folder in (string[])[Datasets, Logs, Files, Spill, Copies]) Directory.CreateDirectory(folder);
    }
}
