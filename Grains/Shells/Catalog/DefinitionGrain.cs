using Orleans;
using Orleans.Concurrency;

namespace OrleansEtl.Shells.Catalog;

/// <summary>Whose turn it is to change one pipeline; the store decides between turns of two processes.</summary>
[GrainType(DefinitionDesk.GrainType), Role(SiloRoles.Control)]
public sealed class DefinitionGrain(DefinitionDesk desk) : Grain, IDefinitionGrain
{
    public Task<DefinitionAnswer> Tell(DefinitionCommand command) => desk.Tell(Name, command, CancellationToken.None);
    public Task<PipelineView?> View() => desk.View(Name, CancellationToken.None);
    public Task<PipelineVersion> Version(int? number) => desk.Version(Name, number, CancellationToken.None);
    public Task<Listing<VersionSummary>> Versions(string? cursor, int limit) => desk.Versions(Name, cursor, limit, CancellationToken.None);

    private string Name => this.GetPrimaryKeyString();
}

[StatelessWorker, GrainType("definition-catalog")]
public sealed class DefinitionCatalogGrain(DefinitionDesk desk) : Grain, IDefinitionCatalogGrain
{
    public Task<Listing<PipelineSummary>> Pipelines(string? cursor, int limit) => desk.Pipelines(cursor, limit, CancellationToken.None);
}
