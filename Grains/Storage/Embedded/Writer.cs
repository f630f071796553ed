namespace OrleansEtl.Storage;

/// <summary>The writing side of an embedded store. Its thread and its connection come with the first write.</summary>
internal sealed class Writer(string path) : IDisposable
{
    /// <summary>Single writes (drivers, letters) that wait for the thread; group commits have bounds of their own.</summary>
    private const int WaitingMax = 1_000;

    /// <summary>Holds the pages that a thousand runs write to at once; readers do with SQLite's own 2 MB each.</summary>
    private const int CacheKilobytes = 16_000;

    /// <summary>What a burst may leave behind of the log, which is otherwise folded into the store every 4 MB.</summary>
    private const int LogBytesMax = 16 << 20;

    private readonly WaitingRoom _room = new(WaitingMax, long.MaxValue);
    private readonly Lazy<WriterThread> _thread = new(() => new WriterThread("store writer"));
    private Connection? _connection;
    private ulong? _file;
    private bool _disposed;

    /// <summary>Does the work in one transaction.</summary>
    public async Task<T> Write<T>(Func<Connection, T> work, CancellationToken cancellation)
    {
        await _room.Enter(0, cancellation).ConfigureAwait(false);
        try
        {
            return await Thread.Run(() => OnThread(work), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _room.Leave(0);
        }
    }

    /// <summary>As <see cref="Write"/>, for a caller that is on the writer's thread.</summary>
    public T OnThread<T>(Func<Connection, T> work)
    {
        var connection = _connection ??= Connect();
        if (FileIdentity.Of(path) != _file) throw StorageFaults.TakenAway(path); // what SQLite wrote now would be in no folder
        return connection.Write(() => work(connection));
    }

    public void Launch(Func<Task> pump) => Thread.Post(static work => _ = ((Func<Task>)work!)(), pump);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_thread.IsValueCreated) _thread.Value.Dispose();
        _connection?.Dispose();
    }

    private Connection Connect()
    {
        _file = FileIdentity.Of(path);
        var connection = new Connection(path);
        connection.Run($"PRAGMA cache_size = -{CacheKilobytes}; PRAGMA journal_size_limit = {LogBytesMax}");
        return connection;
    }

    private WriterThread Thread => _disposed ? throw StorageFaults.Closed() : _thread.Value;
}
