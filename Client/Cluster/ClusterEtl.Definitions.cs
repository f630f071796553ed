namespace OrleansEtl.Client;

/// <summary>The registry of pipelines. Every command may be repeated: what is so already stays as it is.</summary>
public sealed partial class ClusterEtl
{
    /// <inheritdoc/>
    public async Task<DefinitionAnswer> Register(DefinitionCommand.Register definition, CancellationToken cancellation)
    {
        if (StartChecks.FolderFault(definition.Folder) is { } wrong) return new DefinitionAnswer.Refused([wrong]);
        return await Alerts.Check(definition.Spec.Alerts ?? [], cancellation) is { IsEmpty: false } faults
            ? new DefinitionAnswer.Refused(faults)
            : await Tell(definition.Spec.Name, definition, cancellation);
    }

    /// <inheritdoc/>
    public Task<DefinitionAnswer> RollBack(string pipeline, int number, string? by, string? comment, CancellationToken cancellation) =>
        Tell(pipeline, new DefinitionCommand.RollBack(number, by, comment), cancellation);

    /// <inheritdoc/>
    public Task<DefinitionAnswer> Retire(string pipeline, string? by, string? comment, CancellationToken cancellation) =>
        Tell(pipeline, new DefinitionCommand.Retire(by, comment), cancellation);

    /// <inheritdoc/>
    public Task<Listing<PipelineSummary>> Pipelines(string? cursor, int limit, CancellationToken cancellation) =>
        _calls.Ask(_ => _grains.GetGrain<IDefinitionCatalogGrain>(AnyKey()).Pipelines(cursor, limit), cancellation);

    /// <inheritdoc/>
    public Task<PipelineView?> Pipeline(string name, CancellationToken cancellation) =>
        _calls.Ask(_ => Definition(name).View(), cancellation);

    /// <inheritdoc/>
    public Task<Listing<VersionSummary>> PipelineVersions(string pipeline, string? cursor, int limit, CancellationToken cancellation) =>
        _calls.Ask(_ => Definition(pipeline).Versions(cursor, limit), cancellation);

    /// <inheritdoc/>
    public Task<PipelineVersion> PipelineVersion(string pipeline, int? number, CancellationToken cancellation) =>
        _calls.Ask(_ => Definition(pipeline).Version(number), cancellation);

    private Task<DefinitionAnswer> Tell(string pipeline, DefinitionCommand command, CancellationToken cancellation) =>
        _calls.Ask(_ => Definition(pipeline).Tell(command), cancellation);

    private IDefinitionGrain Definition(string pipeline) => _grains.GetGrain<IDefinitionGrain>(pipeline);
}
