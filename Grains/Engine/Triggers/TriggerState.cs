using System.Collections.Immutable;

namespace OrleansEtl.Engine.Triggers;

/// <summary>A trigger in a form that is stored: what any release wrote is read for ever.</summary>
/// <param name="Files">By their paths.</param>
public sealed record TriggerState(
    TriggerId Id, TriggerSpec Spec, DateTimeOffset Since, DateTimeOffset? LastLook, DateTimeOffset? NextLook, Fault? Fault, int Failures,
    ImmutableArray<TriggerStart> Starting, ImmutableArray<TriggerStartView> Recent, Dictionary<string, KnownFile>? Files,
    ImmutableArray<RunId>? OpenRuns, ImmutableArray<RunId>? HeardRuns, DateTimeOffset? RunsThrough, KnownSuccess? Success = null,
    KnownDataset? Dataset = null);

public sealed partial record Trigger
{
    /// <summary>The trigger as it is; only of one that exists.</summary>
    public TriggerState State() => new(
        Id, Spec!, Since, LastLook, NextLook, Fault, Failures, [.. Starting], [.. Recent],
        Files.All.IsEmpty ? null : Files.All.OrderBy(file => file.Key, StringComparer.Ordinal).ToDictionary(), [.. Runs.Open.Order()],
        [.. Runs.Heard.Order()], Runs.Through,
        Success == KnownSuccess.None ? null : Success, Dataset);

    /// <summary>The trigger that <see cref="State"/> was taken of.</summary>
    public static Trigger Of(TriggerState state) => None with
    {
        Id = state.Id, Spec = state.Spec, Since = state.Since, LastLook = state.LastLook, NextLook = state.NextLook, Fault = state.Fault,
        Failures = state.Failures, Starting = [.. state.Starting], Recent = [.. state.Recent],
        Files = new KnownFiles((state.Files ?? []).ToImmutableDictionary(StringComparer.Ordinal)),
        Runs = new KnownRuns([.. state.OpenRuns ?? []], [.. state.HeardRuns ?? []], state.RunsThrough),
        Success = state.Success ?? KnownSuccess.None, Dataset = state.Dataset,
    };
}
