using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What may be asked of a run.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.RunCommand)]
public abstract record RunCommand
{
    private RunCommand() { }

    /// <summary>Starts the run. Asking again with the same content changes nothing and answers Done.</summary>
    /// <param name="Folder">The folder of the pipeline's file; relative paths start there.</param>
    /// <param name="Timeout">For the whole run; null: none.</param>
    /// <param name="Rerun">The earlier run whose finished steps are used again.</param>
    /// <param name="Refresh">Which steps are run although a result of the same work could be used again; null: none.</param>
    /// <param name="RunKey">What the run is about; null: nothing was said.</param>
    /// <param name="Follows">The start holds only if no other run was started since by one who minds other runs; null: it minds
    /// none.</param>
    /// <param name="Priority">From -100 to 100: whose steps get slots first where steps wait for them.</param>
    /// <param name="RegisteredVersion">The number that the definition has in the registry, for people; null: it comes from elsewhere.</param>
    /// <param name="Occasion">The time that the run is for; null: none.</param>
    /// <param name="Parent">The step that starts it; null: no step does.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StartRun)]
    public sealed record Start(
        PipelineSpec Spec, ImmutableArray<Field> Params, string Folder, TimeSpan? Timeout, RerunOf? Rerun,
        int Priority = 0, int? RegisteredVersion = null, RunOccasion? Occasion = null,
        Refresh? Refresh = null, string? RunKey = null, Follows? Follows = null, ParentRun? Parent = null) : RunCommand
    {
        public const int PriorityMax = 100;
    }

    /// <summary>An attempt of a stage has ended. Heard only while that attempt is the current one.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.ReportStage)]
    public sealed record Report(int Stage, Attempt Attempt, StageOutcome Outcome) : RunCommand;

    /// <summary>Nobody runs that attempt any more: its process is gone. Heard only while that attempt is the current one.</summary>
    /// <param name="Died">Whether the process died, as far as anybody knows; false: it has left in good order.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.LoseStage)]
    public sealed record Lose(int Stage, Attempt Attempt, bool Died = false) : RunCommand;

    /// <summary>An attempt that is suspected of killing its process has that process to itself and is about to begin. Heard only while that
    /// attempt is the current one.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.BeginStage)]
    public sealed record Begin(int Stage, Attempt Attempt) : RunCommand;

    /// <summary>The process that drove the run is dead, and another one goes on with it. Of a run that does nothing it says nothing; told
    /// again of the same process it changes nothing.</summary>
    /// <param name="From">The dead process, as the store knows it.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.RescueRun)]
    public sealed record Rescue(string From) : RunCommand;

    /// <summary>An attempt that runs items keeps the first so many and will not begin the rest. Heard only while that attempt is
    /// current.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.HandBackItems)]
    public sealed record HandBack(int Stage, Attempt Attempt, int Keeps) : RunCommand;

    /// <summary>Time has passed: starts the retries that are due, ends the run when its own time is up.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.Elapse)]
    public sealed record Elapse : RunCommand;

    /// <summary>Stops what runs, starts nothing more. Asking a run that has ended is refused.</summary>
    /// <param name="By">Who asks, as they call themselves; null: not said.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.CancelRun)]
    public sealed record Cancel(string Reason, string? By = null) : RunCommand;

    /// <summary>Starts nothing more until it is resumed. What runs goes on to its end, and so does the run's own time. A run that has ended
    /// or is being cancelled refuses; one that is paused stays as it is.</summary>
    /// <param name="By">Who asks, as they call themselves; null: not said.</param>
    /// <param name="WithPipeline">Its pipeline is paused, or all are.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.PauseRun)]
    public sealed record Pause(string Reason, string? By = null, bool WithPipeline = false) : RunCommand;

    /// <summary>Starts all that became ready while the run was paused. A run that is not paused stays as it is; one that is paused with its
    /// pipeline refuses, unless that goes on.</summary>
    /// <param name="WithPipeline">Its pipeline goes on: only a run that was paused with it does too.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ResumeRun)]
    public sealed record Resume(string? By = null, bool WithPipeline = false) : RunCommand;

    /// <summary>Goes on with a run that is quarantined, and forgets the processes that were lost. One that is not stays as it is.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.RedriveRun)]
    public sealed record Redrive(string? By = null) : RunCommand;

    /// <summary>Ends a step that has not ended as skipped; an attempt that runs is stopped and not heard any more.</summary>
    /// <param name="WholeStage">Also the steps that run as one query with it; without this, a step that has such ones is
    /// refused.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.SkipStep)]
    public sealed record Skip(StepId Step, string Reason, string? By = null, bool WholeStage = false) : RunCommand;

    /// <summary>Ends a step that has not ended as if it had succeeded, without datasets; refused while a later step reads one of
    /// them.</summary>
    /// <param name="Values">What the step gives to later ones.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.SucceedStep)]
    public sealed record Succeed(
        StepId Step, string Reason, ImmutableArray<Field> Values, string? By = null, bool WholeStage = false) : RunCommand;

    /// <summary>Something has happened that a step waits for, or will wait for: it is kept until one does, and one step takes
    /// it.</summary>
    /// <param name="Data">Becomes the step's values.</param>
    /// <param name="Key">Signals of one name and one key count once, and bring the same each time. Null: every one counts.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.SignalRun)]
    public sealed record Signal(string Name, ImmutableArray<Field> Data, string? Key = null) : RunCommand;

    /// <summary>Answers a step that asks for approval. The same answer again changes nothing; another one is refused.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.ReviewStep)]
    public sealed record Review(StepId Step, bool Approved, string? By = null, string? Comment = null) : RunCommand;

    /// <summary>The run that a step waits for has ended, or can never begin. Of a run that it does not wait for nothing is heard.</summary>
    /// <param name="Fault">Null when it succeeded.</param>
    /// <param name="Values">What it gives to later steps.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.ChildEnded)]
    public sealed record ChildEnded(StepId Step, RunId Child, Fault? Fault, ImmutableArray<Field> Values) : RunCommand;
}

/// <summary>Which results of an earlier run a new one starts with.</summary>
/// <param name="From">The earlier run; it has ended and is of the same pipeline.</param>
/// <param name="Results">Steps that are not run again, with what they gave.</param>
/// <param name="Items">Steps of which only some items run again; null: none.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Rerun)]
public sealed record RerunOf(RunId From, ImmutableArray<StepResult> Results, ImmutableArray<ItemsAgain>? Items = null);

/// <summary>Steps whose work is done in this run, whatever earlier runs have done.</summary>
/// <param name="Everything">All steps.</param>
/// <param name="Steps">These, and the steps that run as one query with them.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Refresh)]
public sealed record Refresh(bool Everything, ImmutableArray<StepId> Steps)
{
    public bool Equals(Refresh? other) =>
        other is not null && Everything == other.Everything && Steps.AsSpan().SequenceEqual(other.Steps.AsSpan());

    public override int GetHashCode() => Steps.Aggregate(Everything ? 17 : 19, HashCode.Combine);
}

/// <summary>Where a start comes in the row of those that mind other runs.</summary>
/// <param name="Last">The run of the same pipeline and run key that was started last; null: none was.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Follows)]
public sealed record Follows(RunId? Last);

/// <summary>What a run answers to a command.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.Answer)]
public abstract record Answer
{
    private Answer() { }

    /// <param name="Version">The number of events in the run's journal after this command.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.AnswerDone)]
    public sealed record Done(RunStatus Status, long Version) : Answer;

    [GenerateSerializer, Immutable, Alias(WireNames.AnswerRefused)]
    public sealed record Refused(ImmutableArray<Fault> Faults) : Answer;
}
