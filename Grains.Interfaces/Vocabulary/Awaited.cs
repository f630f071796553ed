using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What a step can wait for that is not work: it needs no slot, no thread and no heartbeat, only its place in the
/// journal.</summary>
[GenerateSerializer, Alias(WireNames.AwaitKind)]
public enum AwaitKind { Signal, Approval, Time }

/// <summary>What a step waits for, its fields filled in.</summary>
/// <param name="Signal">The name of the signal.</param>
/// <param name="Message">What approval is asked for.</param>
/// <param name="Approvers">Who should answer, for people to read.</param>
/// <param name="Until">When it waits no longer; null: for as long as it takes.</param>
/// <param name="FailsThen">Whether it fails then; else it succeeds with <paramref name="Otherwise"/>.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Awaited)]
public sealed record Awaited(
    AwaitKind Kind,
    string? Signal,
    string? Message,
    ImmutableArray<string> Approvers,
    DateTimeOffset? Until,
    bool FailsThen,
    ImmutableArray<Field> Otherwise);

/// <summary>Somebody has ended a step by hand.</summary>
/// <param name="By">As they call themselves; null: not said.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Intervention)]
public sealed record Intervention(DateTimeOffset At, string Reason, string? By);

/// <summary>The names of the fields and values of steps that wait: the kinds declare them, the engine reads and gives them.</summary>
public static class AwaitFields
{
    public const string Name = "name";
    public const string Values = "values";
    public const string Timeout = "timeout";
    public const string OnTimeout = "on_timeout";
    public const string Default = "default";
    public const string Message = "message";
    public const string Approvers = "approvers";
    public const string For = "for";
    public const string Until = "until";

    public const string Fail = "fail";
    public const string Succeed = "succeed";
    public const string Approve = "approve";
    public const string Reject = "reject";

    public const string Approved = "approved";
    public const string By = "by";
    public const string Comment = "comment";
    public const string DecidedByTimeout = "decided_by_timeout";
}
