using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>One trigger; the key is its id: <c>pipeline/id</c> of one that stands in the file of a pipeline, or a name.</summary>
[Alias("etl.ITriggerGrain"), DefaultGrainType("trigger")]
public interface ITriggerGrain : IDueGrain
{
    /// <summary>Makes the trigger, or makes it anew. What it knows it keeps, as long as it looks at the same thing.</summary>
    /// <param name="keepsPause">One that exists stays paused or not, whatever the spec says.</param>
    [Alias("Put")]
    Task<TriggerAnswer> Put(TriggerSpec spec, bool keepsPause);

    /// <summary>Forgets the trigger. Its runs go on.</summary>
    [Alias("Delete")]
    Task<TriggerAnswer> Delete();

    [Alias("Pause")]
    Task<TriggerAnswer> Pause();

    [Alias("Resume")]
    Task<TriggerAnswer> Resume();

    /// <summary>Starts a run for what somebody outside tells. The answer comes when the start is stored.</summary>
    [Alias("Deliver")]
    Task<DeliveryAnswer> Deliver(TriggerDelivery delivery);

    /// <summary>Notes that somebody outside told what no run can be started for.</summary>
    [Alias("Reject")]
    Task Reject(TriggerDelivery delivery, Fault fault);

    /// <summary>What keeps others from telling it anything; null: nothing any more.</summary>
    [Alias("Hinder")]
    Task Hinder(Fault? fault);

    /// <summary>Null when there is none.</summary>
    [Alias("View"), AlwaysInterleave]
    Task<TriggerView?> View();
}

/// <summary>Reads what is stored about triggers. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.ITriggerCatalogGrain"), DefaultGrainType("trigger-catalog")]
public interface ITriggerCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>One page by id, with the last start of each.</summary>
    /// <param name="prefix">What ids begin with; empty: all.</param>
    /// <exception cref="FaultException">Invalid: the limit. Unavailable: the store.</exception>
    [Alias("List"), ReadOnly]
    Task<Listing<TriggerView>> List(string prefix, string? cursor, int limit);
}

/// <summary>Looks at files, where they can be seen. The key is that of the trigger that asks; it keeps nothing.</summary>
[Alias("etl.IFileLookGrain"), DefaultGrainType("file-look")]
public interface IFileLookGrain : IGrainWithStringKey
{
    /// <param name="folder">Of the pipeline: where relative paths start.</param>
    /// <param name="path">A folder or a pattern.</param>
    /// <param name="filesMax">One more is given where there are more.</param>
    /// <exception cref="FaultException">Denied: outside of what the pipeline may see. NotFound: the folder is not there. Unavailable: it cannot
    /// be read.</exception>
    [Alias("Look"), AlwaysInterleave]
    Task<FileSight> Look(string folder, string path, int filesMax);

    /// <summary>What is in these files, of those that are still as they were seen.</summary>
    [Alias("Identify"), AlwaysInterleave]
    Task<ImmutableArray<IdentifiedFile>> Identify(string folder, ImmutableArray<SeenFile> files);
}

/// <summary>What was there at one look.</summary>
/// <param name="LeftOut">Links that lead to where the pipeline may see nothing.</param>
[GenerateSerializer, Immutable, Alias(WireNames.FileSight)]
public sealed record FileSight(ImmutableArray<SeenFile> Files, int LeftOut);

/// <param name="Path">Absolute, links followed.</param>
[GenerateSerializer, Immutable, Alias(WireNames.SeenFile)]
public sealed record SeenFile(string Path, long Size, DateTimeOffset ModifiedAt)
{
    /// <summary>Larger files are told by their size and the time of their last change: reading them would take longer than people
    /// wait.</summary>
    public const long ReadMax = 16 << 20;
}

/// <param name="Content">Tells it from other contents.</param>
[GenerateSerializer, Immutable, Alias(WireNames.IdentifiedFile)]
public sealed record IdentifiedFile(SeenFile File, string Content);
