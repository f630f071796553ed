using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>One pipeline run; the key is its run id. It owns the run's journal.</summary>
[Alias("etl.IPipelineGrain"), DefaultGrainType("pipeline")]
public interface IPipelineGrain : IGrainWithStringKey
{
    /// <summary>Decides the command, makes the outcome durable, then answers. Refusals are answers, not exceptions.</summary>
    /// <exception cref="FaultException">Unavailable: the store could not be reached; nothing is known of the outcome, ask
    /// again.</exception>
    [Alias("Tell"), AlwaysInterleave]
    Task<Answer> Tell(RunCommand command);

    /// <summary>The run as it is; null when there is none.</summary>
    [Alias("View"), AlwaysInterleave]
    Task<RunView?> View();

    /// <summary>Answers as soon as the run has more than <paramref name="version"/> events, or its progress changed, or after
    /// <paramref name="patience"/>, whichever is first.</summary>
    [Alias("Watch"), AlwaysInterleave]
    Task<RunView?> Watch(long version, TimeSpan patience, CancellationToken cancellation);

    /// <summary>Answers when the run has ended, or after <paramref name="patience"/>; null when there is none.</summary>
    [Alias("Ended"), AlwaysInterleave]
    Task<RunView?> Ended(TimeSpan patience, CancellationToken cancellation);

    /// <summary>Takes the run up again after its process died: reads the journal and pays what is owed.</summary>
    [Alias("Wake"), AlwaysInterleave]
    Task Wake();

    /// <summary>A running attempt is alive. The answer says whether it is still the current one.</summary>
    [Alias("Heartbeat"), AlwaysInterleave]
    Task<HeartbeatAnswer> Heartbeat(Heartbeat heartbeat);

    /// <summary>Whether the run goes on, and, if a stage is named, whether that attempt of it is still the current one.</summary>
    [Alias("IsAtWork"), AlwaysInterleave]
    Task<bool> IsAtWork(int? stage, Attempt attempt);
}

/// <param name="Slot">Where it stands in the line for slots; null when it waits for none.</param>
/// <param name="Limit">Where it stands in the line for a named limit; null when it waits for none.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Heartbeat)]
public sealed record Heartbeat(
    int Stage, Attempt Attempt, ImmutableArray<StepProgress> Progress, SlotWait? Slot = null, LimitWait? Limit = null);

[GenerateSerializer, Alias(WireNames.HeartbeatAnswer)]
public enum HeartbeatAnswer { Continue, Stop }

/// <summary>Runs the attempts of one stage; the key is <c>run id/stage</c>.</summary>
[Alias("etl.IStepGrain"), DefaultGrainType("step")]
public interface IStepGrain : IGrainWithStringKey
{
    /// <summary>Begins the attempt and answers at once. The same or an older attempt changes nothing; a newer one stops the
    /// older.</summary>
    [Alias("Dispatch")]
    Task Dispatch(StageWork work);

    /// <summary>Whether that attempt runs here, or has ended here and is being reported.</summary>
    [Alias("Holds")]
    Task<bool> Holds(Attempt attempt);

    /// <summary>Stops the attempt; it then reports that it was stopped. False: it does not run here.</summary>
    [Alias("Stop")]
    Task<bool> Stop(Attempt attempt);
}
