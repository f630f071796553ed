using Orleans;

namespace OrleansEtl;

/// <summary>A trigger as somebody wrote it: plain values, not checked yet.</summary>
/// <param name="On">What has to happen.</param>
/// <param name="Pipeline">The registered pipeline whose runs it starts.</param>
/// <param name="Version">The number of that pipeline's registered version; null: the one that is active when a run starts.</param>
/// <param name="Params">What its runs are given; texts may ask for what has happened, <c>{{ run.trigger.path }}</c>. Null: nothing.</param>
/// <param name="IsPaused">While paused it starts nothing.</param>
[GenerateSerializer, Immutable, Alias(WireNames.TriggerSpec)]
public sealed record TriggerSpec(
    TriggerSource On, string Pipeline = "", int? Version = null, SpecValue.Map? Params = null, bool IsPaused = false);

/// <summary>What a trigger looks at.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.TriggerSource)]
public abstract record TriggerSource
{
    private TriggerSource() { }

    /// <summary>The word of the kind: <c>file</c>, <c>pipeline</c> …</summary>
    public abstract string Kind { get; }

    /// <summary>The pipeline whose runs start others when they end; null: none does. No property, since it is not stored.</summary>
    public virtual string? Upstream() => null;

    /// <summary>Files that are new or have changed.</summary>
    /// <param name="Path">A folder or a pattern; relative ones start in the pipeline's folder.</param>
    /// <param name="Settle">So long a file must not have changed, by size and time, before it counts.</param>
    /// <param name="Every">How often it is looked.</param>
    /// <param name="IncludesExisting">Whether files that are there when the trigger is made count as new.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.TriggerOnFile)]
    public sealed record OfFile(string Path, TimeSpan Settle, TimeSpan Every, FileRuns Runs = FileRuns.PerFile, bool IncludesExisting = true) : TriggerSource
    {
        public static readonly TimeSpan UsualSettle = TimeSpan.FromSeconds(10);
        public static readonly TimeSpan UsualEvery = TimeSpan.FromSeconds(10);
        public override string Kind => "file";
    }

    /// <summary>Runs of another pipeline that have ended.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.TriggerOnPipeline)]
    public sealed record OfPipeline(string Pipeline, RunEnding Ending = RunEnding.Succeeded) : TriggerSource
    {
        public override string Kind => "pipeline";
        public override string Upstream() => Pipeline;
    }

    /// <summary>Versions of a dataset whose content is new, of runs that succeeded.</summary>
    /// <param name="Dataset">What a step gives: <c>PIPELINE/STEP</c> or <c>PIPELINE/STEP.PORT</c>, see <see cref="DatasetName"/>.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.TriggerOnDataset)]
    public sealed record OfDataset(string Dataset) : TriggerSource
    {
        public override string Kind => "dataset";
        public override string? Upstream() => DatasetName.TryParse(Dataset, out var name) ? name.Pipeline : null;
    }

    /// <summary>Signed requests from outside, to <c>/hooks/PIPELINE/ID</c>.</summary>
    /// <param name="Secret">The name under which the silos know what requests are signed with: a connection of that name.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.TriggerOnWebhook)]
    public sealed record OfWebhook(string Secret) : TriggerSource
    {
        public override string Kind => "webhook";
    }

    /// <summary>Messages of a queue, each acknowledged after the start of its run is stored.</summary>
    /// <param name="Connection">The name under which the silos know the broker.</param>
    /// <param name="Prefetch">Messages that are on their way at once.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.TriggerOnRabbitMq)]
    public sealed record OfRabbitMq(string Connection, string Queue, int Prefetch = OfRabbitMq.UsualPrefetch) : TriggerSource
    {
        public const int UsualPrefetch = 10;
        public override string Kind => "rabbitmq";
    }

    /// <summary>That a pipeline has not succeeded for too long.</summary>
    /// <param name="Pipeline">Null: the one that it starts.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.TriggerOnFreshness)]
    public sealed record OfFreshness(TimeSpan Within, string? Pipeline = null) : TriggerSource
    {
        public override string Kind => "freshness";
    }
}

/// <summary>How many runs the files that have settled at one look make.</summary>
[GenerateSerializer, Alias(WireNames.FileRuns)]
public enum FileRuns { PerFile, PerBatch }

/// <summary>Which ends of runs count.</summary>
[GenerateSerializer, Alias(WireNames.RunEnding)]
public enum RunEnding { Succeeded, Failed, Any }
