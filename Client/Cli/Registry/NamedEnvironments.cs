using System.CommandLine;
using OrleansEtl.Cli.Output;
using OrleansEtl.Definitions;
using OrleansEtl.Definitions.Environments;
using OrleansEtl.Definitions.Templates;

namespace OrleansEtl.Cli.Registry;

/// <summary>The environments of the folders nearest to pipelines; each folder is read once.</summary>
internal sealed class NamedEnvironments(Surroundings surroundings)
{
    public static readonly Option<string?> Option = new("--env")
    {
        Description = "The environment whose values {{ env.NAME }} stands for: environments/NAME.yaml beside the file or above it",
        HelpName = "NAME",
    };

    private readonly Dictionary<string, EnvironmentSet> _sets = [];
    private readonly TemplateFolders _templates = new();

    /// <summary>The pipeline's file, with the values of the environment of that name.</summary>
    /// <param name="name">Null: of none.</param>
    /// <exception cref="FaultException">There is no such environment, or it has mistakes, which were printed.</exception>
    public CheckedPipeline Check(string path, string? name) => PipelineFile.Check(
        path, surroundings.Kinds.Specs, name is null ? null : Find(Path.GetDirectoryName(Path.GetFullPath(path))!, name), _templates);

    /// <inheritdoc cref="Check"/>
    /// <param name="folder">Where the search begins.</param>
    public ResolvedEnvironment Find(string folder, string name)
    {
        var resolved = Set(folder).Resolve(name);
        return resolved.Succeeded ? resolved.Value : throw new FaultException(resolved.Fault);
    }

    private EnvironmentSet Set(string folder)
    {
        var place = EnvironmentSet.FolderOf(folder) ?? throw new FaultException(new Fault(
            FaultKind.NotFound, "ETL6127", $"There is no folder `environments` in {folder} or above it.", null,
            "Make environments/NAME.yaml there, with `values:` in it."));
        if (_sets.TryGetValue(place, out var known)) return known;
        var set = EnvironmentSet.Load(place);
        foreach (var (diagnostics, text) in set.Mistakes) surroundings.Terminal.Talk.Write(DiagnosticText.Render(diagnostics, text));
        return set.Mistakes.Any()
            ? throw new FaultException(new Fault(FaultKind.Invalid, "ETL6128", $"The environments in {place} have mistakes.", null, "Mend them first."))
            : _sets[place] = set;
    }
}
