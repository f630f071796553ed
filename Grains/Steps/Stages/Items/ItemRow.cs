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
        DuckSession session, DatasetStore store, DatasetVersion version, int from, int count, CancellationToken cancellation)
    {
        using var list = store.Open(version, cancellation);
        using var rows = session.Query(
            $"SELECT position, \"index\", \"key\", item FROM ({list.Select}) WHERE position >= {Sql.Number(from)} "
            + $"AND position < {Sql.Number(from + count)} ORDER BY position", cancellation);
        var read = ImmutableArray.CreateBuilder<ItemRow>(count);
        while (rows.Read())
            read.Add(new ItemRow((int)rows.Int64(0), (int)rows.Int64(1), rows.Text(2) ?? "", JsonValues.Of(rows.Text(3) ?? "null")));
        if (read.Count != count)
            throw new FaultException(new Fault(
                FaultKind.NotFound, StepCodes.ItemsNotThere, $"the list has {read.Count} of the items {from} to {from + count - 1}."));
        return read.DrainToImmutable();
    }
}
