using System.Collections.Immutable;

namespace OrleansEtl.Engine.Triggers;

public sealed partial record Trigger
{
    /// <summary>The trigger as people see it; only of one that exists.</summary>
    public TriggerView View() => new(Id.Value, Spec!, Waits(), LastLook, NextLook, Fault ?? Dataset?.Lack, [.. Recent.Reverse()]);

    private string? Waits()
    {
        if (Spec!.IsPaused) return "it is paused";
        if (Fault is not null) return "the last look failed";
        if (NextLook is not null && LastLook is null) return "it has not been looked yet";
        var settling = Files.All.Values.Count(file => file.IsOpen);
        return Spec.On switch
        {
            TriggerSource.OfFile when settling > 0 => $"files have to settle: {settling}",
            TriggerSource.OfFile => $"no file is new or has changed; known: {Files.All.Values.Count(file => file.GoneSince is null)}",
            TriggerSource.OfPipeline on => $"no run of {on.Pipeline} has ended since; unfinished: {Runs.Open.Count}",
            TriggerSource.OfDataset on when Dataset?.Lack is not null => $"the last run of {on.Upstream()} that succeeded gives no {on.Dataset}",
            TriggerSource.OfDataset on when Dataset?.ContentHash is null => $"no version of {on.Dataset} has come yet; unfinished runs: {Runs.Open.Count}",
            TriggerSource.OfDataset on => $"the content of {on.Dataset} is that of {Dataset.Version}; unfinished runs: {Runs.Open.Count}",
            TriggerSource.OfWebhook => $"nothing new was delivered; it is taken at POST /hooks/{Id}",
            TriggerSource.OfRabbitMq queue when LastLook is null => $"nobody has listened to queue {queue.Queue} yet",
            TriggerSource.OfRabbitMq queue => $"no message has come to queue {queue.Queue} since",
            TriggerSource.OfFreshness when Success.IsUnderWay => "a run is under way",
            TriggerSource.OfFreshness fresh when Success.MissedAt > (Success.Last ?? Since) =>
                $"it started a run for this; the next may come after {Moment(Success.MissedAt.Value + fresh.Within)}",
            TriggerSource.OfFreshness fresh => $"the last success is not older than that until {Moment((Success.Last ?? Since) + fresh.Within)}",
            _ => null,
        };
    }
}
