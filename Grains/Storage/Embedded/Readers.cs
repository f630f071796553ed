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

    public Task<T> Read<T>(Func<Connection, T> read, CancellationToken cancellation) => _places.Wait(0, CancellationToken.None)
        ? Task.Run(() => ReadThenLeave(read, cancellation), CancellationToken.None)
        : Wait(read, cancellation);

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var connection)) connection.Dispose();
    }

    private async Task<T> Wait<T>(Func<Connection, T> read, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        return await Task.Run(() => ReadThenLeave(read, cancellation), CancellationToken.None).ConfigureAwait(false);
    }

    private T ReadThenLeave<T>(Func<Connection, T> read, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return ReadNow(read);
        }
        finally
        {
            _places.Release();
        }
    }

    private T ReadNow<T>(Func<Connection, T> read)
    {
        if (_disposed) throw StorageFaults.Closed();
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
