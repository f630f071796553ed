using System.Security.Cryptography;
using System.Text;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Schedules;

public readonly record struct ScheduleId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Of the caller's choice, and never that of another backfill: the keys of its runs are made of it.</summary>
public readonly record struct BackfillId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>The idempotency key of a run that a schedule starts, made of what it is started for: starting twice is one run.</summary>
public readonly record struct StartKey(string Value) : IComparable<StartKey>
{
    public static StartKey Scheduled(ScheduleId schedule, DateTimeOffset at) => new($"schedule/{schedule}/{Instants.Text(at)}");
    public static StartKey Triggered(ScheduleId schedule, string token) => new($"schedule/{schedule}/now/{token}");

    public static StartKey OfBackfill(ScheduleId schedule, BackfillId backfill, DateTimeOffset at, string? partition) =>
        new($"schedule/{schedule}/backfill/{backfill}/{Instants.Text(at)}{(partition is null ? "" : "/" + partition)}");

    /// <summary>The id of the run that is started for this, once it is decided to start it at that time: the same for ever after.</summary>
    internal RunId Run(DateTimeOffset decidedAt) => RunId.New(decidedAt, SHA256.HashData(Encoding.UTF8.GetBytes(Value)).AsSpan(0, 10));

    public int CompareTo(StartKey other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>Why a run is started, and for which time.</summary>
/// <param name="From">The run answers for the time from here,</param>
/// <param name="To">to here; a firing's own instant.</param>
public sealed record Occasion(StartKey Key, Origin Origin, DateTimeOffset From, DateTimeOffset To, string? Partition = null);

public enum Origin { Schedule, Trigger, Backfill }
