using System.Collections.Immutable;
using OrleansEtl.Definitions.Environments;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions;

/// <summary>A pipeline file, read and checked: a plan, or everything that is wrong with it.</summary>
/// <param name="Plan">Null when there is an error.</param>
public sealed record CheckedPipeline(
    string File, PipelineSpec? Spec, Plan? Plan, SourceMap SourceMap, ImmutableArray<Diagnostic> Diagnostics, string Text)
{
    public bool HasErrors => Plan is null;

    /// <summary>When it is to run by itself, once it is registered.</summary>
    public ImmutableArray<PipelineSchedule> Schedules { get; init; } = [];
}

/// <summary>From a file to a plan: the reader's findings and the plan's faults in one list, each with its place.</summary>
public static class PipelineFile
{
    /// <param name="environment">Whose values <c>{{ env.NAME }}</c> stands for; null: nobody's.</param>
    public static CheckedPipeline Check(string path, KindCatalog kinds, ResolvedEnvironment? environment = null) =>
        Check(PipelineYaml.ReadFile(path, kinds), kinds, environment);

    public static CheckedPipeline Check(ReadResult read, KindCatalog kinds, ResolvedEnvironment? environment = null)
    {
        if (read.Draft is null) return new CheckedPipeline(read.File, null, null, read.SourceMap, read.Diagnostics, read.Text);
        var draft = environment is null ? read.Draft : environment.Into(read.Draft);
        var result = PlanCheck.Check(draft, kinds);
        var faults = result is PlanResult.Faulty faulty ? faulty.Faults : [];
        var diagnostics = read.Diagnostics
            .Concat(faults.Where(f => !Follows(f, read.FaultyPaths)).Select(f => Place(f, read)))
            .OrderBy(d => d.Line).ThenBy(d => d.Column)
            .Take(PlanBounds.Default.FaultsMax);
        var plan = read.HasErrors ? null : (result as PlanResult.Checked)?.Plan;
        return new CheckedPipeline(read.File, read.Spec is null ? null : draft, plan, read.SourceMap, [.. diagnostics], read.Text)
        {
            Schedules = read.Schedules,
        };
    }

    /// <summary>All faults of a spec that did not come from a file; none when it can run.</summary>
    public static ImmutableArray<Fault> Faults(PipelineSpec spec, KindCatalog kinds) =>
        PlanCheck.Check(spec, kinds) is PlanResult.Faulty faulty ? faulty.Faults : [];

    /// <summary>A fault of this file's spec with its place in the file; faults of runs can be placed as well.</summary>
    public static Diagnostic Place(Fault fault, ReadResult read)
    {
        var range = fault.Path is null ? null : read.SourceMap.Place(fault.Path, IsAboutKey(fault.Code));
        return new Diagnostic(
            Severity.Error, fault.Code, fault.Message, read.File, range?.Line ?? 0, range?.Column ?? 0, range?.LengthOnLine ?? 0,
            fault.Path, fault.Hint, Suggested(fault.Hint));
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
