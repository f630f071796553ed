using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

public class DatasetTests
{
    private static readonly DatasetRef Name = new("flights/clean", "run_1");

    private static DatasetVersion Write(
        Place place, DuckSession session, string select, StagingKey? key = null, ImmutableArray<DatasetRef>? inputs = null)
    {
        var staging = place.Store.Stage(key ?? StagingKey.Of("run_1", "clean", "1"));
        staging.Write(session, "out", select);
        return staging.Seal(session, "out", Name, inputs ?? []);
    }

    [Fact]
    public void What_is_written_is_read_back_by_its_version_alone()
    {
        using var place = new Place();
        using var session = place.Session();
        var input = new DatasetRef("raw", "run_0");

        var version = Write(place, session, "SELECT range a, 'x' || range b FROM range(1000)", inputs: [input]);

        Assert.Equal((1000, 2, "run_1/clean/1/0/out"), (version.Rows, version.Columns.Length, version.Location));
        Assert.Equal([new Column("a", "BIGINT"), new Column("b", "VARCHAR")], version.Columns);
        Assert.Equal([input], version.Inputs);
        Assert.Equal(1000, session.Count($"SELECT count(*) FROM ({place.Store.Select(version)})"));
        Assert.Null(place.Store.Verify(version));
        Assert.StartsWith("sha256:", version.ContentHash);
    }

    [Fact]
    public void The_manifest_tells_schema_statistics_files_and_lineage()
    {
        using var place = new Place();
        using var session = place.Session();
        var version = Write(place, session, """
            SELECT range::INTEGER i, CASE WHEN range % 4 = 0 THEN range * 0.5 END d, 'k' || lpad((range % 3)::VARCHAR, 2, '0') s,
                   DATE '2024-01-01' + range::INTEGER t, range::DECIMAL(9,2) c, [range] l, NULL::INTEGER n, repeat('x', 300) w
            FROM range(200000)
            """, inputs: [new("raw", "v1")]);

        var manifest = place.Store.ReadManifest(version)!;

        Assert.Equal((200_000, version.Bytes, version.ContentHash), (manifest.Rows, manifest.Bytes, manifest.ContentHash));
        Assert.Equal(["raw@v1"], manifest.Inputs);
        ManifestColumn Column(string name) => manifest.Columns.Single(column => column.Name == name);
        Assert.Equal(new ManifestColumn("i", "INTEGER", 0, "0", "199999", null), Column("i") with { Distinct = null });
        Assert.Equal(new ManifestColumn("d", "DECIMAL(21,1)", 150_000, "0.0", "99998.0", null), Column("d") with { Distinct = null });
        Assert.Equal(("k00", "k02", 0L), (Column("s").Min, Column("s").Max, Column("s").Nulls));
        Assert.Equal(("2024-01-01", "2571-07-31"), (Column("t").Min, Column("t").Max));
        Assert.Equal(("0.00", "199999.00"), (Column("c").Min, Column("c").Max));
        Assert.Equal((null, null), (Column("l").Min, Column("l").Max));
        Assert.Equal((200_000L, null), (Column("n").Nulls, Column("n").Min));
        Assert.Null(Column("w").Min);
    }

    [Fact]
    public void A_dataset_without_rows_keeps_its_schema()
    {
        using var place = new Place();
        using var session = place.Session();
        var version = Write(place, session, "SELECT 1 a, 'x' b WHERE false");
        Assert.Equal((0, 2), (version.Rows, version.Columns.Length));
        Assert.Equal(["a", "b"], session.Describe(place.Store.Select(version)).Select(column => column.Name));
        Assert.Equal(0, place.Store.ReadManifest(version)!.Columns[0].Nulls);
    }

    [Theory]
    [InlineData("170141183460469231731687303715::HUGEINT", "170141183460469231731687303715")]
    [InlineData("(SELECT sum(range) FROM range(100000000000, 100000000003))", "300000000003")]
    [InlineData("340282366920938463463374607431::UHUGEINT", "340282366920938463463374607431")]
    [InlineData("INTERVAL '1 day 1 microsecond'", "1 day 00:00:00.000001")]
    [InlineData("'101'::BIT", "101")]
    [InlineData("TIMETZ '10:00:00+01'", "10:00:00+01")]
    [InlineData("[9007199254740993::HUGEINT]", "[\"9007199254740993\"]")]
    [InlineData("{'a b': 9007199254740993::HUGEINT}", "{\"a b\":\"9007199254740993\"}")]
    [InlineData("MAP {'k': 9007199254740993::HUGEINT}", "{\"k\":\"9007199254740993\"}")]
    [InlineData("'v'::ENUM('v')", "v")]
    [InlineData("TIMESTAMP_NS '2024-01-01 00:00:00.123456789'", "2024-01-01 00:00:00.123456789")]
    [InlineData("DATE '0044-03-15 (BC)'", "0044-03-15 (BC)")]
    [InlineData("TIMESTAMP 'infinity'", "infinity")]
    [InlineData("union_value(n := 1)::UNION(n INTEGER, s VARCHAR)", "{\"n\":1}")]
    [InlineData("NULL", null)]
    public void No_value_changes_by_being_stored(string literal, string? expected)
    {
        using var place = new Place();
        using var session = place.Session();
        var version = Write(place, session, $"SELECT {literal} AS \"the column\"");
        using var rows = session.Query(place.Store.Select(version));
        Assert.True(rows.Read());
        Assert.Equal(expected, rows.Text(0));
        Assert.Equal("the column", rows.Columns[0].Name);
    }

    [Fact]
    public void The_same_attempt_staged_twice_never_shares_or_removes_a_folder()
    {
        using var place = new Place();
        using var session = place.Session();
        var key = StagingKey.Of("run_1", "clean", "1");
        var version = Write(place, session, "SELECT 1 a", key);
        var again = place.Store.Stage(key);
        Assert.NotEqual(version.Location, again.Location);
        Assert.Null(place.Store.Verify(version));
        var folders = new HashSet<string>();
        Parallel.For(0, 50, _ => { lock (folders) Assert.True(folders.Add(place.Store.Stage(key).Location)); });
    }

    [Theory]
    [InlineData("..", "clean", "1")] [InlineData("run", "../../x", "1")] [InlineData("run", "clean", "")] [InlineData("/etc", "clean", "1")]
    [InlineData("run", ".hidden", "1")] [InlineData("run", "a b", "1")] [InlineData("run", "a\n", "1")] [InlineData("run", "a\0", "1")]
    [InlineData("run", "ü", "1")]
    public void A_staging_key_is_made_of_plain_names(string owner, string part, string attempt) =>
        Assert.Equal(DataCodes.StagingKeyInvalid, Assert.Throws<FaultException>(() => StagingKey.Of(owner, part, attempt)).Fault.Code);

    [Fact]
    public void A_link_below_the_root_leads_nobody_out()
    {
        using var place = new Place();
        using var session = place.Session();
        Directory.CreateDirectory(place.Store.Root);
        var outside = Directory.CreateDirectory(Path.Combine(place.Root, "outside")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(place.Store.Root, "run_1"), outside);
        var refused = Assert.Throws<FaultException>(() => place.Store.Stage(StagingKey.Of("run_1", "clean", "1")));
        Assert.Equal(FaultKind.Denied, refused.Fault.Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        var forged = new DatasetVersion(Name, "../outside", ["x.parquet"], [], 0, 0, "", []);
        Assert.Throws<FaultException>(() => place.Store.Files(forged));
        Assert.Throws<FaultException>(() => place.Store.Files(forged with { Location = "a/b/0/out", Files = ["../../../../../x"] }));
        Assert.Equal(0, place.Store.Sweep(_ => false, 100));
    }

    [Fact]
    public void Damage_is_told_with_the_file_and_what_to_do()
    {
        using var place = new Place();
        using var session = place.Session();
        var version = Write(place, session, "SELECT range a FROM range(1000)");
        var file = place.Store.Files(version)[0];

        File.AppendAllText(file, "x");
        var longer = Assert.Throws<FaultException>(() => place.Store.Select(version)).Fault;
        Assert.Equal(DataCodes.DatasetDamaged, longer.Code);
        Assert.Contains("part-00000.parquet", longer.Message);
        Assert.NotNull(longer.Hint);

        var bytes = File.ReadAllBytes(file)[..^1];
        bytes[10] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Single(place.Store.Files(version));
        Assert.Equal(DataCodes.DatasetDamaged, place.Store.Verify(version)!.Code);

        File.Delete(file);
        Assert.Contains("missing", Assert.Throws<FaultException>(() => place.Store.Files(version)).Fault.Message);
    }

    [Fact]
    public void A_version_is_sealed_once()
    {
        using var place = new Place();
        using var session = place.Session();
        var staging = place.Store.Stage(StagingKey.Of("r", "s", "1"));
        staging.Write(session, "out", "SELECT 1 a");
        staging.Seal(session, "out", Name, []);
        Assert.ThrowsAny<IOException>(() => staging.Seal(session, "out", Name, []));
    }

    [Fact]
    public void Several_files_of_a_port_are_one_version_in_their_order()
    {
        using var place = new Place();
        using var session = place.Session();
        var staging = place.Store.Stage(StagingKey.Of("r", "s", "1"));
        staging.Write(session, "out", "SELECT range a FROM range(5)");
        staging.Write(session, "out", "SELECT range a FROM range(5, 9)");
        var version = staging.Seal(session, "out", Name, []);
        Assert.Equal((9, 2), (version.Rows, version.Files.Length));
        using (var rows = session.Query(place.Store.Select(version)))
            for (var next = 0; rows.Read(); next++) Assert.Equal(next, rows.Int64(0));
        Assert.Equal(("0", "8"), (place.Store.ReadManifest(version)!.Columns[0].Min, place.Store.ReadManifest(version)!.Columns[0].Max));
    }

    [Fact]
    public void The_sweeper_removes_what_nobody_needs_and_nothing_else_bounded_and_repeatable()
    {
        using var place = new Place();
        using var session = place.Session();
        var published = Write(place, session, "SELECT 1 a", StagingKey.Of("run_1", "clean", "2"));
        var dead = Write(place, session, "SELECT 1 a", StagingKey.Of("run_1", "clean", "1"));
        var restarted = Write(place, session, "SELECT 1 a", StagingKey.Of("run_1", "clean", "2"));
        var live = place.Store.Stage(StagingKey.Of("run_2", "clean", "1"));
        bool Needs(StagedFolder folder) => folder.Holds(published) || folder.Key.Owner == "run_2";

        Assert.Equal(1, place.Store.Sweep(Needs, foldersMax: 1));
        Assert.Equal(1, place.Store.Sweep(Needs, foldersMax: 100));
        Assert.Equal(0, place.Store.Sweep(Needs, foldersMax: 100));

        Assert.Null(place.Store.Verify(published));
        Assert.Throws<FaultException>(() => place.Store.Files(dead));
        Assert.Throws<FaultException>(() => place.Store.Files(restarted));
        Assert.Equal(1, live.Write(session, "out", "SELECT 1"));
        Assert.False(Directory.Exists(Path.Combine(place.Store.Root, "run_1", "clean", "1")));
    }

    [Fact]
    public async Task Sweepers_and_writers_at_once_do_not_disturb_each_other()
    {
        using var place = new Place();
        var sweeping = true;
        var sweepers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (Volatile.Read(ref sweeping)) place.Store.Sweep(folder => folder.Key.Owner == "live", 10);
        })).ToArray();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                place.Store.Stage(StagingKey.Of("dead", "s", $"{i % 3}"));
                Assert.True(Directory.Exists(Path.Combine(place.Store.Root, place.Store.Stage(StagingKey.Of("live", $"s{i}", "1")).Location)));
            }
        }
        finally
        {
            Volatile.Write(ref sweeping, false);
            await Task.WhenAll(sweepers);
        }

        Assert.Equal(200, place.Store.Staged().Count(folder => folder.Key.Owner == "live"));
    }
}
