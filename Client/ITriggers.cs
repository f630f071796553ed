using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>Triggers, by their ids: <c>PIPELINE/ID</c> of those that stand in the file of a pipeline, or a name. Refusals are answers; what is so
/// already stays as it is. On a cluster they work by themselves, in a home as long as somebody drives it (<c>etl dev</c>).</summary>
/// <remarks>Exceptions are as for <see cref="IEtl"/>.</remarks>
public interface ITriggers
{
    /// <summary>Makes the trigger, or makes it anew. What it knows it keeps, as long as it looks at the same thing.</summary>
    /// <param name="keepsPause">One that exists stays paused or not, whatever the spec says.</param>
    Task<TriggerAnswer> Put(string id, TriggerSpec spec, bool keepsPause, CancellationToken cancellation);

    /// <summary>Forgets the trigger and what it knows. Its runs go on.</summary>
    Task<TriggerAnswer> Delete(string id, CancellationToken cancellation);

    /// <summary>Starts nothing more. Files that come while it is paused start runs later, runs that end do not.</summary>
    Task<TriggerAnswer> Pause(string id, CancellationToken cancellation);

    Task<TriggerAnswer> Resume(string id, CancellationToken cancellation);

    /// <summary>Null when there is none.</summary>
    Task<TriggerView?> View(string id, CancellationToken cancellation);

    /// <summary>One page by id, with the last start of each.</summary>
    /// <param name="prefix">What ids begin with; empty: all.</param>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<TriggerView>> List(string prefix, string? cursor, int limit, CancellationToken cancellation);
}

/// <summary>The triggers that stand in the file of a pipeline.</summary>
public static class TriggersOfPipeline
{
    /// <summary>Makes the triggers of a pipeline what its file says: each is made or made anew, and those that the file has no more are
    /// forgotten. One that says nothing about its pause keeps it. Those that were made by hand are left alone.</summary>
    /// <returns>What was refused; empty when nothing was.</returns>
    public static async Task<ImmutableArray<Fault>> Apply(
        this ITriggers triggers, string pipeline, ImmutableArray<PipelineTrigger> wished, CancellationToken cancellation)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        foreach (var there in await There(triggers, pipeline, cancellation))
            if (wished.All(one => $"{pipeline}/{one.Id}" != there.Id)) await triggers.Delete(there.Id, cancellation);
        foreach (var one in wished)
        {
            if (await triggers.Put($"{pipeline}/{one.Id}", Of(pipeline, one), one.IsPaused is null, cancellation) is TriggerAnswer.Refused refused)
                faults.AddRange(refused.Faults);
        }
        return faults.DrainToImmutable();
    }

    /// <summary>What <see cref="Apply"/> would change, in lines for people.</summary>
    public static async Task<ImmutableArray<string>> Differences(
        this ITriggers triggers, string pipeline, ImmutableArray<PipelineTrigger> wished, CancellationToken cancellation)
    {
        var there = (await There(triggers, pipeline, cancellation)).ToDictionary(trigger => trigger.Id, trigger => trigger.Spec);
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var one in wished)
            if (!there.Remove($"{pipeline}/{one.Id}", out var now)) lines.Add($"+ trigger {one.Id}");
            else if (Of(pipeline, one) with { IsPaused = one.IsPaused ?? now.IsPaused } != now) lines.Add($"~ trigger {one.Id}");
        lines.AddRange(there.Keys.Select(id => $"- trigger {id[(pipeline.Length + 1)..]}"));
        return lines.ToImmutable();
    }

    private static TriggerSpec Of(string pipeline, PipelineTrigger one) =>
        one.Spec with { Pipeline = pipeline, IsPaused = one.IsPaused ?? false };

    private static async Task<List<TriggerView>> There(ITriggers triggers, string pipeline, CancellationToken cancellation)
    {
        var there = new List<TriggerView>();
        for (string? cursor = null; ;)
        {
            var page = await triggers.List($"{pipeline}/", cursor, 500, cancellation);
            there.AddRange(page.Items);
            if (page.Next is null) return there;
            cursor = page.Next;
        }
    }
}
