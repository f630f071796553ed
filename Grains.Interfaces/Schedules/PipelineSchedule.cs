namespace OrleansEtl;

/// <summary>A schedule as it stands in the file of its pipeline, under <c>schedules</c>.</summary>
/// <param name="Id">Of its own within the pipeline; the schedule's id is <c>PIPELINE/ID</c>.</param>
/// <param name="IsPaused">Null: the file does not say, and it stays as it is.</param>
public sealed record PipelineSchedule(string Id, ScheduleSpec Spec, bool? IsPaused);
