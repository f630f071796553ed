using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>Schedules, by their ids: <c>PIPELINE/ID</c> of those that stand in the file of a pipeline, or a name. Refusals are answers; what is so
/// already stays as it is. On a cluster they run by themselves, in a home as long as somebody drives it (<c>etl dev</c>).</summary>
/// <remarks>Exceptions are as for <see cref="IEtl"/>.</remarks>
public interface ISchedules
{
    /// <summary>Makes the schedule, or makes it anew: what was due until now is decided as it was before.</summary>
    /// <param name="keepsPause">One that exists stays paused or not, whatever the spec says.</param>
    Task<ScheduleAnswer> Put(string id, ScheduleSpec spec, bool keepsPause, CancellationToken cancellation);

    /// <summary>Forgets the schedule. Its runs go on.</summary>
    Task<ScheduleAnswer> Delete(string id, CancellationToken cancellation);

    /// <summary>Nothing that is scheduled starts until <see cref="Resume"/>, and what falls due is not caught up. What runs goes on.</summary>
    Task<ScheduleAnswer> Pause(string id, CancellationToken cancellation);

    Task<ScheduleAnswer> Resume(string id, CancellationToken cancellation);

    /// <summary>Starts a run now, also of a paused schedule, as far as its overlap policy lets it.</summary>
    /// <param name="token">The same one twice is one run. Null: every call is.</param>
    Task<ScheduleAnswer> Trigger(string id, string? token, CancellationToken cancellation);

    /// <summary>Runs for what was due in a time that has passed.</summary>
    Task<ScheduleAnswer> Backfill(string id, BackfillRequest request, CancellationToken cancellation);

    /// <summary>What <see cref="Backfill"/> would start. Changes nothing.</summary>
    Task<BackfillPreview> PreviewBackfill(string id, BackfillRequest request, CancellationToken cancellation);

    /// <summary>Starts no more runs of the backfill, and has those that run cancelled.</summary>
    Task<ScheduleAnswer> CancelBackfill(string id, string backfill, CancellationToken cancellation);

    /// <summary>The schedule as it is; null when there is none.</summary>
    Task<ScheduleView?> View(string id, CancellationToken cancellation);

    /// <summary>One page by id, with the last firing of each and without its backfills.</summary>
    /// <param name="prefix">What ids begin with: <c>PIPELINE/</c>; empty: all.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<ScheduleView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation);
}

/// <summary>The schedules that stand in the file of a pipeline.</summary>
public static class SchedulesOfPipeline
{
    /// <summary>Makes the schedules of a pipeline what its file says: each is made or made anew, and those that the file has no more are
    /// forgotten. One that says nothing about its pause keeps it. Those that were made by hand are left alone.</summary>
    /// <returns>What was refused; empty when nothing was.</returns>
    public static async Task<ImmutableArray<Fault>> Apply(
        this ISchedules schedules, string pipeline, ImmutableArray<PipelineSchedule> wished, CancellationToken cancellation)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        foreach (var one in wished)
        {
            if (await schedules.Put($"{pipeline}/{one.Id}", Of(pipeline, one), one.IsPaused is null, cancellation) is ScheduleAnswer.Refused refused)
                faults.AddRange(refused.Faults);
        }
        foreach (var there in await There(schedules, pipeline, cancellation))
            if (wished.All(one => $"{pipeline}/{one.Id}" != there.Id)) await schedules.Delete(there.Id, cancellation);
        return faults.DrainToImmutable();
    }

    /// <summary>What <see cref="Apply"/> would change, in lines for people.</summary>
    public static async Task<ImmutableArray<string>> Differences(
        this ISchedules schedules, string pipeline, ImmutableArray<PipelineSchedule> wished, CancellationToken cancellation)
    {
        var there = (await There(schedules, pipeline, cancellation)).ToDictionary(schedule => schedule.Id, schedule => schedule.Spec);
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var one in wished)
            if (!there.Remove($"{pipeline}/{one.Id}", out var now)) lines.Add($"+ schedule {one.Id}");
            else if (Of(pipeline, one) with { IsPaused = one.IsPaused ?? now.IsPaused } != now) lines.Add($"~ schedule {one.Id}");
        lines.AddRange(there.Keys.Select(id => $"- schedule {id[(pipeline.Length + 1)..]}"));
        return lines.ToImmutable();
    }

    private static ScheduleSpec Of(string pipeline, PipelineSchedule one) =>
        one.Spec with { Pipeline = pipeline, IsPaused = one.IsPaused ?? false };

    private static async Task<List<ScheduleView>> There(ISchedules schedules, string pipeline, CancellationToken cancellation)
    {
        var there = new List<ScheduleView>();
        for (string? cursor = null; ;)
        {
            var page = await schedules.List($"{pipeline}/", cursor, 500, cancellation);
            there.AddRange(page.Items);
            if (page.Next is null) return there;
            cursor = page.Next;
        }
    }
}
