using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Storage;

internal sealed class MemoryRunCatalog(MemoryTables tables) : IRunCatalog
{
    public async Task<Page<RunRow>> Runs(RunQuery query, CancellationToken cancellation)
    {
        var limit = Paging.Checked(query.Limit);
        var before = Paging.RunCursor(query.Cursor);
        var statuses = query.Statuses();
        var rows = await tables.Locked<ImmutableArray<RunRow>>(() =>
            [.. tables.Runs.Values.Reverse()
                .Where(row => before is null || row.Id.CompareTo(before.Value) < 0)
                .Where(row => query.Pipeline is null || row.Pipeline == query.Pipeline)
                .Where(row => query.RunKey is null || row.RunKey == query.RunKey)
                .Where(row => statuses.IsEmpty || statuses.Contains(row.Status))
                .Take(limit + 1)], cancellation);
        return rows.ToPage(limit, row => row.Id.Value);
    }

    public Task<RunRow?> Run(RunId run, CancellationToken cancellation) =>
        tables.Locked(() => tables.Runs.GetValueOrDefault(run), cancellation);

    public Task<ImmutableArray<StepRow>> Steps(RunId run, CancellationToken cancellation) => tables.Locked<ImmutableArray<StepRow>>(
        () => !tables.Steps.TryGetValue(run, out var steps) ? []
            : [.. steps.Values.OrderBy(step => step.Position).ThenBy(step => step.Id.Value, StringComparer.Ordinal)], cancellation);

    public async Task<Page<DatasetRow>> Datasets(string prefix, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var rows = await tables.Locked<ImmutableArray<DatasetRow>>(() =>
            [.. tables.Datasets.Where(row => row.Name.StartsWith(prefix, StringComparison.Ordinal))
                .Where(row => cursor is null || string.CompareOrdinal(row.Name, cursor) > 0)
                .GroupBy(row => row.Name).Select(versions => versions.Last())
                .OrderBy(row => row.Name, StringComparer.Ordinal).Take(limit + 1)], cancellation);
        return rows.ToPage(limit, row => row.Name);
    }

    public async Task<Page<DatasetRow>> Versions(string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var before = Paging.NumberCursor(cursor);
        var rows = await tables.Locked<ImmutableArray<(DatasetRow Row, int Number)>>(() =>
            [.. tables.Datasets.Select((row, index) => (Row: row, Number: index + 1)).Reverse()
                .Where(entry => entry.Row.Name == name && entry.Number < before).Take(limit + 1)], cancellation);
        var page = rows.ToPage(limit, entry => entry.Number.ToString(CultureInfo.InvariantCulture));
        return new Page<DatasetRow>([.. page.Items.Select(entry => entry.Row)], page.Next);
    }

    public Task<DatasetRow?> Dataset(string name, string? version, CancellationToken cancellation) => tables.Locked(() =>
        tables.Datasets.LastOrDefault(row => row.Name == name && (version is null || row.Version == version)), cancellation);

    public Task<ImmutableArray<DatasetRow>> Published(RunId run, CancellationToken cancellation) =>
        tables.Locked<ImmutableArray<DatasetRow>>(() => [.. tables.Datasets.Where(row => row.Run == run)], cancellation);

    public Task<RunId?> LastStarted(string key, CancellationToken cancellation) => tables.Locked<RunId?>(
        () => tables.Starts.TryGetValue(key, out var last) ? last : null, cancellation);

    public Task<ImmutableArray<RunId>> Due(DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return tables.Locked<ImmutableArray<RunId>>(() =>
            [.. tables.Wakes.Where(wake => wake.Value <= now).OrderBy(wake => wake.Value).ThenBy(wake => wake.Key)
                .Take(limit).Select(wake => wake.Key)], cancellation);
    }

    public Task<ImmutableArray<RunId>> Orphans(
        ImmutableArray<string> drivers, RunId? after, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return tables.Locked<ImmutableArray<RunId>>(() =>
            [.. tables.Runs.Values
                .Where(row => !row.Status.IsAtRest() && (row.Driver is null || !drivers.Contains(row.Driver)))
                .Where(row => after is null || row.Id.CompareTo(after.Value) > 0)
                .Take(limit).Select(row => row.Id)], cancellation);
    }
}
