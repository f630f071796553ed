using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules;

/// <summary>What may be asked of a schedule.</summary>
public abstract record ScheduleCommand
{
    private ScheduleCommand() { }

    /// <summary>Time has passed. Asking too early or twice changes nothing.</summary>
    public sealed record Tick : ScheduleCommand;

    /// <summary>A run that the schedule started has ended. About a run that it does not know, or that had ended, it changes nothing.</summary>
    /// <param name="Definition">The version of the pipeline that it ran; null: it never started.</param>
    /// <param name="Fault">Why it failed, or could not be started.</param>
    public sealed record RunEnded(StartKey Key, RunStatus Status, string? Definition = null, Fault? Fault = null) : ScheduleCommand;

    public sealed record Pause : ScheduleCommand;
    public sealed record Resume : ScheduleCommand;

    /// <summary>A run now, also of a paused schedule.</summary>
    /// <param name="Token">Of the caller's choice: the same one twice is one run.</param>
    public sealed record TriggerNow(string Token) : ScheduleCommand;

    /// <summary>Runs for what was due after <paramref name="After"/> and up to <paramref name="Through"/>, whatever ran for it before, and
    /// also before the schedule's start and while it is paused. The schedule's overlap policy does not concern them.</summary>
    /// <param name="Partitions">A run for each of them; none: one run in all.</param>
    /// <param name="Concurrency">Runs at once.</param>
    /// <param name="Definition">The version of the pipeline that is active; needed for <see cref="BackfillOnly.Stale"/>.</param>
    public sealed record Backfill(
        BackfillId Id, DateTimeOffset After, DateTimeOffset Through, ImmutableArray<string> Partitions, int Concurrency,
        BackfillOnly Only = BackfillOnly.All, string? Definition = null) : ScheduleCommand;

    /// <summary>Starts no more runs of it, and has those that run cancelled.</summary>
    public sealed record CancelBackfill(BackfillId Id) : ScheduleCommand;

    /// <summary>What was due until now is decided by the old spec, what is due from now on by the new one.</summary>
    public sealed record Change(ScheduleSpec Spec) : ScheduleCommand;
}

/// <summary>What the schedule answers to a command.</summary>
public abstract record ScheduleDecision
{
    private ScheduleDecision() { }

    /// <summary>These events happen, in this order; none when the command has nothing left to change.</summary>
    public sealed record Accepted(ImmutableArray<ScheduleEvent> Events) : ScheduleDecision;

    public sealed record Refused(ImmutableArray<Fault> Faults) : ScheduleDecision;

    public static readonly Accepted Nothing = new([]);

    public static Refused Refuse(FaultKind kind, string code, string message, string? hint = null) =>
        new([new Fault(kind, code, message, null, hint)]);
}
