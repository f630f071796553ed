using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace OrleansEtl.Bench;

/// <summary>What a Postgres server on this machine has spent.</summary>
internal sealed class ServerWatch(NpgsqlDataSource source)
{
    private const double TicksPerSecond = 100;
    /// <summary>Backends tell their statistics once a second.</summary>
    private static readonly TimeSpan Told = TimeSpan.FromMilliseconds(1_100);

    public readonly record struct Spent(long Transactions, long WalBytes, TimeSpan Cpu);

    public async Task<Spent> Look()
    {
        var cpu = await Cpu();
        await using var wal = source.CreateCommand("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");
        var bytes = (long)(await wal.ExecuteScalarAsync())!;
        await Task.Delay(Told);
        await using var commits = source.CreateCommand("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
        return new Spent((long)(await commits.ExecuteScalarAsync())!, bytes, cpu);
    }

    /// <summary>Of all the server's processes that live.</summary>
    private async Task<TimeSpan> Cpu()
    {
        await using var command = source.CreateCommand("SELECT pg_backend_pid()");
        var server = Stat((int)(await command.ExecuteScalarAsync())!)!.Value.Parent;
        var ticks = 0L;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process)
                && Stat(process) is { } stat && (stat.Parent == server || process == server)) ticks += stat.Ticks;
        }
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static (int Parent, long Ticks)? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture),
                long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
        }
        catch (IOException) // it has ended meanwhile
        {
            return null;
        }
    }
}

/// <summary>The yardstick: rows of 300 bytes, inserted a few hundred a commit, by two connections.</summary>
internal static class BareCommits
{
    private const int RowsPerCommit = 200, RowBytes = 300, Connections = 2;

    public static async Task<double> RowsPerSecond(NpgsqlDataSource source, TimeSpan stretch)
    {
        await using (var create = source.CreateCommand("CREATE TABLE bare (id bigint PRIMARY KEY, value bytea)"))
            await create.ExecuteNonQueryAsync();
        var (rows, next, watch) = (0L, 0L, Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            var values = Enumerable.Range(0, RowsPerCommit).Select(_ => new byte[RowBytes]).ToArray();
            while (watch.Elapsed < stretch)
            {
                var first = Interlocked.Add(ref next, RowsPerCommit) - RowsPerCommit;
                await using var insert = source.CreateCommand("INSERT INTO bare SELECT * FROM unnest($1, $2)");
                insert.Parameters.Add(new NpgsqlParameter<long[]>
                {
                    TypedValue = [.. Enumerable.Range(0, RowsPerCommit).Select(i => first + i)],
                });
                insert.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = values });
                await insert.ExecuteNonQueryAsync();
                Interlocked.Add(ref rows, RowsPerCommit);
            }
        })));
        var rate = rows / watch.Elapsed.TotalSeconds;
        await using var drop = source.CreateCommand("DROP TABLE bare");
        await drop.ExecuteNonQueryAsync();
        return rate;
    }
}
