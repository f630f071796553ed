namespace OrleansEtl;

/// <summary>A trigger as it stands in the file of its pipeline, under <c>triggers</c>.</summary>
/// <param name="Id">Of its own within the pipeline; the trigger's id is <c>PIPELINE/ID</c>.</param>
/// <param name="IsPaused">Null: the file does not say, and it stays as it is.</param>
public sealed record PipelineTrigger(string Id, TriggerSpec Spec, bool? IsPaused);
