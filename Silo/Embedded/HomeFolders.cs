using System.Collections.Immutable;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Where everything of a home lies, and which files its pipelines may touch.</summary>
/// <param name="Pipeline">The folder of the first pipeline that this process drives; the engine is opened for it.</param>
internal sealed record HomeFolders(EmbeddedOptions Options, string Pipeline)
{
    public static string Store(string home) => Path.Combine(home, "store.db");
    private string[] StoreFiles => [.. new[] { "", "-wal", "-shm", "-journal" }.Select(ending => Store(Options.Home) + ending)];
    public string Data => Path.Combine(Options.Home, "data");
    public string Spill => Path.Combine(Options.Home, "spill");

    public PathRules RulesOf(string pipelineFolder) => new(
        pipelineFolder,
        Options.Cache ?? Path.Combine(Options.Home, "cache"),
        [new PathRoot("the home", Options.Home), .. Options.AllowedFolders.Select(folder => new PathRoot("--allow", folder))],
        "--allow", [Data, Spill, .. StoreFiles]);

    public DuckEngine Engine() => Rooms.Engine(
        new DuckOptions(Spill, [.. RulesOf(Pipeline).Roots.Select(root => root.Folder)]), Options.MemoryBytes, Options.Threads);
}
