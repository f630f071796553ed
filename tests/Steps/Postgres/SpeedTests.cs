using System.Diagnostics;
using Npgsql;

namespace OrleansEtl.Steps.Tests.Postgres;

/// <summary>Rows a second beside what Postgres and Npgsql do by themselves with the same bytes.</summary>
[Trait("category", "soak")]
public sealed class SpeedTests(Warehouse warehouse, ITestOutputHelper output)
{
    private const int RowsCount = 1_000_000;

    private const string Source = """
        CREATE TABLE src (id bigint, customer text, amount numeric(12,2), price double precision, ordered_at timestamp, ok boolean);
        INSERT INTO src SELECT i, 'customer ' || i % 5000, (i % 100000) / 7.0, i * 0.5, timestamp '2026-01-01' + i * interval '1 second', i % 2 = 0
        FROM generate_series(1, 1000000) i; VACUUM ANALYZE src
        """;

    [Fact]
    public async Task Rows_move_at_a_fair_part_of_the_speed_of_a_bare_copy()
    {
        var database = await warehouse.Database();
        foreach (var statement in Source.Split(';')) await database.Execute(statement);
        await database.Execute("CREATE TABLE raw (LIKE src); CREATE TABLE r2 (LIKE src); CREATE TABLE u (LIKE src, PRIMARY KEY (id))");
        using var home = new Home(database.Connections, 512L << 20);
        await using var connection = await database.Open();
        using var bytes = new MemoryStream();
        await Time("bare COPY out", async () =>
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync("COPY src TO STDOUT (FORMAT binary)");
            await copy.CopyToAsync(bytes);
        });
        Ran? got = null;
        await Time("extract.sql", () =>
        {
            got = home.Run("pipeline: test\nsteps:\n  - {id: data, kind: extract.sql, with: {connection: warehouse, query: TABLE src}}\n").Succeeded();
            return Task.CompletedTask;
        });
        bytes.Position = 0;
        await Time("bare COPY in", async () =>
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync("COPY raw FROM STDIN (FORMAT binary)");
            await bytes.CopyToAsync(copy);
        });
        foreach (var with in new[] { "table: r1", "table: r2, mode: replace", "table: u, mode: upsert, key: id", "table: u, mode: upsert, key: id" })
            await Time($"load.postgres {with}", async () =>
            {
                var work = LoadPostgresTests.Attempt(home, 1, with, got!, Guid.NewGuid().ToString());
                Assert.IsType<StageOutcome.Succeeded>(await home.Runner.Run(work, _ => { }, CancellationToken.None));
            });
        Assert.Equal("0", await database.Scalar("SELECT count(*) FROM (TABLE src EXCEPT ALL TABLE r2) d"));
    }

    private async Task Time(string what, Func<Task> act)
    {
        var watch = Stopwatch.StartNew();
        await act();
        output.WriteLine($"{what}: {RowsCount / watch.Elapsed.TotalSeconds:N0} rows/s");
    }
}
