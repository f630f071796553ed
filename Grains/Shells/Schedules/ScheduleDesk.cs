using System.Collections.Immutable;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Schedules;

/// <summary>What schedules work with: where they are stored, what they start, and whether this process starts it.</summary>
/// <param name="Find">A registered version of a pipeline; null: the active one. What is not there is a fault that no repetition heals.</param>
/// <param name="NewId">Makes the ids of writes.</param>
public sealed partial record ScheduleDesk(
    IGrainStates States, IRunCatalog Runs, Func<string, int?, CancellationToken, Task<PipelineVersion>> Find, TimeProvider Clock, Func<Guid> NewId)
{
    public ScheduleBounds Bounds { get; init; } = ScheduleBounds.Default;
    public ScheduleOptions Options { get; init; } = new();

    /// <summary>How this process starts and cancels runs; null: it does neither and leaves what is owed to one that does.</summary>
    public RunsOfSchedules? Pays { get; init; }

    /// <summary>Null when there is none.</summary>
    public async Task<ScheduleView?> View(string id, CancellationToken cancellation)
    {
        var kept = await new KeptSchedule(this, id).Read(cancellation);
        return kept.Exists ? kept.View() : null;
    }

    /// <inheritdoc cref="IScheduleCatalogGrain.List"/>
    public Task<Listing<ScheduleView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation) => States.List(
        KeptSchedule.GrainType, KeptSchedule.StateName, prefix, cursor, limit, bytes => Short(ScheduleCodec.Read(bytes).Schedule.View()), cancellation);

    private static ScheduleView Short(ScheduleView view) => view with { Recent = [.. view.Recent.Take(1)], Backfills = [] };
}

/// <summary>The runs that schedules start, wherever they are driven.</summary>
/// <param name="Start">The same start again changes nothing.</param>
/// <param name="Cancel">Of a run that has started.</param>
public sealed record RunsOfSchedules(Func<RunId, RunCommand.Start, Task<Answer>> Start, Func<RunId, string, Task<Answer>> Cancel);

public sealed record ScheduleOptions
{
    /// <summary>How soon somebody looks whether a run that is to be started or cancelled has been: long enough for a start that waits for a
    /// store, short enough that a silo's death costs a schedule seconds.</summary>
    public TimeSpan PayWithin { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How often a schedule asks after its runs; their ends are told it at once, and this finds those that were not heard.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>How long a start that was not answered may yet be heard: longer than any call takes.</summary>
    public TimeSpan UnheardMax { get; init; } = TimeSpan.FromMinutes(2);
    /// <summary>Others that write first before one gives up.</summary>
    public int TriesMax { get; init; } = 10;
    /// <summary>Runs of one schedule that are started at once.</summary>
    public int StartsAtOnce { get; init; } = 16;
}
