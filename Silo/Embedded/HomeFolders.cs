using System.Collections.Immutable;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Where everything of a home lies, and which files its pipelines may touch.</summary>
/// <param name="Pipelines">The folders of the pipelines that the engine is opened for: of the first one that this process drives, or of all
/// that it may have to.</param>
internal sealed record HomeFolders(EmbeddedOptions Options, ImmutableArray<string> Pipelines)
{
    public HomeFolders(EmbeddedOptions options, string pipeline) : this(options, [pipeline]) { }

    public static string Store(string home) => Path.Combine(home, "store.db");
    public static string Logs(string home) => Path.Combine(home, "logs");
    public static string Live(string home) => Path.Combine(home, "live");
    private string[] StoreFiles => [.. new[] { "", "-wal", "-shm", "-journal" }.Select(ending => Store(Options.Home) + ending)];
    public string Data => Path.Combine(Options.Home, "data");
    public string Spill => Path.Combine(Options.Home, "spill");

    public PathRules RulesOf(string pipelineFolder) => new(
        pipelineFolder,
        Options.Cache ?? Path.Combine(Options.Home, "cache"),
        [new PathRoot("the home", Options.Home), .. Options.AllowedFolders.Select(folder => new PathRoot("--allow", folder))],
        "--allow", [Data, Logs(Options.Home), Live(Options.Home), Spill, .. StoreFiles]);

    public DuckEngine Engine() => Rooms.Engine(
        new DuckOptions(Spill, EngineFolders), Options.MemoryBytes, Options.Threads);

    /// <summary>Whether the engine reaches the files of a pipeline of this folder.</summary>
    public bool Reaches(string pipelineFolder) => EngineFolders.Any(folder =>
        pipelineFolder == folder || pipelineFolder.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal));

    private ImmutableArray<string> EngineFolders =>
        [.. Pipelines.SelectMany(folder => RulesOf(folder).Roots).Select(root => root.Folder).Distinct()];
}
