using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>One schedule; the key is its id: <c>pipeline/id</c> of one that stands in the file of a pipeline, or a name.</summary>
[Alias("etl.IScheduleGrain"), DefaultGrainType("schedule")]
public interface IScheduleGrain : IDueGrain
{
    /// <summary>Makes the schedule, or makes it anew: what was due until now is decided as it was before.</summary>
    /// <param name="keepsPause">One that exists stays paused or not, whatever the spec says.</param>
    [Alias("Put")]
    Task<ScheduleAnswer> Put(ScheduleSpec spec, bool keepsPause);

    /// <summary>Forgets the schedule. Its runs go on.</summary>
    [Alias("Delete")]
    Task<ScheduleAnswer> Delete();

    [Alias("Pause")]
    Task<ScheduleAnswer> Pause();

    [Alias("Resume")]
    Task<ScheduleAnswer> Resume();

    /// <summary>Starts a run now, as far as the overlap policy lets it.</summary>
    /// <param name="token">Of the caller's choice: the same one twice is one run.</param>
    [Alias("Trigger")]
    Task<ScheduleAnswer> Trigger(string token);

    [Alias("Backfill")]
    Task<ScheduleAnswer> Backfill(BackfillRequest request);

    /// <summary>What <see cref="Backfill"/> would start. Changes nothing.</summary>
    [Alias("PreviewBackfill")]
    Task<BackfillPreview> PreviewBackfill(BackfillRequest request);

    [Alias("CancelBackfill")]
    Task<ScheduleAnswer> CancelBackfill(string backfill);

    /// <summary>Null when there is none.</summary>
    [Alias("View"), AlwaysInterleave]
    Task<ScheduleView?> View();

    /// <summary>A run has ended. That of another schedule, or one that it knows to have ended, changes nothing; one that is never told is
    /// found by asking.</summary>
    [Alias("RunEnded")]
    Task RunEnded(ScheduleEnd end);
}

/// <summary>Reads what is stored about schedules. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.IScheduleCatalogGrain"), DefaultGrainType("schedule-catalog")]
public interface IScheduleCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>One page by id, with the last firing of each and without its backfills.</summary>
    /// <param name="prefix">What ids begin with; empty: all.</param>
    /// <exception cref="FaultException">Invalid: the limit. Unavailable: the store.</exception>
    [Alias("List"), ReadOnly]
    Task<Listing<ScheduleView>> List(string prefix, string? cursor, int limit);
}

/// <summary>The end of a run that a schedule started.</summary>
/// <param name="Definition">The version of the pipeline that it ran.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ScheduleEnd)]
public sealed record ScheduleEnd(RunId Run, RunStatus Status, string Definition, Fault? Fault);
