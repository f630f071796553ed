using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Shells.Catalog;

/// <summary>Reads the first rows where the data is.</summary>
[Reentrant, GrainType("preview"), Role(SiloRoles.Data)]
public sealed class PreviewGrain(DuckEngine engine, DatasetStore datasets) : Grain, IPreviewGrain
{
    public Task<DatasetPreview> Read(DatasetSummary dataset, int rowsMax) =>
        Task.Run(() => Previews.Read(engine, datasets, dataset, rowsMax, CancellationToken.None));

    public Task<ImmutableArray<ItemView>> Items(DatasetVersion items, ItemFilter filter) =>
        Task.Run(() => ItemPages.Gathered(engine, datasets, items, filter, CancellationToken.None));
}
