using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Runs;

/// <summary>
/// A run as a value. Three pure functions are the engine: <see cref="Decide"/> says what a command makes happen, <see cref="Apply"/>
/// lets one event happen, <see cref="Owed(Run)"/> says what the run still owes the world.
///
/// Promised here: a terminal state never changes; at most one attempt of a stage is current and reports of others change nothing;
/// a stage begins as soon as all that it needs has ended; every run whose stages have all ended has ended itself.
/// Not promised here: durability (the shell appends before anybody sees) and that a debt is paid once (each carries its fence).
/// </summary>
public sealed partial record Run
{
    private Run() { }

    /// <summary>What a run is before its first event.</summary>
    public static readonly Run None = new();

    /// <summary>The number of events applied.</summary>
    public long Version { get; private init; }
    public RunId Id { get; private init; }
    public RunStatus Status { get; private init; }
    public Plan? Plan { get; private init; }
    public StageTable Stages { get; private init; } = StageTable.Empty;
    public ImmutableArray<Field> Params { get; private init; } = [];
    public string Folder { get; private init; } = "";
    public DateTimeOffset StartedAt { get; private init; }
    public DateTimeOffset? EndedAt { get; private init; }
    public DateTimeOffset? Deadline { get; private init; }
    public RunId? RerunOf { get; private init; }
    public int Priority { get; private init; }
    public int? RegisteredVersion { get; private init; }
    /// <summary>The time that it is for; null: none.</summary>
    public RunOccasion? Occasion { get; private init; }
    /// <summary>Steps whose work is done here although others may have done it; null: none.</summary>
    public Refresh? Refresh { get; private init; }
    /// <summary>What it is about; null: nothing was said.</summary>
    public string? RunKey { get; private init; }
    /// <summary>The step that started it; null: no step did.</summary>
    public ParentRun? Parent { get; private init; }
    public Fault? Fault { get; private init; }
    public bool TimedOut { get; private init; }

    /// <summary>Stages that have not ended; the run ends when it reaches zero. Kept, so that no transition walks all stages.</summary>
    public int StagesOpen { get; private init; }
    /// <summary>Steps of those stages.</summary>
    public int StepsOpen { get; private init; }
    /// <summary>The fault of the first stage that failed.</summary>
    public Fault? FirstFault { get; private init; }
    /// <summary>Retries that wait for their time, earliest first.</summary>
    public ImmutableSortedSet<(DateTimeOffset At, int Stage)> Retries { get; private init; } = [];

    /// <summary>Since when it is paused, and why; null: it is not.</summary>
    public RunPause? Pause { get; private init; }
    /// <summary>Who cancelled it, when and why; null: nobody did, or it is no longer known.</summary>
    public Intervention? Cancelled { get; private init; }
    /// <summary>Stages that succeeded and that a failure undoes, in the order in which they did.</summary>
    public ImmutableArray<int> Undoable { get; private init; } = [];
    /// <summary>Whether they are being undone.</summary>
    public bool IsUndoing { get; private init; }

    /// <summary>The dead processes from which it was rescued since it last made progress, oldest first.</summary>
    public ImmutableArray<string> Rescued { get; private init; } = [];
    /// <summary>Why nobody takes it up; null: it is not quarantined.</summary>
    public RunQuarantine? Quarantine { get; private init; }

    /// <summary>Whether it starts what is to be done, or to be undone.</summary>
    internal bool IsGoingOn => Status is RunStatus.Running or RunStatus.Compensating;

    /// <summary>Whether what becomes ready waits for people.</summary>
    internal bool IsHeld => Status is RunStatus.Paused or RunStatus.Quarantined;

    /// <summary>Stages that became ready while the run was held.</summary>
    public ImmutableSortedSet<int> Ready { get; private init; } = [];
    /// <summary>Stages that wait no longer than until a time, earliest first.</summary>
    public ImmutableSortedSet<(DateTimeOffset At, int Stage)> Limits { get; private init; } = [];
    /// <summary>Stages whose items are under way.</summary>
    public ImmutableSortedSet<int> Mapped { get; private init; } = [];
    /// <summary>When time lets items of a stage begin, earliest first.</summary>
    public ImmutableSortedSet<(DateTimeOffset At, int Stage)> ItemWakes { get; private init; } = [];
    /// <summary>Steps of which only those items run that an earlier run has left.</summary>
    public ImmutableArray<ItemsAgain> ItemsAgain { get; private init; } = [];
    /// <summary>Stages that wait for a signal, and the signals that came.</summary>
    internal Signals Signals { get; private init; } = Signals.None;

    public bool Exists => Plan is not null;

    /// <summary>When time alone will change something; null: never.</summary>
    public DateTimeOffset? NextWake
    {
        get
        {
            if (!Exists || Status.IsAtRest()) return null;
            var wake = Status == RunStatus.Cancelling || IsUndoing ? null : Deadline;
            if (IsGoingOn && !Retries.IsEmpty) wake = Earlier(wake, Retries.Min.At);
            if (Status == RunStatus.Running && !ItemWakes.IsEmpty) wake = Earlier(wake, ItemWakes.Min.At);
            return Limits.IsEmpty ? wake : Earlier(wake, Limits.Min.At);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one.Value : other;

    internal PlannedStage Planned(int stage) => Plan!.Stages[stage];
}

/// <summary>Where a stage stands.</summary>
/// <param name="Attempt">The current or last attempt.</param>
/// <param name="NeedsOpen">Needed stages that have not ended.</param>
/// <param name="NeedsUnmet">Whether a needed stage ended otherwise than succeeded.</param>
/// <param name="FailedUpstream">Whether anything before it failed.</param>
/// <param name="Retried">Attempts that failed and were scheduled again; those that were lost do not count.</param>
/// <param name="Lost">Attempts whose process died or left.</param>
public sealed record StageState(
    StepStatus Status,
    Attempt Attempt,
    int NeedsOpen,
    bool NeedsUnmet,
    bool FailedUpstream,
    int Retried,
    int Lost,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? RetryAt,
    StepId? FaultStep,
    Fault? Fault,
    string? SkipReason,
    ImmutableArray<StepResult> Results)
{
    internal static StageState Waiting(int needs) => new(
        StepStatus.Waiting, Attempt.None, needs, false, false, 0, 0, null, null, null, null, null, null, []);

    /// <summary>Whether an attempt ran out of memory, disk or time: the next ones have the process to themselves.</summary>
    public bool RanOut { get; init; }

    /// <summary>Of <see cref="Lost"/> those whose process died, since the run was last redriven.</summary>
    public int Died { get; init; }

    /// <summary>The last attempt that has said that it begins; 0: none had to.</summary>
    public int Begun { get; init; }

    /// <summary>Of <see cref="Retried"/> those that rules of its policy have counted, by the rule; null: none.</summary>
    public ImmutableSortedDictionary<string, int>? RetriedUnder { get; init; }

    /// <summary>What it waits for; null when it does not.</summary>
    public Awaited? Awaits { get; init; }

    /// <summary>Who ended it; null when nobody did.</summary>
    public Intervention? ByHand { get; init; }

    /// <summary>How far its items are; null when it has none, or they are not listed yet.</summary>
    public ItemProgress? Items { get; init; }
    /// <summary>The run that did its work; null: this one, or nobody has.</summary>
    public RunId? ReusedFrom { get; init; }

    public bool HasSucceeded => Status is StepStatus.Succeeded or StepStatus.Reused;
}
