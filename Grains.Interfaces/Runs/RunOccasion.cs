using Orleans;

namespace OrleansEtl;

/// <summary>What a run is for: the time that it answers for, <c>{{ run.interval.start }}</c> to <c>{{ run.interval.end }}</c>, and who
/// started it for that.</summary>
/// <param name="IntervalStart">The run answers for what is after this,</param>
/// <param name="IntervalEnd">and up to this; of a firing of a schedule its own instant, <c>{{ run.scheduled_at }}</c>.</param>
/// <param name="Partition">Of a backfill: which of its partitions, <c>{{ run.partition }}</c>.</param>
/// <param name="Schedule">The id of the schedule that started it; null: somebody did by hand.</param>
/// <param name="Backfill">The id of the schedule's backfill that it is part of.</param>
/// <param name="Trigger">What happened that started it; then it answers for no time, and both ends are the moment of that.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunOccasion)]
public sealed record RunOccasion(
    DateTimeOffset IntervalStart, DateTimeOffset IntervalEnd, string? Partition = null, string? Schedule = null, string? Backfill = null,
    RunTrigger? Trigger = null);

/// <summary>What happened that a run was started by.</summary>
/// <param name="Id">Of the trigger.</param>
/// <param name="Kind">The word of its kind: <c>file</c>, <c>pipeline</c> …</param>
/// <param name="Values">What is told of it, <c>{{ run.trigger.NAME }}</c>.</param>
/// <param name="Depth">How many runs before it started one another.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RunTrigger)]
public sealed record RunTrigger(string Id, string Kind, SpecValue.Map Values, int Depth = 1);
