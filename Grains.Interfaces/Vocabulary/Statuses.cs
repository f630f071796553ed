using Orleans;

namespace OrleansEtl;

[GenerateSerializer, Alias(WireNames.RunStatus)]
public enum RunStatus { Running, Cancelling, Succeeded, Failed, Cancelled }

[GenerateSerializer, Alias(WireNames.StepStatus)]
public enum StepStatus { Waiting, Running, Retrying, Succeeded, Reused, Failed, Skipped, Cancelled }

public static class Statuses
{
    public static bool IsTerminal(this RunStatus status) => status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled;

    public static bool IsTerminal(this StepStatus status) =>
        status is not (StepStatus.Waiting or StepStatus.Running or StepStatus.Retrying);

    /// <summary>The word in JSON, SQL and on screens: <c>running</c>, <c>succeeded</c> ….</summary>
    public static string Word(this RunStatus status) => status.ToString().ToLowerInvariant();

    /// <inheritdoc cref="Word(RunStatus)"/>
    public static string Word(this StepStatus status) => status.ToString().ToLowerInvariant();
}
