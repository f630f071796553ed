using SQLitePCL;

namespace OrleansEtl.Storage;

/// <summary>What SQLite's result codes mean to the one who meets them.</summary>
internal static class SqliteFaults
{
    private const int ShmSize = raw.SQLITE_IOERR | (19 << 8);

    public static FaultException From(Connection connection, sqlite3 handle, int code)
    {
        var found = $"{raw.sqlite3_errmsg(handle).utf8_to_string()}, SQLite code {code}";
        var path = connection.Path;
        return (code, code & 0xff) switch
        {
            // The shared-memory file could not grow: the disk again, under another name.
            (ShmSize, _) => StorageFaults.DiskFull(path),
            (_, raw.SQLITE_FULL) => StorageFaults.DiskFull(path),
            (_, raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL) => StorageFaults.Busy(path, found),
            (_, raw.SQLITE_IOERR or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT) => StorageFaults.Unreachable(path, found),
            (_, raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB) => StorageFaults.Damaged(path, found),
            (_, raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY) => StorageFaults.CannotOpen(path, found),
            _ => StorageFaults.Refused(path, found),
        };
    }
}
