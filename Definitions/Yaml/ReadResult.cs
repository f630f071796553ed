using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>What was read of a pipeline file.</summary>
/// <param name="Spec">Null when there is an error.</param>
/// <param name="Draft">What could be understood despite errors, so that the check of the plan can add its own; null when nothing
/// could.</param>
/// <param name="Text">The file's text, for showing lines of it; empty when it is no text.</param>
public sealed record ReadResult(
    string File, PipelineSpec? Spec, PipelineSpec? Draft, SourceMap SourceMap, ImmutableArray<Diagnostic> Diagnostics, string Text)
{
    /// <summary>Where errors were found: what the check of the plan finds there only follows from them.</summary>
    internal ImmutableArray<string> FaultyPaths { get; init; } = [];

    /// <summary>When it is to run by itself, once it is registered.</summary>
    public ImmutableArray<PipelineSchedule> Schedules { get; init; } = [];

    /// <summary>What is to start it, once it is registered.</summary>
    public ImmutableArray<PipelineTrigger> Triggers { get; init; } = [];

    public bool HasErrors => Diagnostics.Any(d => d.Severity == Severity.Error);
}
