using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Triggers;

/// <summary>Tells all that is wrong with a trigger by itself.</summary>
public static class TriggerCheck
{
    /// <summary>More often nobody looks at a folder that others write to.</summary>
    public static readonly TimeSpan EveryMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan EveryMax = TimeSpan.FromDays(1);

    /// <summary>Of a pipeline that has to succeed so often.</summary>
    public static readonly TimeSpan WithinMin = TimeSpan.FromSeconds(1);

    public const int PathLengthMax = 1_000;

    /// <summary>As much as a broker allows.</summary>
    public const int QueueLengthMax = 255;

    /// <summary>Messages on their way: more than are decided at once would only wait here instead of there.</summary>
    public const int PrefetchMax = 100;

    public static ImmutableArray<Fault> Of(TriggerSpec spec)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        switch (spec.On)
        {
            case TriggerSource.OfFile file:
                if (file.Path.Length is 0 or > PathLengthMax)
                    Wrong("path", $"Found a path of {file.Path.Length} characters, expected 1 to {PathLengthMax}.");
                if (file.Settle < TimeSpan.Zero || file.Settle > EveryMax)
                    Wrong("settle", $"Found {Durations.ToText(file.Settle)}, expected 0s to {Durations.ToText(EveryMax)}.");
                if (file.Every < EveryMin || file.Every > EveryMax)
                    Wrong("every", $"Found {Durations.ToText(file.Every)}, expected {Durations.ToText(EveryMin)} to {Durations.ToText(EveryMax)}.");
                break;
            case TriggerSource.OfPipeline other:
                if (other.Pipeline.Length == 0) Wrong("pipeline", "Found no name of a pipeline.");
                break;
            case TriggerSource.OfDataset on:
                if (!DatasetName.TryParse(on.Dataset, out _))
                    Wrong("dataset", $"Found `{on.Dataset}`, expected what a step gives: PIPELINE/STEP or PIPELINE/STEP.PORT.");
                break;
            case TriggerSource.OfWebhook hook:
                if (hook.Secret.Length == 0) Wrong("secret", "Found no name of a connection.");
                break;
            case TriggerSource.OfRabbitMq queue:
                if (queue.Connection.Length == 0) Wrong("connection", "Found no name of a connection.");
                if (queue.Queue.Length is 0 or > QueueLengthMax)
                    Wrong("queue", $"Found a name of {queue.Queue.Length} characters, expected 1 to {QueueLengthMax}.");
                if (queue.Prefetch is < 1 or > PrefetchMax) Wrong("prefetch", $"Found {queue.Prefetch}, expected 1 to {PrefetchMax}.");
                break;
            case TriggerSource.OfFreshness fresh:
                if (fresh.Within < WithinMin || fresh.Within > Durations.Max)
                    Wrong("within", $"Found {Durations.ToText(fresh.Within)}, expected {Durations.ToText(WithinMin)} to {Durations.ToText(Durations.Max)}.");
                break;
            default: throw new UnreachableException(spec.On.GetType().Name);
        }
        return faults.DrainToImmutable();

        void Wrong(string path, string message) => faults.Add(new Fault(FaultKind.Invalid, TriggerCodes.WrongSource, message, path));
    }

    /// <summary>How pipelines start each other in a circle with this trigger, first the one whose run would end; null: they do not.</summary>
    /// <param name="others">Who starts whom, by triggers that there are.</param>
    public static Fault? Cycle(TriggerId id, TriggerSpec spec, ImmutableArray<(string Ended, string Started)> others)
    {
        if (spec.On.Upstream() is not { } upstream) return null;
        var cameFrom = new Dictionary<string, string?> { [spec.Pipeline] = null };
        var open = new Queue<string>([spec.Pipeline]);
        while (open.TryDequeue(out var pipeline))
            foreach (var (_, started) in others.Where(edge => edge.Ended == pipeline))
                if (cameFrom.TryAdd(started, pipeline)) open.Enqueue(started);
        if (!cameFrom.ContainsKey(upstream)) return null;
        var way = new List<string>();
        for (string? at = upstream; at is not null; at = cameFrom[at]) way.Insert(0, at);
        return new Fault(FaultKind.Invalid, TriggerCodes.Cycle,
            $"With trigger {id} pipelines would start each other without end: {string.Join(" → ", way)} → {spec.Pipeline}.", spec.On.Kind,
            "Take one of these triggers away.");
    }
}
