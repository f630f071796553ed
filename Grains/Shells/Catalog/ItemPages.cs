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

    public static async Task<ImmutableArray<ItemView>> Gathered(
        DuckEngine engine, DatasetStore datasets, DatasetVersion items, ItemFilter filter, CancellationToken cancellation)
    {
        using var session = await engine.Rent(cancellation);
        var wanted = filter.Status is { } status ? $" AND status = {Sql.Text(status)}" : "";
        var run = items.Columns.Any(column => column.Name == AwaitFields.RunId) ? AwaitFields.RunId : $"NULL AS {AwaitFields.RunId}";
        using var rows = session.Query(
            $"SELECT \"index\", \"key\", item, status, rows_in, rows_out, rows_rejected, \"values\", path, fault_code, fault, {run} "
            + $"FROM ({datasets.Select(items)}) WHERE \"index\" > {Sql.Number(filter.After)}{wanted} ORDER BY \"index\" LIMIT {filter.Limit}", cancellation);
        var page = ImmutableArray.CreateBuilder<ItemView>();
        while (rows.Read())
            page.Add(new ItemView(
                rows.Int64(0), Cut(1), Cut(2), rows.Text(3) ?? "", Count(4), Count(5), Count(6), Cut(7), rows.Text(8), rows.Text(9), Cut(10),
                rows.Text(11) is { } id ? new RunId(id) : null));
        return page.DrainToImmutable();

        string? Cut(int column) => rows.Text(column) is { } text ? Excerpt.Of(text, CharactersMax) : null;
        long? Count(int column) => rows.IsNull(column) ? null : rows.Int64(column);
    }
}
