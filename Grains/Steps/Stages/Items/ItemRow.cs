using System.Collections.Immutable;
using System.Text.Json;
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
            read.Add(new ItemRow((int)rows.Int64(0), (int)rows.Int64(1), rows.Text(2) ?? "", Of(rows.Text(3) ?? "null")));
        return read.DrainToImmutable();
    }

    private static SpecValue Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    private static SpecValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => new SpecValue.Flag(json.GetBoolean()),
        JsonValueKind.Number => !json.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') && json.TryGetInt64(out var whole)
            ? new SpecValue.Integer(whole) : new SpecValue.Real(json.GetDouble()),
        JsonValueKind.String => new SpecValue.Text(json.GetString()!),
        JsonValueKind.Array => new SpecValue.List([.. json.EnumerateArray().Select(Of)]),
        JsonValueKind.Object => new SpecValue.Map([.. json.EnumerateObject().Select(field => new Field(field.Name, Of(field.Value)))]),
        _ => new SpecValue.Null(),
    };
}
