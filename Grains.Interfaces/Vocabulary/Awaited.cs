using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What a step can wait for that is not work: it needs no slot, no thread and no heartbeat, only its place in the
/// journal.</summary>
[GenerateSerializer, Alias(WireNames.AwaitKind)]
public enum AwaitKind { Signal, Approval, Time, Run }

/// <summary>What a step waits for, its fields filled in.</summary>
/// <param name="Signal">The name of the signal.</param>
/// <param name="Message">What approval is asked for.</param>
/// <param name="Approvers">Who should answer, for people to read.</param>
/// <param name="Until">When it waits no longer; null: for as long as it takes.</param>
/// <param name="FailsThen">Whether it fails then; else it succeeds with <paramref name="Otherwise"/>.</param>
/// <param name="Child">The run whose end it waits for.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Awaited)]
public sealed record Awaited(
    AwaitKind Kind,
    string? Signal,
    string? Message,
    ImmutableArray<string> Approvers,
    DateTimeOffset? Until,
    bool FailsThen,
    ImmutableArray<Field> Otherwise,
    ChildRun? Child = null);

/// <summary>The run of another pipeline that a step starts and waits for.</summary>
/// <param name="Run">Decided together with the step's turn: however often it is started, it is one run.</param>
/// <param name="Version">Of the registered pipeline; null: the one that is active when it starts.</param>
/// <param name="Timeout">Of the whole run; null: none.</param>
/// <param name="Abandoned">Whether it goes on when the run that started it is stopped; else it is cancelled.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ChildRun)]
public sealed record ChildRun(RunId Run, string Pipeline, int? Version, SpecValue.Map Params, TimeSpan? Timeout, bool Abandoned);

/// <summary>The step that started a run and waits for its end.</summary>
/// <param name="Depth">Runs above: 1 when nobody started the other one.</param>
[GenerateSerializer, Immutable, Alias(WireNames.ParentRun)]
public sealed record ParentRun(RunId Run, StepId Step, int Depth)
{
    /// <summary>Pipelines that run each other; more are a circle.</summary>
    public const int DepthMax = 8;
}

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

    public const string Pipeline = "pipeline";
    public const string Version = "version";
    public const string Params = "params";
    public const string OnParentEnd = "on_parent_end";
    public const string Cancel = "cancel";
    public const string Abandon = "abandon";
    public const string RunId = "run_id";
    public const string Steps = "steps";
}
