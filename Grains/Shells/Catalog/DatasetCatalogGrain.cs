using Orleans;
using Orleans.Concurrency;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>Reads for people, on the silo that they happen to ask. Rows are read elsewhere: data never sits in control.</summary>
[StatelessWorker, GrainType("dataset-catalog")]
public sealed class DatasetCatalogGrain(IRunCatalog catalog) : Grain, IDatasetCatalogGrain
{
    public async Task<Listing<DatasetSummary>> Newest(string prefix, string? cursor, int limit) =>
        Rows.Summaries(await catalog.Datasets(prefix, cursor, limit, CancellationToken.None));

    public async Task<Listing<DatasetSummary>> Versions(string name, string? cursor, int limit) =>
        Rows.Summaries(await catalog.Versions(name, cursor, limit, CancellationToken.None));

    public async Task<DatasetPreview?> Preview(string name, string? version, int rowsMax) =>
        await catalog.Dataset(name, version, CancellationToken.None) is { } row
            ? await GrainFactory.GetGrain<IPreviewGrain>(name).Read(Rows.Summary(row), rowsMax)
            : null;
}
