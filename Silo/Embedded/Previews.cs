using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Silo.Hosting;

namespace OrleansEtl.Silo.Embedded;

/// <summary>The first rows of a dataset version, for people: bounded in rows and in the length of a value.</summary>
internal static class Previews
{
    private const int RowsMax = 1000;
    private const int CharactersMax = 4096;

    public static async Task<DatasetPreview> Read(
        HomeFolders folders, DatasetSummary dataset, int rowsMax, CancellationToken cancellation)
    {
        rowsMax = Math.Clamp(rowsMax, 0, RowsMax);
        using var engine = Rooms.Engine(folders, folders.Options);
        using var session = await engine.Rent(cancellation);
        var select = new DatasetStore(folders.Data).Select(dataset.Manifest);
        using var rows = session.Query($"{select} LIMIT {rowsMax}", cancellation);
        var read = ImmutableArray.CreateBuilder<ImmutableArray<string?>>();
        while (rows.Read()) read.Add([.. Enumerable.Range(0, rows.Columns.Length).Select(column => Cut(rows.Text(column)))]);
        return new DatasetPreview(dataset, dataset.Manifest.Columns, read.DrainToImmutable(), dataset.Manifest.Rows <= rowsMax);
    }

    private static string? Cut(string? text) => text is { Length: > CharactersMax } ? text[..CharactersMax] + "…" : text;
}
