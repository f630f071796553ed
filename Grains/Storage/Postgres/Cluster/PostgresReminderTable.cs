using System.Globalization;
using Npgsql;
using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Storage;

/// <summary>The reminders of one service in Postgres. Each write has an etag of its own, so that no etag means two
/// reminders.</summary>
internal sealed class PostgresReminderTable(NpgsqlDataSource source, string serviceId, TimeProvider clock) : IReminderTable
{
    private const string Rows = "SELECT grain_id, name, start_at, period, etag FROM etl.reminders WHERE service_id = $1";

    private readonly PostgresReads _table = new(source, TimeSpan.Zero, clock);

    public Task StartAsync(CancellationToken cancellationToken = default) =>
        PostgresSchema.BringUpToDate(source, cancellationToken);

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Read($"{Rows} AND grain_id = $2", columns => columns.Add(Key(grainId)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Read(
        begin < end ? $"{Rows} AND grain_hash > $2 AND grain_hash <= $3" : $"{Rows} AND (grain_hash > $2 OR grain_hash <= $3)",
        columns =>
        {
            columns.Add((long)begin);
            columns.Add((long)end);
        });

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        var found = await Read($"{Rows} AND grain_id = $2 AND name = $3", columns => Fill(columns, grainId, reminderName));
        return found.Reminders.FirstOrDefault();
    }

    public Task<string?> UpsertRow(ReminderEntry entry) => _table.Once<string?>("""
        INSERT INTO etl.reminders AS old (service_id, grain_id, name, grain_hash, start_at, period) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (service_id, grain_id, name) DO UPDATE SET start_at = excluded.start_at, period = excluded.period, etag = DEFAULT
        RETURNING etag
        """, columns =>
        {
            columns.Add(serviceId);
            Fill(columns, entry.GrainId, entry.ReminderName);
            columns.Add((long)entry.GrainId.GetUniformHashCode());
            columns.Add(Instants.Stored(new DateTimeOffset(DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc))));
            columns.Add(entry.Period.Ticks);
        }, async reader => await reader.ReadAsync() ? Text(reader.GetInt64(0)) : "", CancellationToken.None);

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => _table.Once(
        "DELETE FROM etl.reminders WHERE service_id = $1 AND grain_id = $2 AND name = $3 AND etag = $4",
        columns =>
        {
            columns.Add(serviceId);
            Fill(columns, grainId, reminderName);
            columns.Add(long.TryParse(eTag, NumberStyles.None, CultureInfo.InvariantCulture, out var etag) ? etag : -1);
        }, reader => new ValueTask<bool>(reader.RecordsAffected == 1), CancellationToken.None);

    public Task TestOnlyClearTable() => _table.Once("DELETE FROM etl.reminders WHERE service_id = $1",
        columns => columns.Add(serviceId), reader => new ValueTask<int>(reader.RecordsAffected), CancellationToken.None);

    private async Task<ReminderTableData> Read(string sql, Action<Columns> fill) => new(await _table.All(sql, columns =>
    {
        columns.Add(serviceId);
        fill(columns);
    }, Entry, CancellationToken.None));

    private static ReminderEntry Entry(NpgsqlDataReader row) => new()
    {
        GrainId = GrainId.Parse(PostgresText.Said(row.GetString(0)), CultureInfo.InvariantCulture),
        ReminderName = PostgresText.Said(row.GetString(1)),
        StartAt = Instants.Time(row.GetInt64(2)).UtcDateTime,
        Period = new TimeSpan(row.GetInt64(3)),
        ETag = Text(row.GetInt64(4)),
    };

    private static void Fill(Columns columns, GrainId grain, string name)
    {
        columns.Add(Key(grain));
        columns.Add(PostgresText.Stored(name));
    }

    private static string Key(GrainId grain) => PostgresText.Stored(grain.ToString());

    private static string Text(long etag) => etag.ToString(CultureInfo.InvariantCulture);
}
