using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>The registered versions of one pipeline; the key is the pipeline's name. What it answers is what the store holds now, so
/// that a home that several processes share has one registry.</summary>
[Alias("etl.IDefinitionGrain"), DefaultGrainType("definition")]
public interface IDefinitionGrain : IGrainWithStringKey
{
    /// <summary>Decides the command and makes the outcome durable, then answers. The same command again changes nothing.</summary>
    /// <exception cref="FaultException">Unavailable: the store; nothing is known of the outcome, ask again.</exception>
    [Alias("Tell")]
    Task<DefinitionAnswer> Tell(DefinitionCommand command);

    /// <summary>The pipeline as it is; null when nothing was ever registered under its name.</summary>
    [Alias("View"), ReadOnly]
    Task<PipelineView?> View();

    /// <param name="number">Null: the active one, which runs are started with.</param>
    /// <exception cref="FaultException">NotFound: the pipeline or the version. Conflict: the pipeline is retired.</exception>
    [Alias("Version"), ReadOnly]
    Task<PipelineVersion> Version(int? number);

    /// <summary>One page of the versions that are kept, newest first.</summary>
    /// <exception cref="FaultException">NotFound: the pipeline. Invalid: the limit or the cursor.</exception>
    [Alias("Versions"), ReadOnly]
    Task<Listing<VersionSummary>> Versions(string? cursor, int limit);
}

/// <summary>Lists the registered pipelines. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.IDefinitionCatalogGrain"), DefaultGrainType("definition-catalog")]
public interface IDefinitionCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>One page, by name; retired ones too.</summary>
    /// <exception cref="FaultException">Invalid: the limit or the cursor. Unavailable: the store.</exception>
    [Alias("Pipelines"), ReadOnly]
    Task<Listing<PipelineSummary>> Pipelines(string? cursor, int limit);
}

/// <summary>What may be asked of the registered versions of a pipeline.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.DefinitionCommand)]
public abstract record DefinitionCommand
{
    private DefinitionCommand() { }

    /// <summary>Makes this the active version. The content and folder of the active one again change nothing.</summary>
    /// <param name="Folder">Where relative paths start: of a home an absolute folder; on a cluster one within <c>files/</c>.</param>
    /// <param name="By">Who asks, as they call themselves; null: not said.</param>
    /// <param name="Expected">The number that is believed to be active, 0 for none; another one is refused. Null: whatever it
    /// is.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.RegisterDefinition)]
    public sealed record Register(
        PipelineSpec Spec, string Folder, string? By = null, string? Comment = null, int? Expected = null) : DefinitionCommand;

    /// <summary>Makes a version that is kept the active one again, also of a retired pipeline.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.RollBackDefinition)]
    public sealed record RollBack(int Number, string? By = null, string? Comment = null) : DefinitionCommand;

    /// <summary>No run is started by its name any more. Its versions and its runs stay.</summary>
    [GenerateSerializer, Immutable, Alias(WireNames.RetireDefinition)]
    public sealed record Retire(string? By = null, string? Comment = null) : DefinitionCommand;
}

/// <summary>What the registry answers to a command.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.DefinitionAnswer)]
public abstract record DefinitionAnswer
{
    private DefinitionAnswer() { }

    /// <param name="Active">The version that is active now; null: none, the pipeline is retired.</param>
    /// <param name="HasChanged">False: it was so already.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.DefinitionDone)]
    public sealed record Done(int? Active, bool HasChanged) : DefinitionAnswer;

    [GenerateSerializer, Immutable, Alias(WireNames.DefinitionRefused)]
    public sealed record Refused(ImmutableArray<Fault> Faults) : DefinitionAnswer;
}

/// <summary>One registered version of a pipeline. It never changes.</summary>
/// <param name="Number">From 1, in the order of registration; never given twice.</param>
/// <param name="Definition">See <see cref="PipelineSpec.Version"/>.</param>
[GenerateSerializer, Immutable, Alias(WireNames.PipelineVersion)]
public sealed record PipelineVersion(
    int Number, string Definition, PipelineSpec Spec, string Folder, DateTimeOffset RegisteredAt, string? By, string? Comment);

/// <summary>A version as a line of a list.</summary>
/// <param name="Steps">How many it has.</param>
[GenerateSerializer, Immutable, Alias(WireNames.VersionSummary)]
public sealed record VersionSummary(
    int Number, string Definition, bool IsActive, int Steps, string Folder, DateTimeOffset RegisteredAt, string? By, string? Comment);

/// <summary>A registered pipeline as a line of a list.</summary>
/// <param name="Active">The version that runs are started with; null: it is retired.</param>
/// <param name="Newest">The highest number that was given.</param>
[GenerateSerializer, Immutable, Alias(WireNames.PipelineSummary)]
public sealed record PipelineSummary(string Name, int? Active, int Newest, string? Description, DateTimeOffset ChangedAt, string? By);

/// <summary>A registered pipeline: its active version, and who changed what.</summary>
/// <param name="Version">The active one; null: it is retired.</param>
/// <param name="Changes">Newest first, those that are kept.</param>
[GenerateSerializer, Immutable, Alias(WireNames.PipelineView)]
public sealed record PipelineView(PipelineSummary Summary, PipelineVersion? Version, ImmutableArray<PipelineChange> Changes);

[GenerateSerializer, Alias(WireNames.PipelineChangeKind)]
public enum PipelineChangeKind { Registered, RolledBack, Retired }

/// <summary>Something that somebody did to a registered pipeline.</summary>
/// <param name="Number">The version that it was about: the one that became active, or that was retired.</param>
[GenerateSerializer, Immutable, Alias(WireNames.PipelineChange)]
public sealed record PipelineChange(DateTimeOffset At, PipelineChangeKind Kind, int Number, string? By, string? Comment);
