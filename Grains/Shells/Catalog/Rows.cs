using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>The store's rows as people get them.</summary>
public static class Rows
{
    public static Listing<RunSummary> Summaries(Page<RunRow> page) => new([.. page.Items.Select(Summary)], page.Next);

    public static Listing<DatasetSummary> Summaries(Page<DatasetRow> page) => new([.. page.Items.Select(Summary)], page.Next);

    public static DatasetSummary Summary(DatasetRow row) =>
        new(row.Name, row.Version, row.Run, row.Step, row.PublishedAt, EventCodec.ReadManifest(row.Manifest));

    public static RunQuery Query(RunFilter filter) =>
        new(filter.Pipeline, filter.UnfinishedOnly, filter.Status, filter.Cursor, filter.Limit) { RunKey = filter.RunKey };

    private static RunSummary Summary(RunRow run) => new(
        run.Id, run.Pipeline, run.Status, run.StartedAt, run.EndedAt, run.StepsDone, run.StepsTotal, run.FaultCode, run.FaultMessage,
        run.RunKey);
}
