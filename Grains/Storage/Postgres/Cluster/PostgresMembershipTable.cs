using System.Globalization;
using Npgsql;
using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Storage;

/// <summary>The silos of one cluster in Postgres. An insert or update moves the cluster's version in the same statement, and holds only if
/// nobody moved it in between.</summary>
/// <remarks>Times are this server's alone: it writes when a silo started and was last alive, whatever the entry says, and a reader gets
/// each time as long ago by its own clock as it is by the server's. So a lease is judged rightly on hosts whose clocks differ, to within
/// the time of one answer; suspicions are carried over in the same way. A row's etag stays when only its
/// <see cref="MembershipEntry.IAmAliveTime"/> is written.</remarks>
internal sealed class PostgresMembershipTable(NpgsqlDataSource source, string clusterId, TimeProvider clock) : IMembershipTable
{
    private readonly PostgresReads _table = new(source, TimeSpan.Zero, clock);

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        await PostgresSchema.BringUpToDate(source, CancellationToken.None);
        if (!tryInitTableVersion) return;
        await Write("INSERT INTO etl.membership_versions (cluster_id, version) VALUES ($1, 0) ON CONFLICT DO NOTHING", _ => { });
    }

    public Task DeleteMembershipTableEntries(string clusterId) => _table.Once("""
        WITH silos AS (DELETE FROM etl.membership WHERE cluster_id = $1)
        DELETE FROM etl.membership_versions WHERE cluster_id = $1
        """, columns => columns.Add(clusterId), Changed, CancellationToken.None);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Write("""
        DELETE FROM etl.membership WHERE cluster_id = $1 AND status = $2 AND alive_at < now() - make_interval(secs => $3)
        """, columns =>
        {
            columns.Add((int)SiloStatus.Dead);
            columns.Add((clock.GetUtcNow() - beforeDate).TotalSeconds);
        });

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Read(key.ToParsableString());

    public Task<MembershipTableData> ReadAll() => Read(silo: null);

    public async Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => await Write("""
        WITH moved AS (
            UPDATE etl.membership_versions SET version = $2 WHERE cluster_id = $1 AND version = $3
                AND NOT EXISTS (SELECT FROM etl.membership m WHERE m.cluster_id = $1 AND m.silo = $4)
            RETURNING version)
        INSERT INTO etl.membership (cluster_id, silo, status, suspects, suspected_at, host_name, silo_name, role_name, proxy_port,
            update_zone, fault_zone, etag, started_at, alive_at)
        SELECT $1, $4, $5, $6, ARRAY(SELECT now() - make_interval(secs => age) FROM unnest($7::float8[]) age), $8, $9, $10, $11,
            $12, $13, version, now(), now() FROM moved
        """, columns =>
        {
            Fill(columns, entry, tableVersion);
            columns.Add(entry.HostName ?? "");
            columns.Add(entry.SiloName ?? "");
            columns.Add<string?>(entry.RoleName);
            columns.Add(entry.ProxyPort);
            columns.Add(entry.UpdateZone);
            columns.Add(entry.FaultZone);
        }) == 1;

    // A silo that joins or becomes active says so itself, hence is alive; other changes may be made by others.
    public async Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => await Write("""
        WITH moved AS (
            UPDATE etl.membership_versions SET version = $2 WHERE cluster_id = $1 AND version = $3
                AND EXISTS (SELECT FROM etl.membership m WHERE m.cluster_id = $1 AND m.silo = $4 AND m.etag = $8)
            RETURNING version)
        UPDATE etl.membership m SET status = $5, suspects = $6, etag = moved.version,
            suspected_at = ARRAY(SELECT now() - make_interval(secs => age) FROM unnest($7::float8[]) age),
            alive_at = CASE WHEN m.status < $5 AND $5 <= $9 THEN now() ELSE m.alive_at END
        FROM moved WHERE m.cluster_id = $1 AND m.silo = $4
        """, columns =>
        {
            Fill(columns, entry, tableVersion);
            columns.Add(Number(etag));
            columns.Add((int)SiloStatus.Active);
        }) == 1;

    public Task UpdateIAmAlive(MembershipEntry entry) => Write(
        "UPDATE etl.membership SET alive_at = now() WHERE cluster_id = $1 AND silo = $2",
        columns => columns.Add(entry.SiloAddress.ToParsableString()));

    private void Fill(Columns columns, MembershipEntry entry, TableVersion next)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var suspects = entry.SuspectTimes ?? [];
        columns.Add(next.Version);
        columns.Add((int)Number(next.VersionEtag));
        columns.Add(entry.SiloAddress.ToParsableString());
        columns.Add((int)entry.Status);
        columns.Add(suspects, suspect => suspect.Item1.ToParsableString());
        columns.Add(suspects, suspect => (now - suspect.Item2).TotalSeconds);
    }

    private Task<int> Write(string sql, Action<Columns> fill) => _table.Once(sql, columns =>
    {
        columns.Add(clusterId);
        fill(columns);
    }, Changed, CancellationToken.None);

    private static ValueTask<int> Changed(NpgsqlDataReader reader) => new(reader.RecordsAffected);

    private Task<MembershipTableData> Read(string? silo) => _table.Once("""
        SELECT v.version, m.silo, m.etag, m.status, m.host_name, m.silo_name, m.role_name, m.proxy_port, m.update_zone, m.fault_zone,
            extract(epoch FROM clock_timestamp() - m.started_at)::float8, extract(epoch FROM clock_timestamp() - m.alive_at)::float8,
            m.suspects, ARRAY(SELECT extract(epoch FROM clock_timestamp() - t)::float8 FROM unnest(m.suspected_at) t)
        FROM etl.membership_versions v
        LEFT JOIN etl.membership m ON m.cluster_id = v.cluster_id AND ($2::text IS NULL OR m.silo = $2)
        WHERE v.cluster_id = $1
        """, columns =>
        {
            columns.Add(clusterId);
            columns.Add(silo);
        }, async reader =>
        {
            var (version, silos) = (0, new List<Tuple<MembershipEntry, string>>());
            while (await reader.ReadAsync())
            {
                version = reader.GetInt32(0);
                if (!reader.IsDBNull(1)) silos.Add(Tuple.Create(Entry(reader), Text(reader.GetInt64(2))));
            }
            return new MembershipTableData(silos, new TableVersion(version, Text(version)));
        }, CancellationToken.None);

    private MembershipEntry Entry(NpgsqlDataReader row)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var ages = row.GetFieldValue<double[]>(13);
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.FromParsableString(row.GetString(1)),
            Status = (SiloStatus)row.GetInt32(3),
            HostName = row.GetString(4),
            SiloName = row.GetString(5),
            RoleName = row.IsDBNull(6) ? null : row.GetString(6),
            ProxyPort = row.GetInt32(7),
            UpdateZone = row.GetInt32(8),
            FaultZone = row.GetInt32(9),
            StartTime = now.AddSeconds(-row.GetDouble(10)),
            IAmAliveTime = now.AddSeconds(-row.GetDouble(11)),
            SuspectTimes = [.. row.GetFieldValue<string[]>(12)
                .Select((silo, i) => Tuple.Create(SiloAddress.FromParsableString(silo), now.AddSeconds(-ages[i])))],
        };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>An etag that is none of ours fits no row.</summary>
    private static long Number(string? etag) =>
        int.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
