using System.Collections.Immutable;

namespace OrleansEtl.Storage;

internal sealed class MemoryRunJournal(MemoryTables tables) : IRunJournal
{
    public Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation)
    {
        append.Checked();
        return tables.Locked(() => Store(append), cancellation);
    }

    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation) => tables.Locked(() =>
        !tables.Journals.TryGetValue(run, out var journal) ? null : new StoredRun(
            run, journal.Events.Count, journal.Snapshot, journal.SnapshotVersion,
            [.. journal.Events.Skip(journal.SnapshotVersion).Select(e => e.Event)]), cancellation);

    public Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation) =>
        tables.Locked<ImmutableArray<StoredEvent>>(() => !tables.Journals.TryGetValue(run, out var journal) ? []
            : [.. journal.Events.Skip((int)Math.Min(after, int.MaxValue)).Take(countMax)
                .Select((e, i) => new StoredEvent(after + i + 1, e.Event))], cancellation);

    private AppendOutcome Store(RunAppend append)
    {
        var version = tables.Journals.TryGetValue(append.Run, out var journal) ? journal.Events.Count : 0;
        if (version != append.ExpectedVersion) return Settle(append, journal, version);
        if (append.Fence is { } fence)
        {
            if (tables.Starts.TryGetValue(fence.Key, out var last) && last != fence.Last) return new AppendOutcome.Overtaken();
            tables.Starts[fence.Key] = append.Run;
        }
        if (journal is null) tables.Journals[append.Run] = journal = new MemoryJournal();
        foreach (var e in append.Events) journal.Events.Add((e, append.Id));
        if (append.Snapshot is { } snapshot) (journal.Snapshot, journal.SnapshotVersion) = (snapshot, journal.Events.Count);
        Project(append);
        return new AppendOutcome.Stored(journal.Events.Count);
    }

    public Task HandOver(string driver, CancellationToken cancellation) => tables.Locked(() =>
    {
        foreach (var row in tables.Runs.Values.Where(row => row.Driver == driver).ToArray()) tables.Runs[row.Id] = row with { Driver = null };
        return 0;
    }, cancellation);

    private static AppendOutcome Settle(RunAppend append, MemoryJournal? journal, int version) =>
        append.ExpectedVersion < version && journal!.Events[(int)append.ExpectedVersion].AppendId == append.Id
            ? new AppendOutcome.Stored(append.NewVersion())
            : new AppendOutcome.Fenced(version);

    private void Project(RunAppend append)
    {
        var row = append.Row with
        {
            StartedAt = Instants.Rounded(append.Row.StartedAt),
            EndedAt = Instants.Rounded(append.Row.EndedAt),
        };
        // What a run is never changes after its start.
        tables.Runs[append.Run] = tables.Runs.TryGetValue(append.Run, out var first)
            ? row with
            {
                Pipeline = first.Pipeline, Definition = first.Definition, StartedAt = first.StartedAt, RerunOf = first.RerunOf,
                RunKey = first.RunKey,
            }
            : row;
        if (!tables.Steps.TryGetValue(append.Run, out var steps)) tables.Steps[append.Run] = steps = [];
        foreach (var step in append.Steps)
            steps[step.Id] = step with { StartedAt = Instants.Rounded(step.StartedAt), EndedAt = Instants.Rounded(step.EndedAt) };
        foreach (var dataset in append.Published)
        {
            if (!tables.Datasets.Exists(d => d.Name == dataset.Name && d.Version == dataset.Version))
                tables.Datasets.Add(dataset with { PublishedAt = Instants.Rounded(dataset.PublishedAt) });
        }
        foreach (var result in append.Results)
            if (!tables.Results.TryGetValue(result.ReuseKey, out var known) || known.DoneAt <= Instants.Rounded(result.DoneAt))
                tables.Results[result.ReuseKey] = result with { DoneAt = Instants.Rounded(result.DoneAt) };
        if (append.Wake() is { } wake) tables.Wakes[append.Run] = Instants.Rounded(wake);
        else tables.Wakes.Remove(append.Run);
    }
}
