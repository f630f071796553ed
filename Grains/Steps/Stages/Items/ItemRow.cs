using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>An item as the list has it.</summary>
/// <param name="Position">Its place in the list.</param>
/// <param name="Index">Its place among all items, which those have too that an earlier run has done.</param>
internal sealed record ItemRow(int Position, int Index, string Key, SpecValue Value)
{
    /// <summary>So that a slice is found without reading the whole list.</summary>
    public const int RowGroupRows = 8192;

    public static ImmutableArray<ItemRow> Read(
        DuckSession session, DatasetStore store, ItemWork.Slice slice, CancellationToken cancellation)
    {
        using var list = store.Open(slice.Version, cancellation);
        using var rows = session.Query(
            $"SELECT position, \"index\", \"key\", item FROM ({list.Select}) WHERE position >= {Sql.Number(slice.From)} "
            + $"AND position < {Sql.Number(slice.From + slice.Count)} ORDER BY position", cancellation);
        var read = ImmutableArray.CreateBuilder<ItemRow>(slice.Count);
        while (rows.Read())
            read.Add(new ItemRow((int)rows.Int64(0), (int)rows.Int64(1), rows.Text(2) ?? "", JsonValues.Of(rows.Text(3) ?? "null")));
        return read.DrainToImmutable();
    }
}
