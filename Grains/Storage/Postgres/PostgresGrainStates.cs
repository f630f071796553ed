using System.Collections.Immutable;
using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>Grain states in Postgres: reads on connections of the pool, writes through group commit.</summary>
internal sealed class PostgresGrainStates : IGrainStates
{
    private readonly PostgresReads _reads;
    private readonly Lanes<StateWrite, StateOutcome> _lanes;

    public PostgresGrainStates(NpgsqlDataSource source, PostgresReads reads, PostgresOptions options, TimeProvider clock)
    {
        _reads = reads;
        _lanes = new(options.StateLanes, options.Bounds, clock, () => new StateLane(new PostgresLane(source)));
    }

    public Task<StoredState?> Read(StateKey key, CancellationToken cancellation) => _reads.First(
        "SELECT version, value FROM etl.grain_state WHERE grain_id = $1 AND state_name = $2",
        parameters =>
        {
            parameters.Add(PostgresText.Stored(key.Grain));
            parameters.Add(PostgresText.Stored(key.Name));
        },
        row => new StoredState(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)), cancellation);

    public Task<StateOutcome> Write(StateWrite write, CancellationToken cancellation) => _lanes.Offer(write, cancellation);

    public async Task<Page<KeyedState>> List(string grainType, string name, string? cursor, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        var prefix = StateKey.Prefix(grainType);
        var states = await _reads.All("""
            SELECT grain_id, version, value FROM etl.grain_state
            WHERE grain_id > $1 AND grain_id < $2 AND state_name = $3 AND value IS NOT NULL
            ORDER BY grain_id LIMIT $4
            """,
            parameters =>
            {
                parameters.Add(PostgresText.Stored(prefix + cursor));
                parameters.Add(StateKey.End(grainType));
                parameters.Add(PostgresText.Stored(name));
                parameters.Add(limit + 1L);
            },
            row => new KeyedState(
                PostgresText.Said(row.GetString(0))[prefix.Length..], row.GetInt64(1), row.GetFieldValue<byte[]>(2)), cancellation);
        return states.ToPage(limit, state => state.Key);
    }

    public Task<ImmutableArray<DueGrain>> Due(DateTimeOffset now, DueGrain? after, int limit, CancellationToken cancellation)
    {
        Paging.Checked(limit);
        return _reads.All("""
            SELECT grain_id, due_at FROM etl.grain_state
            WHERE due_at <= $1 AND (due_at, grain_id) > ($2, $3)
            ORDER BY due_at, grain_id LIMIT $4
            """,
            parameters =>
            {
                parameters.Add(Instants.Stored(now));
                parameters.Add(Instants.Stored(after?.At) ?? long.MinValue);
                parameters.Add(PostgresText.Stored(after?.Grain ?? ""));
                parameters.Add((long)limit);
            },
            row => new DueGrain(PostgresText.Said(row.GetString(0)), Instants.Time(row.GetInt64(1))), cancellation);
    }

    /// <summary>Takes no more writes, and completes when those that were taken are answered.</summary>
    public ValueTask Close() => _lanes.DisposeAsync();
}

/// <summary>Batches of grain states, each as one statement. Writes that expect nothing and writes that expect a version are different
/// rows of it: only the first may make a row, or fill an empty one.</summary>
internal sealed class StateLane(PostgresLane lane) : ILane<StateWrite, StateOutcome>
{
    private static readonly PostgresStatement Store = new("""
        WITH added AS (
            INSERT INTO etl.grain_state AS old (grain_id, state_name, write_id, value, due_at, version)
            SELECT *, 1 FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bytea[], $5::bigint[])
            ON CONFLICT (grain_id, state_name) DO UPDATE
                SET version = old.version + 1, write_id = excluded.write_id, value = excluded.value, due_at = excluded.due_at
                WHERE old.value IS NULL AND old.write_id <> excluded.write_id
            RETURNING write_id, version),
        changed AS (
            UPDATE etl.grain_state s SET version = s.version + 1, write_id = w.write_id, value = w.value, due_at = w.due_at
            FROM unnest($6::text[], $7::text[], $8::uuid[], $9::bytea[], $10::bigint[], $11::bigint[])
                AS w (grain_id, state_name, write_id, value, due_at, expected)
            WHERE s.grain_id = w.grain_id AND s.state_name = w.state_name AND s.version = w.expected
            RETURNING w.write_id)
        SELECT (SELECT array_agg(write_id) FROM added), (SELECT array_agg(version) FROM added),
            (SELECT CASE WHEN count(*) < cardinality($8) THEN coalesce(array_agg(write_id), '{}') END FROM changed)
        """, columns => Fill(columns, [], []));

    /// <summary>Why a write did not hold: it is stored already, or somebody else wrote.</summary>
    private static readonly PostgresStatement Settle = new("""
        SELECT coalesce(s.version, 0), s.write_id
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (grain_id, state_name, place)
        LEFT JOIN etl.grain_state s ON s.grain_id = w.grain_id AND s.state_name = w.state_name
        ORDER BY w.place
        """, columns => FillKeys(columns, []));

    public string KeyOf(StateWrite write) => $"{write.Key.Grain}\0{write.Key.Name}";

    public WriteSize SizeOf(StateWrite write) =>
        new(1, 2L * (write.Key.Grain.Length + write.Key.Name.Length) + (write.Value?.Length ?? 0));

    public ValueTask DisposeAsync() => lane.DisposeAsync();

    public async ValueTask<IReadOnlyList<StateOutcome>> Commit(IReadOnlyList<StateWrite> batch)
    {
        var (first, later) = (new List<StateWrite>(), new List<StateWrite>(batch.Count));
        foreach (var write in batch) (write.ExpectedVersion == 0 ? first : later).Add(write);
        var (added, changed) = await lane.Run(Store, columns => Fill(columns, first, later), Held);
        var outcomes = new StateOutcome[batch.Count];
        List<int>? open = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            var write = batch[i];
            if (write.ExpectedVersion != 0 && (changed is null || changed.Contains(write.Id)))
                outcomes[i] = new StateOutcome.Stored(write.ExpectedVersion + 1);
            else if (write.ExpectedVersion == 0 && added is not null && added.TryGetValue(write.Id, out var version))
                outcomes[i] = new StateOutcome.Stored(version);
            else (open ??= []).Add(i);
        }
        if (open is not null) await SettleAll(batch, outcomes, open);
        return outcomes;
    }

    /// <summary>The versions of the writes that expected nothing and hold, and which of the others hold; null: all.</summary>
    private static async ValueTask<(Dictionary<Guid, long>? Added, HashSet<Guid>? Changed)> Held(NpgsqlDataReader reader)
    {
        await reader.ReadAsync();
        Dictionary<Guid, long>? added = null;
        if (!reader.IsDBNull(0))
        {
            var ids = reader.GetFieldValue<Guid[]>(0);
            var versions = reader.GetFieldValue<long[]>(1);
            added = new(ids.Zip(versions, KeyValuePair.Create));
        }
        return (added, reader.IsDBNull(2) ? null : [.. reader.GetFieldValue<Guid[]>(2)]);
    }

    private async ValueTask SettleAll(IReadOnlyList<StateWrite> batch, StateOutcome[] outcomes, List<int> open)
    {
        var writes = open.ConvertAll(i => batch[i]);
        await lane.Run(Settle, columns => FillKeys(columns, writes), async reader =>
        {
            foreach (var i in open)
            {
                await reader.ReadAsync();
                var version = reader.GetInt64(0);
                outcomes[i] = !reader.IsDBNull(1) && reader.GetGuid(1) == batch[i].Id
                    ? new StateOutcome.Stored(version)
                    : new StateOutcome.Stale(version);
            }
            return open.Count;
        });
    }

    private static void Fill(Columns columns, List<StateWrite> first, List<StateWrite> later)
    {
        foreach (var writes in (List<StateWrite>[])[first, later])
        {
            FillKeys(columns, writes);
            columns.Add(writes, w => w.Id);
            columns.Add(writes, w => w.Value);
            columns.Add(writes, w => Instants.Stored(w.DueAt));
        }
        columns.Add(later, w => w.ExpectedVersion);
    }

    private static void FillKeys(Columns columns, List<StateWrite> writes)
    {
        columns.Add(writes, w => PostgresText.Stored(w.Key.Grain));
        columns.Add(writes, w => PostgresText.Stored(w.Key.Name));
    }
}
