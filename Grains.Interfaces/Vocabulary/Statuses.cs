using Orleans;

namespace OrleansEtl;

[GenerateSerializer, Alias(WireNames.RunStatus)]
public enum RunStatus { Running, Cancelling, Succeeded, Failed, Cancelled, Paused, Quarantined, Compensating }

[GenerateSerializer, Alias(WireNames.StepStatus)]
public enum StepStatus { Waiting, Running, Retrying, Succeeded, Reused, Failed, Skipped, Cancelled, Awaiting }

public static class Statuses
{
    public static bool IsTerminal(this RunStatus status) => status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>Whether nobody drives such a run: it has ended, or is left alone until somebody redrives it.</summary>
    public static bool IsAtRest(this RunStatus status) => status.IsTerminal() || status == RunStatus.Quarantined;

    public static bool IsTerminal(this StepStatus status) =>
        status is not (StepStatus.Waiting or StepStatus.Running or StepStatus.Retrying or StepStatus.Awaiting);

    /// <summary>The word in JSON, SQL and on screens: <c>running</c>, <c>succeeded</c> ….</summary>
    public static string Word(this RunStatus status) => status.ToString().ToLowerInvariant();

    /// <inheritdoc cref="Word(RunStatus)"/>
    public static string Word(this StepStatus status) => status.ToString().ToLowerInvariant();
}
