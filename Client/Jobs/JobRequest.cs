using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>
/// One step of work on its own, without a pipeline: durable, in a queue, tried again. A job is a run of one step, or of two when it waits
/// first, of the pipeline <c>jobs.QUEUE</c>; whatever can be asked of runs can be asked of it, and one that has failed for good stays in
/// its queue, as failed, until it is run again or forgotten.
/// </summary>
/// <param name="Kind">Of a step that reads no datasets: <c>process</c>, or one of the host's own.</param>
/// <param name="With">The fields of that kind.</param>
/// <param name="Queue">Letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; at most 58 characters. The first job makes it.</param>
/// <param name="Priority">From -100 to 100: who goes first in the queue. Ten minutes of waiting make up for all of it.</param>
/// <param name="Delay">It begins no sooner than so long after it was submitted; null: at once.</param>
/// <param name="NotBefore">It begins no sooner; instead of <paramref name="Delay"/>.</param>
/// <param name="Retry">Null: <see cref="RetrySpec.Default"/>.</param>
/// <param name="Timeout">For one attempt; null: none.</param>
/// <param name="IdempotencyKey">Of all that are submitted to a queue with the same key only the first becomes a job, as for
/// <see cref="StartRequest"/>.</param>
/// <param name="Folder">As for <see cref="StartRequest"/>.</param>
public sealed record JobRequest(
    string Kind, SpecValue.Map With, string Queue = JobQueue.Default, int Priority = 0, TimeSpan? Delay = null, DateTimeOffset? NotBefore = null,
    RetrySpec? Retry = null, TimeSpan? Timeout = null, string? IdempotencyKey = null, string Folder = "")
{
    /// <param name="with">An object with the fields of the kind as its properties, or a dictionary.</param>
    public static JobRequest Of(string kind, object? with = null) => new(kind, SpecValues.Fields(with));

    private static readonly StepId Job = new("job");
    private static readonly StepId Wait = new("wait");

    /// <summary>The run that it is.</summary>
    /// <param name="isDetached">As for <see cref="StartRequest"/>.</param>
    public StartRequest ToStart(bool isDetached = true)
    {
        var waits = Waiting();
        var job = new StepSpec(
            Job, Kind, waits is null ? [] : [Wait], With, Retry, Timeout, Limits: [new LimitUse(JobQueue.PipelineOf(Queue))]);
        var spec = new PipelineSpec(JobQueue.PipelineOf(Queue), null, [], waits is null ? [job] : [waits, job]);
        return new StartRequest(spec, [], Folder, null, IdempotencyKey, Priority) { IsDetached = isDetached };
    }

    private StepSpec? Waiting()
    {
        var fields = ImmutableArray.CreateBuilder<Field>();
        if (Delay is { } delay) fields.Add(new Field(AwaitFields.For, new SpecValue.Text(Durations.ToText(delay))));
        if (NotBefore is { } moment) fields.Add(new Field(AwaitFields.Until, SpecValues.From(moment)));
        return fields.Count == 0 ? null : new StepSpec(Wait, "flow.wait", [], new SpecValue.Map(fields.ToImmutable()));
    }
}
