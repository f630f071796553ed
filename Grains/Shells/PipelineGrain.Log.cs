using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

public sealed partial class PipelineGrain
{
    private void LogEvents(IEnumerable<RunEvent> events)
    {
        if (!log.IsEnabled(LogLevel.Information)) return;
        foreach (var happened in events) LogEvent(Id.Value, happened.GetType().Name, happened);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{run} {event} {fields}")]
    private partial void LogEvent(string run, string @event, RunEvent fields);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{run} gives up its activation: {reason}")]
    private partial void LogGivenUp(string run, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{run} could not reach stage {stage}, tries again: {reason}")]
    private partial void LogUnpaid(string run, int stage, string reason);
}
