using System.Globalization;
using Npgsql;

namespace OrleansEtl.Servers;

/// <summary>What a stretch of work cost the server: processor time of its processes, bytes of its log, transactions. Processor time says
/// what a busy machine's clock does not.</summary>
public sealed record PostgresCost(double CpuSeconds, double WalBytes, double Transactions)
{
    private const double TicksPerSecond = 100;

    /// <summary>So far; the difference of two is the cost between. Processes that ended in between are not in it.</summary>
    public static async Task<PostgresCost> SoFar(NpgsqlDataSource source)
    {
        await using var ask = source.CreateCommand("""
            SELECT (SELECT array_agg(pid) FROM pg_stat_activity), pg_current_wal_insert_lsn() - '0/0',
                (SELECT xact_commit::float8 FROM pg_stat_database WHERE datname = current_database())
            """);
        await using var reader = await ask.ExecuteReaderAsync();
        await reader.ReadAsync();
        var cpu = reader.GetFieldValue<int[]>(0).Sum(Ticks) / TicksPerSecond;
        return new(cpu, (double)reader.GetDecimal(1), reader.GetDouble(2));
    }

    public static PostgresCost operator -(PostgresCost end, PostgresCost begin) =>
        new(end.CpuSeconds - begin.CpuSeconds, end.WalBytes - begin.WalBytes, end.Transactions - begin.Transactions);

    private static long Ticks(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it ended while it was asked
        }
    }
}
