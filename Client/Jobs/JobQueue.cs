using System.Collections.Immutable;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Client;

/// <summary>Queues of jobs. A queue is the pipeline that its jobs are runs of, and a named limit of the same name, which says how many of
/// them run at once and can be set, paused and looked at like any other.</summary>
public static class JobQueue
{
    public const string Default = "default";

    /// <summary>Jobs of a queue that run at once, unless its limit says otherwise.</summary>
    public const int ConcurrencyDefault = 16;

    private const string Namespace = "jobs.";

    /// <summary>The name of its pipeline and of its limit.</summary>
    public static string PipelineOf(string queue) => Namespace + queue;

    /// <summary>The queue whose limit bears that name; null: it is no queue's.</summary>
    public static string? Of(string limit) => limit.StartsWith(Namespace, StringComparison.Ordinal) ? limit[Namespace.Length..] : null;

    /// <summary>Durable when it returns. The job is done by silos, or by the process that drives the home (<c>etl dev</c>).</summary>
    public static Task<Begun> Submit(this IEtl etl, JobRequest job, CancellationToken cancellation) =>
        etl.Submit(job, isDetached: true, cancellation);

    /// <param name="isDetached">False: in a home this process does it.</param>
    public static async Task<Begun> Submit(this IEtl etl, JobRequest job, bool isDetached, CancellationToken cancellation)
    {
        var name = PipelineOf(job.Queue);
        if (!LimitCheck.IsName(name)) return new Begun.Refused([NoQueue(job.Queue)]);
        var start = job.ToStart(isDetached);
        if (await etl.Limit(name, cancellation) is not { Spec: not null })
        {
            // A job that is refused makes no queue.
            if (await etl.Check(start.Spec, cancellation) is { IsEmpty: false } faults) return Refused(start, faults);
            if (await etl.TellLimit(name, new LimitOrder.Set(Usual, null, UnlessSet: true), cancellation) is { } fault) return new Begun.Refused([fault]);
        }
        return await etl.Start(start, cancellation) is var begun && begun is Begun.Refused refused ? Refused(start, refused.Faults) : begun;
    }

    private static Begun.Refused Refused(StartRequest start, ImmutableArray<Fault> faults) =>
        new([.. faults.Select(wrong => wrong with { Path = Own(wrong.Path, start.Spec.Steps.Length - 1) })]);

    /// <summary>Whoever submits a job has written no list of steps.</summary>
    private static string? Own(string? path, int step) =>
        path is not null && path.StartsWith($"steps[{step}].", StringComparison.Ordinal) ? path[$"steps[{step}].".Length..] : path;

    private static LimitSpec Usual => new(ConcurrencyDefault, null, LimitOf.Steps, [], "Jobs of a queue");

    private static Fault NoQueue(string queue) => new(
        FaultKind.Invalid, "ETL6850", $"'{Excerpt.Of(queue, 70)}' cannot name a queue of jobs.", null,
        "A name has 1 to 58 letters, digits, `_`, `-` and `.`.");
}
