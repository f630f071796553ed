namespace OrleansEtl.Shells;

/// <summary>The runs that steps start, wherever they are driven.</summary>
/// <param name="Find">A registered version of a pipeline; null: the active one. What is not there is a fault that no repetition heals.</param>
/// <param name="Start">The same start again changes nothing.</param>
public sealed record ChildRuns(
    Func<string, int?, CancellationToken, Task<PipelineVersion>> Find, Func<RunId, RunCommand.Start, Task<Answer>> Start);
