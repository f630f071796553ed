using System.Collections.Immutable;
using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>The journals in Postgres: reads on connections of the pool, appends through group commit on connections of their own.</summary>
internal sealed class PostgresRunJournal : IRunJournal
{
    private readonly PostgresReads _reads;
    private readonly Lanes<RunAppend, AppendOutcome> _lanes;

    public PostgresRunJournal(NpgsqlDataSource source, PostgresReads reads, PostgresOptions options, TimeProvider clock)
    {
        _reads = reads;
        _lanes = new(options.JournalLanes, options.Bounds, clock, () => new AppendLane(new PostgresLane(source)));
    }

    public Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation) =>
        _lanes.Offer(append.Checked(), cancellation);

    /// <summary>Takes no more writes, and completes when those that were taken are answered.</summary>
    public ValueTask Close() => _lanes.DisposeAsync();

    // One statement sees one moment: the snapshot and exactly the appends after it.
    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation) => _reads.Read("""
        SELECT 0::bigint AS seq, version AS last, snapshot AS bytes FROM etl.snapshots WHERE run_id = $1
        UNION ALL
        SELECT seq, seq + count - 1, events FROM etl.journal
        WHERE run_id = $1 AND seq > coalesce((SELECT version FROM etl.snapshots WHERE run_id = $1), 0)
        ORDER BY seq
        """, parameters => parameters.Add(run.Value), reader => Stored(run, reader), cancellation);

    private static async ValueTask<StoredRun?> Stored(RunId run, NpgsqlDataReader reader)
    {
        var (version, snapshotVersion, snapshot) = (0L, 0L, (byte[]?)null);
        var events = ImmutableArray.CreateBuilder<byte[]>();
        while (await reader.ReadAsync())
        {
            version = reader.GetInt64(1);
            var bytes = reader.GetFieldValue<byte[]>(2);
            if (reader.GetInt64(0) == 0) (snapshotVersion, snapshot) = (version, bytes);
            else FramedEvents.Unpack(bytes, events);
        }
        return version == 0 ? null : new StoredRun(run, version, snapshot, snapshotVersion, events.ToImmutable());
    }

    public Task HandOver(string driver, CancellationToken cancellation) => _reads.Once("""
        WITH handed AS (UPDATE etl.run_heads SET driver = NULL WHERE status = ANY ($1::text[]) AND driver = $2 RETURNING 1)
        SELECT count(*) FROM handed
        """, parameters =>
        {
            parameters.Add(PostgresRunCatalog.DrivenStatuses);
            parameters.Add(driver);
        }, async reader => await reader.ReadAsync(cancellation), cancellation);

    // The append that holds the event after the first `after`, and those behind it; each has at least one event.
    public Task<ImmutableArray<StoredEvent>> History(RunId run, long after, int countMax, CancellationToken cancellation) => _reads.Read("""
        SELECT seq, events FROM etl.journal WHERE run_id = $1
            AND seq >= coalesce((SELECT max(seq) FROM etl.journal WHERE run_id = $1 AND seq <= $2), 0)
        ORDER BY seq LIMIT $3
        """, parameters =>
        {
            parameters.Add(run.Value);
            parameters.Add(after + 1);
            parameters.Add((long)countMax + 1);
        }, reader => Events(reader, after, countMax), cancellation);

    private static async ValueTask<ImmutableArray<StoredEvent>> Events(NpgsqlDataReader reader, long after, int countMax)
    {
        var (events, append) = (ImmutableArray.CreateBuilder<StoredEvent>(), ImmutableArray.CreateBuilder<byte[]>());
        while (events.Count < countMax && await reader.ReadAsync())
        {
            var number = reader.GetInt64(0);
            append.Clear();
            FramedEvents.Unpack(reader.GetFieldValue<byte[]>(1), append);
            foreach (var bytes in append)
                if (number++ > after && events.Count < countMax) events.Add(new StoredEvent(number - 1, bytes));
        }
        return events.ToImmutable();
    }

    private sealed class AppendLane(PostgresLane lane) : ILane<RunAppend, AppendOutcome>
    {
        private readonly AppendStatement _statement = new();

        public string KeyOf(RunAppend append) => append.Run.Value;
        public WriteSize SizeOf(RunAppend append) => append.Size();
        public ValueTask DisposeAsync() => lane.DisposeAsync();

        public async ValueTask<IReadOnlyList<AppendOutcome>> Commit(IReadOnlyList<RunAppend> batch)
        {
            var parts = new AppendParts(batch);
            var held = await lane.Run(_statement.Store(parts), parts.Fill, async reader =>
                await reader.ReadAsync() && !reader.IsDBNull(0) ? reader.GetFieldValue<string[]>(0).ToHashSet() : null);
            var outcomes = new AppendOutcome[batch.Count];
            for (var i = 0; i < outcomes.Length; i++)
                if (held is null || held.Contains(batch[i].Run.Value)) outcomes[i] = new AppendOutcome.Stored(batch[i].NewVersion());
            if (held is not null) await Settle(batch, outcomes);
            return outcomes;
        }

        private async ValueTask Settle(IReadOnlyList<RunAppend> batch, AppendOutcome[] outcomes)
        {
            int[] places = [.. Enumerable.Range(0, batch.Count).Where(i => outcomes[i] is null)];
            var open = Array.ConvertAll(places, i => batch[i]);
            await lane.Run(AppendStatement.Settle, columns => AppendStatement.FillSettle(columns, open), async reader =>
            {
                foreach (var i in places)
                {
                    await reader.ReadAsync();
                    var isStored = !reader.IsDBNull(1) && reader.GetGuid(1) == batch[i].Id;
                    outcomes[i] = isStored ? new AppendOutcome.Stored(batch[i].NewVersion())
                        : batch[i].Fence is not null && reader.GetInt64(0) == 0 ? new AppendOutcome.Overtaken()
                        : new AppendOutcome.Fenced(reader.GetInt64(0));
                }
                return places.Length;
            });
        }
    }
}
