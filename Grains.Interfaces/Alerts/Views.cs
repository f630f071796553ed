using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>An alert as people see it.</summary>
/// <param name="Id"><c>PIPELINE/NUMBER</c>.</param>
/// <param name="Key">The idempotency key of its messages: the same however often they are sent.</param>
/// <param name="IsResolved">Whether it says that something is over.</param>
/// <param name="Text">One sentence.</param>
/// <param name="Run">The last run that it is about; null: none.</param>
/// <param name="Step">The first step that failed.</param>
/// <param name="Count">How often it happened since <paramref name="Since"/>, as the message says.</param>
/// <param name="More">How often it has happened since then, without a message.</param>
/// <param name="Silenced">What keeps it from being sent; null: nothing did.</param>
[GenerateSerializer, Immutable, Alias(WireNames.AlertView)]
public sealed record AlertView(
    string Id, string Key, string Pipeline, AlertOn On, bool IsResolved, DateTimeOffset At, DateTimeOffset Since, int Count, int More,
    string Text, RunId? Run, StepId? Step, Fault? Fault, string? Waits, AlertSilence? Silenced, ImmutableArray<DeliveryView> Deliveries);

/// <summary>How far an alert came on one channel.</summary>
/// <param name="Tries">Since it was raised or resent.</param>
/// <param name="NextAt">When it is tried the next time.</param>
/// <param name="Fault">Of the last try.</param>
[GenerateSerializer, Immutable, Alias(WireNames.DeliveryView)]
public sealed record DeliveryView(
    string Channel, DeliveryStatus Status, int Tries, DateTimeOffset? NextAt, DateTimeOffset? SentAt, Fault? Fault);

[GenerateSerializer, Alias(WireNames.DeliveryStatus)]
public enum DeliveryStatus
{
    Waiting,
    /// <summary>Somebody tries at this moment.</summary>
    Sending,
    Sent,
    /// <summary>It was tried as often as it may be: <c>etl alerts resend</c> begins anew.</summary>
    Dead,
}

/// <summary>For so long nothing is told of a pipeline, or of any. What happens meanwhile is recorded, and told at the end if it is still so.</summary>
/// <param name="Pipeline">Null: all.</param>
/// <param name="By">As they call themselves; null: not said.</param>
[GenerateSerializer, Immutable, Alias(WireNames.AlertSilence)]
public sealed record AlertSilence(string Id, string? Pipeline, DateTimeOffset Since, DateTimeOffset Until, string Reason, string? By);

/// <summary>Who silenced what, and who took a silence back.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.AlertAct)]
public sealed record AlertAct(DateTimeOffset At, string? By, string What);

/// <param name="Active">Those that have not ended.</param>
/// <param name="Acts">Newest first, those that are kept.</param>
[GenerateSerializer, Immutable, Alias(WireNames.AlertSilences)]
public sealed record AlertSilences(ImmutableArray<AlertSilence> Active, ImmutableArray<AlertAct> Acts);
