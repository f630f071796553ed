using System.Security.Cryptography;
using System.Text;
using Npgsql;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>
/// The table <c>etl_loads</c> beside the loaded tables: one row for each part of a run that loads. It names the latest attempt and,
/// once that attempt's transaction is committed, the rows that it brought. The row is written in the same transaction as
/// the rows themselves, so that it tells the truth about them whatever answers were lost; and an attempt that is not the
/// one it names changes nothing.
/// </summary>
internal sealed class LoadLedger(NpgsqlConnection connection, string schema, LoadOwner owner, CancellationToken cancellation)
{
    public const string Table = "etl_loads";
    private const string MakingLock = "SELECT pg_advisory_xact_lock(hashtextextended('etl_loads', 0))";
    private readonly string _table = $"{Sql.Name(schema)}.{Table}";

    /// <summary>Sessions of a load are known by this name and their attempt behind it.</summary>
    public static string SessionsOf(LoadOwner owner) =>
        $"etl load {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{owner.Run}\n{owner.Step}")).AsSpan(0, 12))} ";

    public static string SessionOf(LoadOwner owner) => SessionsOf(owner) + owner.Attempt;

    /// <summary>Makes the attempt the latest one. Earlier ones that still have a session lose it: one that is frozen would keep
    /// its locks for as long as it is.</summary>
    /// <returns>The rows of the attempt that has already done it; null when none has.</returns>
    public long? Enter(string target, string mode)
    {
        EndEarlierSessions();
        Make();
        using var enter = Command($"""
            INSERT INTO {_table} AS known (run, step, attempt, target, mode) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (run, step) DO UPDATE SET attempt = excluded.attempt, target = excluded.target, mode = excluded.mode,
                began_at = clock_timestamp()
            WHERE known.rows IS NULL AND known.attempt <= excluded.attempt
            """, owner.Run, owner.Step, owner.Attempt, target, mode);
        return Execute(enter) == 1 ? null : Current(locked: false);
    }

    /// <summary>Within the transaction that applies: nobody else decides about this load until it ends.</summary>
    /// <returns>The rows of the attempt that has already done it; null when it is this one's to do.</returns>
    public long? Lock() => Current(locked: true);

    /// <summary>Within the transaction that applies.</summary>
    public void Record(long rows)
    {
        using var record = Command($"""
            UPDATE {_table} SET rows = $4, applied_at = clock_timestamp() WHERE run = $1 AND step = $2 AND attempt = $3
            """, owner.Run, owner.Step, owner.Attempt, rows);
        if (Execute(record) != 1) throw Superseded();
    }

    private long? Current(bool locked)
    {
        using var ask = Command(
            $"SELECT attempt, rows FROM {_table} WHERE run = $1 AND step = $2{(locked ? " FOR UPDATE" : "")}", owner.Run, owner.Step);
        using var row = ask.ExecuteReaderAsync(cancellation).GetAwaiter().GetResult();
        if (!row.Read()) throw Superseded();
        if (!row.IsDBNull(1)) return row.GetInt64(1);
        return row.GetInt32(0) == owner.Attempt ? null : throw Superseded();
    }

    private void EndEarlierSessions()
    {
        using var ask = Command(
            "SELECT pid, application_name FROM pg_stat_activity WHERE starts_with(application_name, $1) AND pid <> pg_backend_pid()",
            SessionsOf(owner));
        var earlier = new List<int>();
        using (var row = ask.ExecuteReaderAsync(cancellation).GetAwaiter().GetResult())
            while (row.Read())
                if (int.TryParse(row.GetString(1).AsSpan(SessionsOf(owner).Length), out var attempt) && attempt < owner.Attempt)
                    earlier.Add(row.GetInt32(0));
        foreach (var process in earlier)
        {
            using var end = Command("SELECT pg_terminate_backend($1, 5000)", process);
            Execute(end);
        }
    }

    private void Make()
    {
        using var known = Command("SELECT to_regclass($1) IS NOT NULL", _table);
        if ((bool)known.ExecuteScalarAsync(cancellation).GetAwaiter().GetResult()!) return;
        using var transaction = connection.BeginTransaction();
        using var make = new NpgsqlCommand($"""
            {MakingLock};
            CREATE TABLE IF NOT EXISTS {_table} (
                run text NOT NULL, step text NOT NULL, attempt integer NOT NULL, target text NOT NULL, mode text NOT NULL,
                rows bigint, began_at timestamptz NOT NULL DEFAULT clock_timestamp(), applied_at timestamptz,
                PRIMARY KEY (run, step))
            """, connection, transaction);
        Execute(make);
        transaction.Commit();
    }

    private FaultException Superseded() => new(new Fault(
        FaultKind.Fenced, PostgresCodes.Superseded,
        $"a later attempt than {owner.Attempt} has taken over the load of step '{owner.Step}' of {owner.Run}."));

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private int Execute(NpgsqlCommand command) => command.ExecuteNonQueryAsync(cancellation).GetAwaiter().GetResult();
}
