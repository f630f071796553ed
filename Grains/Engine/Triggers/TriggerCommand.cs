using System.Collections.Immutable;

namespace OrleansEtl.Engine.Triggers;

/// <summary>What a trigger is asked, and what has been seen for it.</summary>
public abstract record TriggerCommand
{
    private TriggerCommand() { }

    /// <summary>Makes it, or makes it anew.</summary>
    public sealed record Put(TriggerId Id, TriggerSpec Spec, bool KeepsPause) : TriggerCommand;
    public sealed record Pause : TriggerCommand;
    public sealed record Resume : TriggerCommand;

    /// <summary>All files that match.</summary>
    public sealed record FilesSeen(FileSight Sight) : TriggerCommand;

    /// <summary>What is in files that have settled; those that changed meanwhile are not there.</summary>
    public sealed record FilesIdentified(ImmutableArray<IdentifiedFile> Files) : TriggerCommand;

    /// <summary>The runs of another pipeline.</summary>
    /// <param name="Ended">Those that have ended and were not known to; with the first look at a dataset the last that gave it before.</param>
    /// <param name="Unfinished">Those that have not.</param>
    /// <param name="At">When it was begun to look.</param>
    public sealed record RunsSeen(ImmutableArray<EndedRun> Ended, ImmutableArray<RunId> Unfinished, DateTimeOffset At) : TriggerCommand;

    public sealed record LookFailed(Fault Fault) : TriggerCommand;

    /// <summary>How another pipeline does.</summary>
    /// <param name="Last">When it succeeded the last time; null: never.</param>
    /// <param name="IsUnderWay">Whether a run of it, or of the one that would be started, has not ended.</param>
    public sealed record SuccessSeen(DateTimeOffset? Last, bool IsUnderWay) : TriggerCommand;

    /// <summary>Somebody outside has told something.</summary>
    /// <param name="Run">What is started for it, or was.</param>
    public sealed record Delivered(TriggerDelivery Delivery, RunId Run) : TriggerCommand;

    /// <summary>Somebody outside has told something that no run can be started for.</summary>
    public sealed record Rejected(TriggerDelivery Delivery, Fault Fault) : TriggerCommand;

    /// <param name="Fault">What keeps others from telling it anything; null: nothing any more.</param>
    public sealed record Hindered(Fault? Fault) : TriggerCommand;

    /// <summary>What has become of starts.</summary>
    public sealed record Paid(ImmutableArray<PaidStart> Starts) : TriggerCommand;
}

/// <param name="Fault">Why the run can never be started; null: it has been.</param>
public sealed record PaidStart(RunId Run, Fault? Fault = null);

/// <param name="Depth">How many runs before it started one another; 0: it was not started by a trigger.</param>
/// <param name="Gave">Of the dataset that is waited for; null: it did not succeed, or none is waited for.</param>
public sealed record EndedRun(RunId Run, RunStatus Status, DateTimeOffset EndedAt, int Depth, GivenDataset? Gave = null);

public abstract record TriggerDecision
{
    private TriggerDecision() { }

    /// <param name="Trigger">As it is now; what it was before when nothing changes.</param>
    public sealed record Accepted(Trigger Trigger) : TriggerDecision;
    public sealed record Refused(ImmutableArray<Fault> Faults) : TriggerDecision;

    public static TriggerDecision Refuse(FaultKind kind, string code, string message, string? hint = null) =>
        new Refused([new Fault(kind, code, message, null, hint)]);
}
