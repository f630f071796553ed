using System.Collections.Immutable;
using System.Text;
using OrleansEtl.Definitions.Environments;
using OrleansEtl.Definitions.Templates;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions;

/// <summary>A pipeline file, read and checked: a plan, or everything that is wrong with it.</summary>
/// <param name="Plan">Null when there is an error.</param>
public sealed record CheckedPipeline(
    string File, PipelineSpec? Spec, Plan? Plan, SourceMap SourceMap, ImmutableArray<Diagnostic> Diagnostics, string Text)
{
    public bool HasErrors => Plan is null && Template is null;

    /// <summary>Set when it is a template, which was checked for itself; null: it is a pipeline.</summary>
    public PipelineTemplate? Template { get; init; }

    /// <summary>When it is to run by itself, once it is registered.</summary>
    public ImmutableArray<PipelineSchedule> Schedules { get; init; } = [];

    /// <summary>What is to start it, once it is registered.</summary>
    public ImmutableArray<PipelineTrigger> Triggers { get; init; } = [];
}

/// <summary>From a file to a plan: the reader's findings and the plan's faults in one list, each with its place.</summary>
public static class PipelineFile
{
    /// <param name="environment">Whose values <c>{{ env.NAME }}</c> stands for; null: nobody's.</param>
    /// <param name="templates">Null: those of the nearest folder <c>templates</c>.</param>
    public static CheckedPipeline Check(
        string path, KindCatalog kinds, ResolvedEnvironment? environment = null, TemplateFolders? templates = null) =>
        Check(PipelineYaml.ReadFile(path, kinds, templates), kinds, environment);

    public static CheckedPipeline Check(ReadResult read, KindCatalog kinds, ResolvedEnvironment? environment = null)
    {
        if (read.Draft is null) return new CheckedPipeline(read.File, null, null, read.SourceMap, read.Diagnostics, read.Text);
        var draft = environment is null ? read.Draft : environment.Into(read.Draft);
        var result = PlanCheck.Check(draft, kinds);
        var faults = result is PlanResult.Faulty faulty ? faulty.Faults : [];
        var found = read.Diagnostics
            .Concat(faults.Where(f => !Follows(f, read.FaultyPaths)).Select(f => Place(f, read)));
        var diagnostics = Diagnostic.InOrder(found, read.File).Take(PlanBounds.Default.FaultsMax);
        var plan = read.HasErrors ? null : (result as PlanResult.Checked)?.Plan;
        return new CheckedPipeline(read.File, read.Spec is null ? null : draft, plan, read.SourceMap, [.. diagnostics], read.Text)
        {
            Schedules = read.Schedules,
            Triggers = read.Triggers,
        };
    }

    /// <summary>A template by itself, and what it makes of its defaults when it needs nothing else; null: the file is none.</summary>
    public static CheckedPipeline? CheckTemplate(string path, KindCatalog kinds)
    {
        var template = TemplateReader.ReadFile(path);
        if (template.Root is not { } root || !Expansion.IsTemplate(root)) return null;
        var @checked = new CheckedPipeline(path, null, null, template.Map, template.Diagnostics, template.Source.Text);
        if (template.HasErrors) return @checked;
        if (!template.NeedsNothing) return @checked with { Template = template };
        var others = TemplateSet.FolderOf(Path.GetDirectoryName(Path.GetFullPath(path))!) is { } folder ? TemplateSet.Load(folder).Templates : [];
        var set = TemplateSet.Of("", others.Where(one => one.ToString() != template.ToString()).Append(template));
        var use = Encoding.UTF8.GetBytes($"pipeline: {template.Name}\nuses: {template}\n");
        var trial = Check(PipelineYaml.Read(use, "(with its defaults)", kinds, YamlBounds.Default, () => set), kinds);
        // A value of an environment is there only where the template is used.
        var diagnostics = trial.Diagnostics.Where(one => one.Code != Engine.Plans.PlanCodes.NoEnvironment)
            .Select(one => one.File == path ? one with { LineText = null, Related = [] } : one).ToImmutableArray();
        return @checked with { Diagnostics = diagnostics, Template = diagnostics.Any(one => one.Severity == Severity.Error) ? null : template };
    }

    /// <summary>All faults of a spec that did not come from a file; none when it can run.</summary>
    public static ImmutableArray<Fault> Faults(PipelineSpec spec, KindCatalog kinds) =>
        PlanCheck.Check(spec, kinds) is PlanResult.Faulty faulty ? faulty.Faults : [];

    /// <summary>A fault of this file's spec with its place in the file; faults of runs can be placed as well.</summary>
    public static Diagnostic Place(Fault fault, ReadResult read)
    {
        var range = fault.Path is null ? null : read.SourceMap.Place(fault.Path, IsAboutKey(fault.Code));
        return Diagnostic.Of(Severity.Error, fault.Code, fault.Message, read.File, range, fault.Path, fault.Hint, Suggested(fault.Hint));
    }

    // A fault within a place that could not be read, or about something missing there, follows from that.
    private static bool Follows(Fault fault, ImmutableArray<string> faulty) =>
        fault.Path is { } path && faulty.Any(f => SpecPath.IsWithin(path, f));

    private static bool IsAboutKey(string code) => code is PlanCodes.UnknownField or PlanCodes.DuplicateParam;

    private static string? Suggested(string? hint)
    {
        const string start = "Did you mean `";
        if (hint is null || !hint.StartsWith(start, StringComparison.Ordinal)) return null;
        var end = hint.IndexOf('`', start.Length);
        return end < 0 ? null : hint[start.Length..end];
    }
}
