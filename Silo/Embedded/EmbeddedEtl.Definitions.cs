namespace OrleansEtl.Silo.Embedded;

/// <summary>The registry of pipelines of a home. It is read and written in the store itself: nothing has to be started for it, and all
/// processes of the home see the same.</summary>
public sealed partial class EmbeddedEtl
{
    public async Task<DefinitionAnswer> Register(DefinitionCommand.Register definition, CancellationToken cancellation) =>
        await Alerts.Check(definition.Spec.Alerts ?? [], cancellation) is { IsEmpty: false } faults ? new DefinitionAnswer.Refused(faults)
            : await _definitions.Tell(definition.Spec.Name, definition with { Folder = Absolute(definition.Folder) }, cancellation);

    public Task<DefinitionAnswer> RollBack(string pipeline, int number, string? by, string? comment, CancellationToken cancellation) =>
        _definitions.Tell(pipeline, new DefinitionCommand.RollBack(number, by, comment), cancellation);

    public Task<DefinitionAnswer> Retire(string pipeline, string? by, string? comment, CancellationToken cancellation) =>
        _definitions.Tell(pipeline, new DefinitionCommand.Retire(by, comment), cancellation);

    public Task<Listing<PipelineSummary>> Pipelines(string? cursor, int limit, CancellationToken cancellation) =>
        _definitions.Pipelines(cursor, limit, cancellation);

    public Task<PipelineView?> Pipeline(string name, CancellationToken cancellation) => _definitions.View(name, cancellation);

    public Task<Listing<VersionSummary>> PipelineVersions(string pipeline, string? cursor, int limit, CancellationToken cancellation) =>
        _definitions.Versions(pipeline, cursor, limit, cancellation);

    public Task<PipelineVersion> PipelineVersion(string pipeline, int? number, CancellationToken cancellation) =>
        _definitions.Version(pipeline, number, cancellation);

    private static string Absolute(string folder) => Path.GetFullPath(folder.Length == 0 ? "." : folder);
}
