using Orleans;
using Orleans.Runtime;

namespace OrleansEtl.Runtime.Tests.Clusters;

/// <summary>A membership table in memory, with the clock of its own host and faults on demand.</summary>
internal sealed class FakeTable(TimeProvider time) : IMembershipTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, int ETag)> _rows = [];
    private int _version;

    /// <summary>Called before each operation: waits, or throws.</summary>
    public Func<Task> Fault { get; set; } = static () => Task.CompletedTask;

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

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Fault();

    public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

    public async Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        await Fault();
        lock (_gate)
        {
            foreach (var (silo, row) in _rows.ToArray())
            {
                if (row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < beforeDate.UtcDateTime)
                    _rows.Remove(silo);
            }
        }
    }

    public async Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        await Fault();
        lock (_gate)
        {
            return _rows.TryGetValue(key, out var row)
                ? new(Tuple.Create(Copy(row.Entry), $"{row.ETag}"), Current)
                : new MembershipTableData(Current);
        }
    }

    public async Task<MembershipTableData> ReadAll()
    {
        await Fault();
        lock (_gate)
            return new([.. _rows.Values.Select(row => Tuple.Create(Copy(row.Entry), $"{row.ETag}"))], Current);
    }

    public async Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        await Fault();
        lock (_gate)
        {
            if (tableVersion.VersionEtag != $"{_version}" || _rows.ContainsKey(entry.SiloAddress)) return false;
            Assert(tableVersion);
            Put(entry, 0, Now);
            return true;
        }
    }

    public async Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        await Fault();
        lock (_gate)
        {
            if (tableVersion.VersionEtag != $"{_version}" || !_rows.TryGetValue(entry.SiloAddress, out var row)
                || etag != $"{row.ETag}") return false;
            Assert(tableVersion);
            Xunit.Assert.NotEqual(SiloStatus.Dead, row.Entry.Status);
            Put(entry, row.ETag + 1, row.Entry.IAmAliveTime);
            return true;
        }
    }

    public async Task UpdateIAmAlive(MembershipEntry entry)
    {
        await Fault();
        lock (_gate)
        {
            if (_rows.TryGetValue(entry.SiloAddress, out var row)) row.Entry.IAmAliveTime = Now;
        }
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
