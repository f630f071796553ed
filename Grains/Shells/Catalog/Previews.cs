using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Shells.Catalog;

/// <summary>The first rows of a dataset version, for people: bounded in rows, in the length of a value and as a whole.</summary>
public static class Previews
{
    private const int RowsMax = 1000;
    private const int CharactersMax = 4096;
    /// <summary>So that a preview is one message of a few megabytes.</summary>
    private const int AllCharactersMax = 2_000_000;

    public static async Task<DatasetPreview> Read(
        DuckEngine engine, DatasetStore datasets, DatasetSummary dataset, int rowsMax, CancellationToken cancellation)
    {
        rowsMax = Math.Clamp(rowsMax, 0, RowsMax);
        using var session = await engine.Rent(cancellation);
        using var rows = session.Query($"{datasets.Select(dataset.Manifest)} LIMIT {rowsMax}", cancellation);
        var read = ImmutableArray.CreateBuilder<ImmutableArray<string?>>();
        for (var characters = 0; characters < AllCharactersMax && rows.Read();)
        {
            ImmutableArray<string?> row = [.. Enumerable.Range(0, rows.Columns.Length).Select(column => Cut(rows.Text(column)))];
            characters += row.Sum(text => text?.Length ?? 0);
            read.Add(row);
        }
        return new DatasetPreview(dataset, dataset.Manifest.Columns, read.ToImmutable(), dataset.Manifest.Rows <= read.Count);
    }

    private static string? Cut(string? text) => text is null ? null : Excerpt.Of(text, CharactersMax);
}
