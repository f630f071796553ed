using System.Collections.Concurrent;

namespace OrleansEtl.Storage;

/// <summary>The connections for reading. A read runs on the thread pool, in one transaction, and holds its connection meanwhile.</summary>
internal sealed class Readers : IDisposable
{
    /// <summary>Reads are short; more of them at once than there are cores to read with make nothing faster.</summary>
    private const int ConnectionsMax = 4;

    private readonly ConcurrentBag<Connection> _idle = [];
    private readonly SemaphoreSlim _places = new(ConnectionsMax);
    private volatile bool _disposed;

    public Readers(Connection first)
    {
        Path = first.Path;
        _idle.Add(first);
    }

    public string Path { get; }

    public async Task<T> Read<T>(Func<Connection, T> read, CancellationToken cancellation)
    {
        if (_disposed) throw StorageFaults.Closed();
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ReadNow(read), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var connection)) connection.Dispose();
    }

    private T ReadNow<T>(Func<Connection, T> read)
    {
        var connection = _idle.TryTake(out var idle) ? idle : new Connection(Path);
        try
        {
            return connection.Read(() => read(connection));
        }
        finally
        {
            _idle.Add(connection);
            if (_disposed) Dispose();
        }
    }
}
