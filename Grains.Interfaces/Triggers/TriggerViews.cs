using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>A trigger as people see it.</summary>
/// <param name="Waits">Why it starts nothing just now.</param>
/// <param name="LastLook">When it was looked the last time; null: not yet, or it is told and does not look.</param>
/// <param name="NextLook">Null: it does not look.</param>
/// <param name="Fault">Why the last look failed; null: it did not.</param>
/// <param name="Recent">What became of the last things that happened, newest first.</param>
[GenerateSerializer, Immutable, Alias(WireNames.TriggerView)]
public sealed record TriggerView(
    string Id, TriggerSpec Spec, string? Waits, DateTimeOffset? LastLook, DateTimeOffset? NextLook, Fault? Fault,
    ImmutableArray<TriggerStartView> Recent);

/// <summary>What became of something that happened.</summary>
/// <param name="At">When it was decided.</param>
/// <param name="What">For people: <c>file in/a.csv</c>, <c>run run_…</c>.</param>
/// <param name="Run">Null: none was to be started.</param>
/// <param name="Fault">Why it could not be started.</param>
[GenerateSerializer, Immutable, Alias(WireNames.TriggerStartView)]
public sealed record TriggerStartView(DateTimeOffset At, string What, TriggerOutcome Outcome, RunId? Run, Fault? Fault);

/// <summary>Where a start stands. That a run has started says nothing about how it ended.</summary>
[GenerateSerializer, Alias(WireNames.TriggerOutcome)]
public enum TriggerOutcome { Starting, Started, Refused }

/// <summary>Something that somebody outside tells a trigger.</summary>
/// <param name="Kind">Of the triggers that it is for.</param>
/// <param name="Key">The sender's: the same one twice is one run.</param>
/// <param name="What">For people.</param>
/// <param name="Values">What is told, <c>{{ run.trigger.NAME }}</c>.</param>
[GenerateSerializer, Immutable, Alias(WireNames.TriggerDelivery)]
public sealed record TriggerDelivery(string Kind, string Key, string What, SpecValue.Map Values);

/// <summary>What becomes of it.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.DeliveryAnswer)]
public abstract record DeliveryAnswer
{
    private DeliveryAnswer() { }

    /// <summary>The start of the run is stored, or the run was started for the same delivery before.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.DeliveryTaken)]
    public sealed record Taken(RunId Run) : DeliveryAnswer;

    /// <summary>Invalid, NotFound, Denied: it can never start a run. Conflict, Exhausted, Unavailable: perhaps later.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.DeliveryRefused)]
    public sealed record Refused(Fault Fault) : DeliveryAnswer;
}

/// <summary>What a trigger answers.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.TriggerAnswer)]
public abstract record TriggerAnswer
{
    private TriggerAnswer() { }

    [GenerateSerializer, Immutable, Alias(WireNames.TriggerAnswerDone)]
    public sealed record Done : TriggerAnswer;

    [GenerateSerializer, Immutable, Alias(WireNames.TriggerAnswerRefused)]
    public sealed record Refused(ImmutableArray<Fault> Faults) : TriggerAnswer;
}
