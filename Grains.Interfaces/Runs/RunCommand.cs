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
    /// <param name="Priority">From -100 to 100: whose steps get slots first where steps wait for them.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StartRun)]
    public sealed record Start(
        PipelineSpec Spec, ImmutableArray<Field> Params, string Folder, TimeSpan? Timeout, RerunOf? Rerun,
        int Priority = 0) : RunCommand
    {
        public const int PriorityMax = 100;
    }

    /// <summary>An attempt of a stage has ended. Heard only while that attempt is the current one.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.ReportStage)]
    public sealed record Report(int Stage, Attempt Attempt, StageOutcome Outcome) : RunCommand;

    /// <summary>Nobody runs that attempt any more: its process is gone. Heard only while that attempt is the current one.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.LoseStage)]
    public sealed record Lose(int Stage, Attempt Attempt) : RunCommand;

    /// <summary>Time has passed: starts the retries that are due, ends the run when its own time is up.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.Elapse)]
    public sealed record Elapse : RunCommand;

    /// <summary>Stops what runs, starts nothing more. Asking a run that has ended is refused.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.CancelRun)]
    public sealed record Cancel(string Reason) : RunCommand;
}

/// <summary>Which results of an earlier run a new one starts with.</summary>
/// <param name="From">The earlier run; it has ended and is of the same pipeline.</param>
/// <param name="Results">Steps that are not run again, with what they gave.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Rerun)]
public sealed record RerunOf(RunId From, ImmutableArray<StepResult> Results);

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
