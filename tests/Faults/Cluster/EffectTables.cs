using System.Collections.Immutable;
using Npgsql;
using OrleansEtl.Faults.Tests.Oracle;

namespace OrleansEtl.Faults.Tests.Cluster;

/// <summary>The world outside: tables that count how often each row was written. They refuse nothing, so that a second time is seen and
/// not turned into a fault.</summary>
internal static class EffectTables
{
    public static Task Make(string database) => Execute(database, """
        CREATE TABLE appended (key text NOT NULL, step text NOT NULL, item bigint NOT NULL);
        CREATE TABLE replaced (key text NOT NULL, step text NOT NULL, item bigint NOT NULL, times int NOT NULL DEFAULT 1,
            PRIMARY KEY (key, step, item));
        CREATE FUNCTION once_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.times := OLD.times + 1; RETURN NEW; END $$;
        CREATE TRIGGER counted BEFORE UPDATE ON replaced FOR EACH ROW EXECUTE FUNCTION once_more();
        CREATE FUNCTION luck(chance float8) RETURNS SETOF bigint LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            IF random() < chance THEN RAISE EXCEPTION 'bad luck' USING ERRCODE = 'serialization_failure'; END IF;
            RETURN QUERY SELECT generate_series(0, 2)::bigint;
        END $$;
        """);

    public static async Task<ImmutableArray<Effect>> Read(string database)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var read = source.CreateCommand("""
            SELECT key, step, item, count(*)::int FROM appended GROUP BY key, step, item
            UNION ALL SELECT key, step, item, times FROM replaced
            """);
        await using var rows = await read.ExecuteReaderAsync();
        var effects = ImmutableArray.CreateBuilder<Effect>();
        while (await rows.ReadAsync()) effects.Add(new Effect(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetInt32(3)));
        return effects.ToImmutable();
    }

    private static async Task Execute(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
