using System.Collections.Immutable;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Where everything of a home lies, and which files its pipelines may touch.</summary>
/// <param name="Pipeline">The folder of the first pipeline that this process drives; the engine is opened for it.</param>
internal sealed record HomeFolders(EmbeddedOptions Options, string Pipeline)
{
    public static string Store(string home) => Path.Combine(home, "store.db");
    public string Data => Path.Combine(Options.Home, "data");
    public string Spill => Path.Combine(Options.Home, "spill");

    public PathRules RulesOf(string pipelineFolder) => new(
        pipelineFolder,
        Options.Cache ?? Path.Combine(Options.Home, "cache"),
        [new PathRoot("the home", Options.Home), .. Options.AllowedFolders.Select(folder => new PathRoot("--allow", folder))],
        "--allow");

    public ImmutableArray<string> EngineRoots => [.. RulesOf(Pipeline).Roots.Select(root => root.Folder)];
}
