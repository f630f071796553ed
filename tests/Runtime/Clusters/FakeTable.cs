using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>One silo's way to the table, with faults of its own.</summary>
internal sealed class TableDoor(IMembershipTable table, Func<Task> fault) : IMembershipTable
{
    public Task InitializeMembershipTable(bool tryInitTableVersion) =>
        After(async () => { await table.InitializeMembershipTable(tryInitTableVersion); return true; });

    public Task DeleteMembershipTableEntries(string clusterId) => table.DeleteMembershipTableEntries(clusterId);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        After(async () => { await table.CleanupDefunctSiloEntries(beforeDate); return true; });

    public Task<MembershipTableData> ReadRow(SiloAddress key) => After(() => table.ReadRow(key));

    public Task<MembershipTableData> ReadAll() => After(table.ReadAll);

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        After(() => table.InsertRow(entry, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        After(() => table.UpdateRow(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) =>
        After(async () => { await table.UpdateIAmAlive(entry); return true; });

    // The answer, too, can be held up: that is when the writer does not know whether it wrote.
    private async Task<T> After<T>(Func<Task<T>> operation)
    {
        await fault();
        var result = await operation();
        await fault();
        return result;
    }
}

/// <summary>A membership table in memory, with the clock of its own host.</summary>
internal sealed class FakeTable(TimeProvider time) : IMembershipTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, int ETag)> _rows = [];
    private int _version;

    public int Version
    {
        get
        {
            lock (_gate) return _version;
        }
    }

    public IReadOnlyList<MembershipEntry> Rows
    {
        get
        {
            lock (_gate) return [.. _rows.Values.Select(row => Copy(row.Entry))];
        }
    }

    public SiloStatus StatusOf(SiloAddress silo)
    {
        lock (_gate) return _rows.TryGetValue(silo, out var row) ? row.Entry.Status : SiloStatus.None;
    }

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        lock (_gate)
        {
            foreach (var (silo, row) in _rows.ToArray())
            {
                if (row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < beforeDate.UtcDateTime)
                    _rows.Remove(silo);
            }
        }

        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        lock (_gate)
        {
            return Task.FromResult(_rows.TryGetValue(key, out var row)
                ? new MembershipTableData(Tuple.Create(Copy(row.Entry), $"{row.ETag}"), Current)
                : new MembershipTableData(Current));
        }
    }

    public Task<MembershipTableData> ReadAll()
    {
        lock (_gate)
        {
            return Task.FromResult(new MembershipTableData(
                [.. _rows.Values.Select(row => Tuple.Create(Copy(row.Entry), $"{row.ETag}"))], Current));
        }
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (_gate)
        {
            if (tableVersion.VersionEtag != $"{_version}" || _rows.ContainsKey(entry.SiloAddress)) return Task.FromResult(false);
            Assert(tableVersion);
            Put(entry, 0, Now);
            return Task.FromResult(true);
        }
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (_gate)
        {
            if (tableVersion.VersionEtag != $"{_version}" || !_rows.TryGetValue(entry.SiloAddress, out var row)
                || etag != $"{row.ETag}") return Task.FromResult(false);
            Assert(tableVersion);
            Xunit.Assert.NotEqual(SiloStatus.Dead, row.Entry.Status);
            Put(entry, row.ETag + 1, row.Entry.IAmAliveTime);
            return Task.FromResult(true);
        }
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(entry.SiloAddress, out var row)) row.Entry.IAmAliveTime = Now;
        }

        return Task.CompletedTask;
    }

    private TableVersion Current => new(_version, $"{_version}");

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private void Assert(TableVersion next) => Xunit.Assert.Equal(_version + 1, next.Version);

    private void Put(MembershipEntry entry, int etag, DateTime alive)
    {
        var row = Copy(entry);
        row.IAmAliveTime = alive;
        _rows[entry.SiloAddress] = (row, etag);
        _version++;
    }

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is { } votes ? [.. votes] : null,
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };
}
