using SQLitePCL;

namespace OrleansEtl.Storage;

/// <summary>One connection to a SQLite file, used by one thread at a time. Every failure of SQLite leaves here as a
/// <see cref="FaultException"/>.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>How often a transaction asks for a lock that another process holds: about five seconds, since after the first few tries
    /// each is a millisecond after the one before. SQLite's own waiting is of no use here: as it is built, it sleeps whole
    /// seconds.</summary>
    private const int TriesMax = 5_000;

    private const int NoCheckpointOnClose = 1006;

    private readonly Dictionary<string, Statement> _statements = [];
    private readonly sqlite3 _handle;
    private readonly Statement _begin, _beginImmediate, _beginExclusive, _commit;

    static Connection() => Batteries_V2.Init();

    /// <summary>Opens the file for reading and writing; makes it only with <paramref name="create"/>.</summary>
    public Connection(string path, bool create = false)
    {
        Path = path;
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (create ? raw.SQLITE_OPEN_CREATE : 0);
        var code = raw.sqlite3_open_v2(path, out _handle, flags, null);
        try
        {
            Check(code);
            Check(raw.sqlite3_extended_result_codes(_handle, 1));
            // FULL flushes the log at every commit: an answered write survives a power cut.
            Patiently(() => Set("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;")); // another may just recover the log
            // A log that stays in place is written over. Each commit to one that has to grow again costs the file system a
            // transaction of its own: milliseconds instead of a tenth of one.
            if (!create) Check(raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 1, out _));
            _begin = Prepare("BEGIN");
            _beginImmediate = Prepare("BEGIN IMMEDIATE");
            _beginExclusive = Prepare("BEGIN EXCLUSIVE");
            _commit = Prepare("COMMIT");
        }
        catch
        {
            raw.sqlite3_close_v2(_handle);
            throw;
        }
    }

    public string Path { get; }

    /// <summary>The texts of the statements that were prepared.</summary>
    public IEnumerable<string> Texts => [.. _statements.Keys];

    /// <summary>The statement with this text, prepared once for the life of the connection.</summary>
    public Statement Prepare(string sql)
    {
        if (_statements.TryGetValue(sql, out var statement)) return statement;
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        return _statements[sql] = new Statement(this, handle);
    }

    private int Set(string pragmas)
    {
        Run(pragmas);
        return 0;
    }

    /// <summary>Runs a script.</summary>
    public void Run(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>A transaction that holds the write lock from its start, so that nothing it has read can change under it.</summary>
    public T Write<T>(Func<T> work) => Transact(_beginImmediate, work);

    /// <summary>As <see cref="Write"/>, and nobody else has so much as a read under way.</summary>
    public T Alone<T>(Func<T> work) => Transact(_beginExclusive, work);

    /// <summary>A transaction that sees one state of the store throughout. The work may be done more than once.</summary>
    public T Read<T>(Func<T> work) => Patiently(() => Transact(_begin, work));

    public int Changes => raw.sqlite3_changes(_handle);

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE)) throw SqliteFaults.From(this, _handle, code);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        raw.sqlite3_close_v2(_handle);
    }

    private T Transact<T>(Statement begin, Func<T> work)
    {
        Patiently(() => begin.Begin().Execute());
        try
        {
            var result = work();
            _commit.Begin().Execute();
            return result;
        }
        catch
        {
            // SQLite has rolled back by itself after some failures; after others, the commit's among them, it waits for the order.
            if (raw.sqlite3_get_autocommit(_handle) == 0) raw.sqlite3_exec(_handle, "ROLLBACK");
            throw;
        }
    }

    private static T Patiently<T>(Func<T> act)
    {
        var pause = new SpinWait();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return act();
            }
            catch (FaultException e) when (StorageFaults.IsBusy(e.Fault) && tries < TriesMax)
            {
                pause.SpinOnce();
            }
        }
    }
}
