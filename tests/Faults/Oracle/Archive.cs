using System.Collections.Immutable;
using OrleansEtl.Shells;
using OrleansEtl.Storage;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>Reads everything that a store holds about runs, past all silos.</summary>
internal static class Archive
{
    private const int HistoryPage = 500;

    public static async Task<ImmutableArray<Chronicle>> Chronicles(IStore store, CancellationToken cancellation)
    {
        var chronicles = ImmutableArray.CreateBuilder<Chronicle>();
        string? cursor = null;
        do
        {
            var page = await store.Catalog.Runs(new RunQuery(Cursor: cursor, Limit: Paging.LimitMax), cancellation);
            foreach (var row in page.Items) chronicles.Add(await Chronicle(store, row, cancellation));
            cursor = page.Next;
        }
        while (cursor is not null);
        return chronicles.ToImmutable();
    }

    public static async Task<Chronicle> Chronicle(IStore store, RunRow row, CancellationToken cancellation)
    {
        var head = await store.Journal.Read(row.Id, cancellation);
        var events = ImmutableArray.CreateBuilder<StoredEvent>();
        while (await store.Journal.History(row.Id, events.Count, HistoryPage, cancellation) is { IsEmpty: false } more) events.AddRange(more);
        return new Chronicle(
            row, await store.Catalog.Steps(row.Id, cancellation), head?.Version ?? 0,
            [.. events.Select(one => EventCodec.ReadEvent(one.Bytes))], await store.Catalog.Published(row.Id, cancellation));
    }

    /// <summary>Every version of every dataset.</summary>
    public static async Task<ImmutableArray<DatasetRow>> Datasets(IStore store, CancellationToken cancellation)
    {
        var names = await Pages(cursor => store.Catalog.Datasets("", cursor, Paging.LimitMax, cancellation));
        var versions = ImmutableArray.CreateBuilder<DatasetRow>();
        foreach (var name in names.Select(d => d.Name).Distinct())
            versions.AddRange(await Pages(cursor => store.Catalog.Versions(name, cursor, Paging.LimitMax, cancellation)));
        return versions.ToImmutable();
    }

    private static async Task<ImmutableArray<T>> Pages<T>(Func<string?, Task<Page<T>>> read)
    {
        var all = ImmutableArray.CreateBuilder<T>();
        string? cursor = null;
        do
        {
            var page = await read(cursor);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all.ToImmutable();
    }
}
