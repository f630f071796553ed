using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>Items of a step, page by page. Once the step has ended they are rows of its dataset <c>items</c>; before, a run remembers the
/// first that failed and those whose runs go on, and counts the others.</summary>
public static class ItemPages
{
    private const int CharactersMax = 1000;

    /// <summary>Rows of a query may give several items one key; one that succeeded comes first.</summary>
    private const string OneOfAKey = "QUALIFY row_number() OVER (PARTITION BY \"key\" ORDER BY status = 'succeeded' DESC, \"index\") = 1";

    /// <param name="gathered">Reads the dataset.</param>
    public static async Task<ItemPage> Read(Run run, ItemFilter filter, Func<DatasetVersion, Task<ImmutableArray<ItemView>>> gathered)
    {
        Paging.Checked(filter.Limit);
        var view = run.View().Steps.FirstOrDefault(step => step.Id == filter.Step)
            ?? throw new FaultException(new Fault(FaultKind.NotFound, "ETL4224", $"Run {run.Id} has no step {filter.Step}.", null,
                $"See its steps with: etl runs show {run.Id}"));
        var state = run.Stages[view.Stage];
        if (!run.IsForEach(view.Stage))
            throw new FaultException(new Fault(FaultKind.NotFound, "ETL6208", $"Step {filter.Step} does not run for each item."));
        if (view.Outputs.FirstOrDefault(output => output.Port == PlannedInput.Items)?.Dataset is { } version)
        {
            var items = await gathered(version);
            return new ItemPage(items, items.Length < filter.Limit ? null : items[^1].Index, view.Items, true);
        }
        var failed = from failure in state.Items?.Faults ?? [] select Known(failure.Item, "failed", failure.Fault, null);
        var waiting = from child in state.Items?.Children?.UnderWay ?? [] select Known(child.Item, "waiting", null, child.Run.Run);
        var known = from item in failed.Concat(waiting)
                    where (filter.Status is null || filter.Status == item.Status) && item.Index > filter.After
                    orderby item.Index
                    select item;
        return new ItemPage([.. known.Take(filter.Limit)], null, view.Items, false);

        static ItemView Known(int item, string status, Fault? fault, RunId? run) =>
            new(item, null, null, status, null, null, null, null, null, fault?.Code, fault?.Message, run);
    }

    /// <summary>As views of items show it.</summary>
    public static string Cut(string text) => Excerpt.Of(text, CharactersMax);

    public static async Task<ImmutableArray<ItemView>> Gathered(
        DuckEngine engine, DatasetStore datasets, DatasetVersion items, ItemFilter filter, CancellationToken cancellation)
    {
        using var session = await engine.Rent(cancellation);
        var wanted = filter.Status is { } status ? $" AND status = {Sql.Text(status)}" : "";
        var named = filter.Keys is { } keys ? $" AND \"key\" IN ({string.Join(", ", keys.Select(Sql.Text))}) {OneOfAKey}" : "";
        var run = items.Columns.Any(column => column.Name == AwaitFields.RunId) ? AwaitFields.RunId : $"NULL AS {AwaitFields.RunId}";
        using var rows = session.Query(
            $"SELECT \"index\", \"key\", item, status, rows_in, rows_out, rows_rejected, \"values\", path, fault_code, fault, {run} "
            + $"FROM ({datasets.Select(items)}) WHERE \"index\" > {Sql.Number(filter.After)}{wanted}{named} "
            + $"ORDER BY \"index\" LIMIT {filter.Limit}", cancellation);
        var page = ImmutableArray.CreateBuilder<ItemView>();
        while (rows.Read())
            page.Add(new ItemView(
                rows.Int64(0), Text(1), Text(2), rows.Text(3) ?? "", Count(4), Count(5), Count(6), Text(7), rows.Text(8), rows.Text(9), Text(10),
                rows.Text(11) is { } id ? new RunId(id) : null));
        return page.DrainToImmutable();

        string? Text(int column) => rows.Text(column) is { } text ? Cut(text) : null;
        long? Count(int column) => rows.IsNull(column) ? null : rows.Int64(column);
    }
}
