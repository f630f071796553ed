using System.Collections.Immutable;
using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>Reads on connections of the pool. A read changes nothing, so while the server is away it is asked again for a while.</summary>
internal sealed class PostgresReads(NpgsqlDataSource source, TimeSpan patience, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private volatile bool _closed;

    public void Close() => _closed = true;

    public async Task<T> Read<T>(
        string sql, Action<Columns> fill, Func<NpgsqlDataReader, ValueTask<T>> read, CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await Once(sql, fill, read, cancellation);
            }
            catch (FaultException e) when (e.Fault.Kind == FaultKind.Unavailable && !_closed && clock.GetElapsedTime(begun) < patience)
            {
                await Task.Delay(pause, clock, cancellation);
            }
        }
    }

    public Task<ImmutableArray<T>> All<T>(string sql, Action<Columns> fill, Func<NpgsqlDataReader, T> row, CancellationToken cancellation) =>
        Read(sql, fill, async reader =>
        {
            var rows = ImmutableArray.CreateBuilder<T>();
            while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
            return rows.ToImmutable();
        }, cancellation);

    public Task<T?> First<T>(string sql, Action<Columns> fill, Func<NpgsqlDataReader, T> row, CancellationToken cancellation) =>
        Read(sql, fill, async reader => await reader.ReadAsync(cancellation) ? row(reader) : default, cancellation);

    /// <summary>One try, of a read or of a write that is not repeated.</summary>
    public async Task<T> Once<T>(
        string sql, Action<Columns> fill, Func<NpgsqlDataReader, ValueTask<T>> read, CancellationToken cancellation)
    {
        if (_closed) throw StorageFaults.Closed();
        try
        {
            await using var command = source.CreateCommand(sql);
            fill(new Columns(command.Parameters));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            return await read(reader);
        }
        catch (Exception e) when (PostgresFaults.From(e) is { } fault)
        {
            throw fault;
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            throw PostgresFaults.Refused(e);
        }
    }
}
