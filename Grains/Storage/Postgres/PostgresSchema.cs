using System.Globalization;
using System.Reflection;
using Npgsql;

namespace OrleansEtl.Storage;

/// <summary>The schema <c>etl</c> of a database: made and brought up to date by numbered migrations, in one transaction, under an
/// advisory lock, so that any number of silos may start at once. A newer schema is left alone.</summary>
internal static class PostgresSchema
{
    /// <summary>"etl" and a number of our own; advisory locks of one database share their numbers.</summary>
    private const long LockNumber = 0x65746C_0001;
    private const string Folder = ".Postgres.Migrations.";

    private static readonly Lazy<Migration[]> Migrations = new(ReadMigrations);

    public static int Newest => Migrations.Value[^1].Version;

    /// <exception cref="FaultException">ETL4401 the schema is newer than this program; ETL4402 the database cannot be reached;
    /// ETL4404 it refuses this user.</exception>
    public static async Task BringUpToDate(NpgsqlDataSource source, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
            if (await Version(connection, cancellation) == Newest) return;
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await Run(connection, $"SELECT pg_advisory_xact_lock({LockNumber})", cancellation);
            await Migrate(connection, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (Exception e) when (PostgresFaults.OfOpening(e, source) is { } fault)
        {
            throw fault;
        }
    }

    private static async Task Migrate(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // Another silo may have done it while this one waited for the lock.
        var version = await Version(connection, cancellation);
        if (version == Newest) return;
        foreach (var migration in Migrations.Value)
            if (migration.Version > version) await Run(connection, migration.Sql, cancellation);
        await Run(connection, $"INSERT INTO etl.schema_versions (version, applied_at) VALUES ({Newest}, now())", cancellation);
    }

    private static async Task<int> Version(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // Read as rows: a name that is looked up may be remembered as unknown from before the wait for the lock.
        await using var known = new NpgsqlCommand("""
            SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'etl' AND tablename = 'schema_versions')
            """, connection);
        if (!(bool)(await known.ExecuteScalarAsync(cancellation))!) return 0;
        await using var newest = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM etl.schema_versions", connection);
        var version = (int)(await newest.ExecuteScalarAsync(cancellation))!;
        return version <= Newest ? version : throw StorageFaults.NewerSchema(connection.Database, version, Newest);
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static Migration[] ReadMigrations()
    {
        var assembly = typeof(PostgresSchema).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.Contains(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new Migration(
                int.Parse(name.Split('.')[^2].AsSpan(0, 4), CultureInfo.InvariantCulture), Read(assembly, name)))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private sealed record Migration(int Version, string Sql);
}
