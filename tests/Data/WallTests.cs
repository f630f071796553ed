using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

/// <summary>The engine's own wall: what SQL cannot do even if it got past the check of its tree.</summary>
public class WallTests
{
    [Theory]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM read_blob('/etc/pass*')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("SELECT * FROM sniff_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('{data}/../../etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('{data}/link/passwd')")]
    [InlineData("SELECT * FROM read_csv('{data}/passwd-link.csv')")]
    [InlineData("SELECT * FROM read_csv('/proc/self/environ')")]
    [InlineData("SELECT * FROM read_csv('http://localhost:1/x.csv')")]
    [InlineData("SELECT * FROM read_parquet('s3://bucket/x.parquet')")]
    [InlineData("SELECT * FROM read_csv('file:///etc/passwd')")]
    [InlineData("COPY (SELECT 1) TO '{root}/outside.csv'")]
    [InlineData("COPY (SELECT 1) TO '{data}/../outside.csv'")]
    [InlineData("COPY (SELECT 1) TO '{data}/link/outside.csv'")]
    [InlineData("EXPORT DATABASE '{root}/outside'")]
    [InlineData("ATTACH '{root}/other.db'")]
    [InlineData("ATTACH '/etc/passwd' AS p (TYPE sqlite)")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("LOAD '{data}/evil.duckdb_extension'")]
    [InlineData("INSTALL x FROM community")]
    [InlineData("SET enable_external_access = true")]
    [InlineData("SET allowed_directories = ['/']")]
    [InlineData("SET lock_configuration = false")]
    [InlineData("RESET lock_configuration")]
    [InlineData("SET memory_limit = '100GB'")]
    [InlineData("SET temp_directory = '/etc'")]
    [InlineData("PRAGMA temp_directory = '/etc'")]
    [InlineData("PRAGMA memory_limit = '100GB'")]
    [InlineData("SET SESSION disabled_optimizers = 'filter_pushdown'")]
    [InlineData("PRAGMA import_database('/etc')")]
    [InlineData("CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')")]
    public void The_engine_reaches_nothing_outside_its_folders(string attempt)
    {
        using var place = new Place();
        Directory.CreateSymbolicLink(place.At("link"), "/etc");
        File.CreateSymbolicLink(place.At("passwd-link.csv"), "/etc/passwd");
        File.WriteAllText(place.At("evil.duckdb_extension"), "not one");
        using var session = place.Session();
        var sql = attempt.Replace("{data}", place.Data).Replace("{root}", place.Root);

        var refused = Assert.Throws<DuckException>(() => session.Execute(sql)).Fault;

        Assert.Contains(refused.Kind, new[] { FaultKind.Denied, FaultKind.Invalid, FaultKind.NotFound });
        Assert.False(File.Exists(Path.Combine(place.Root, "outside.csv")) || Directory.Exists(Path.Combine(place.Root, "outside")));
        Assert.DoesNotContain("root:", refused.Message);
    }

    [Fact]
    public void What_is_inside_works()
    {
        using var place = new Place();
        using var session = place.Session();
        Assert.Equal(7, session.Execute($"COPY (FROM range(7)) TO '{place.At("x.csv")}'"));
        Assert.Equal(7, session.Count($"SELECT count(*) FROM read_csv('{place.At("*.csv")}')"));
    }

    [Fact]
    public void A_sort_larger_than_the_memory_spills_and_the_spill_folder_is_left_empty()
    {
        using var place = new Place(memoryBytes: 128L << 20);
        using (var session = place.Session())
        {
            session.Execute("CREATE TEMP TABLE sorted AS SELECT md5(range::VARCHAR) a, md5(a) b FROM range(1500000) ORDER BY b");
            Assert.NotEmpty(Spilled(place));
            Assert.Equal(1_500_000, session.Count("SELECT count(*) FROM sorted"));
        }

        Assert.Empty(Spilled(place));
    }

    private static string[] Spilled(Place place) =>
        Directory.GetFiles(Path.Combine(place.Root, "spill"), "*.tmp", SearchOption.AllDirectories);

    [Theory]
    [InlineData("SELECT list(repeat('x', 200) || range) FROM range(3000000)", DataCodes.MemoryExhausted)]
    [InlineData(
        "CREATE TEMP TABLE t AS SELECT md5(range::VARCHAR) a, md5(a) b, md5(b) c, md5(c) d FROM range(1500000) ORDER BY d",
        DataCodes.DiskExhausted)]
    public void Too_little_memory_or_disk_is_exhausted_and_not_the_users_fault(string sql, string code)
    {
        using var place = new Place(memoryBytes: 100L << 20, options => options with { SpillBytesMax = 20L << 20 });
        using var session = place.Session();
        var fault = Assert.Throws<DuckException>(() => session.Execute(sql)).Fault;
        Assert.Equal((FaultKind.Exhausted, code), (fault.Kind, fault.Code));
        Assert.Equal(1, session.Count("SELECT 1"));
    }

    [Fact]
    public void Two_engines_on_one_spill_folder_do_not_share_files_and_the_dead_ones_are_cleared()
    {
        using var place = new Place();
        var spill = Path.Combine(place.Root, "spill");
        var leftover = Path.Combine(Directory.CreateDirectory(Path.Combine(spill, "slot-0")).FullName, "duckdb_temp_storage_DEFAULT-0.tmp");
        File.WriteAllText(leftover, "of a process that died");
        using var one = SpillSlot.Take(spill);
        using var other = SpillSlot.Take(spill);
        Assert.NotEqual(one.Folder, other.Folder);
        Assert.False(File.Exists(leftover));
    }

    [Theory]
    [InlineData("SELECT delai FROM (SELECT 1 AS delay)", FaultKind.Invalid, DataCodes.SqlInvalid, "delay", 7)]
    [InlineData("SELEC 1", FaultKind.Invalid, DataCodes.SqlInvalid, null, 0)]
    [InlineData("SELECT CAST('x' AS INTEGER)", FaultKind.Invalid, DataCodes.ValueInvalid, null, null)]
    [InlineData("SELECT 9223372036854775807 + 1", FaultKind.Invalid, DataCodes.ValueInvalid, null, null)]
    [InlineData("SELECT * FROM read_csv('{data}/none.csv')", FaultKind.NotFound, DataCodes.FileMissing, null, null)]
    [InlineData("SELECT * FROM read_parquet('{data}/junk')", FaultKind.Invalid, DataCodes.ValueInvalid, null, null)]
    [InlineData("SELECT 1; SELECT 2", FaultKind.Invalid, DataCodes.SqlInvalid, null, null)]
    [InlineData("", FaultKind.Invalid, DataCodes.SqlInvalid, null, null)]
    [InlineData("SELECT error('mine')", FaultKind.Invalid, DataCodes.SqlInvalid, null, null)]
    public void Errors_say_what_can_be_done(string sql, FaultKind kind, string code, string? candidate, int? position)
    {
        using var place = new Place();
        File.WriteAllText(place.At("junk"), "this is no parquet file");
        using var session = place.Session();
        var fault = Assert.Throws<DuckException>(() => session.Scalar(sql.Replace("{data}", place.Data))).Fault;
        Assert.Equal((kind, code), (fault.Kind, fault.Code));
        if (candidate is not null) Assert.Equal(candidate, Assert.Single(fault.Candidates));
        if (position is not null) Assert.Equal(position, fault.Position);
        Assert.DoesNotContain("\n", fault.Message);
        Assert.DoesNotContain("{\"", fault.Message);
    }

    [Fact]
    public void A_missing_library_says_what_to_run()
    {
        using var place = new Place();
        Assert.Equal("NotFound ETL4001 True", Child.Run("no-library", place.Root, fileBytesMax: 1 << 30, library: "/nowhere/libduckdb.so"));
    }

    /// <summary>What the child does for <see cref="A_missing_library_says_what_to_run"/>.</summary>
    internal static string OpenWithoutLibrary(string root)
    {
        using var place = Place.In(root);
        var fault = Assert.Throws<FaultException>(() => place.Session()).Fault;
        return $"{fault.Kind} {fault.Code} {fault.Message.Contains("/nowhere/libduckdb.so") && fault.Hint!.Contains("./etl")}";
    }

    [Fact]
    public void The_library_is_looked_for_beside_the_program_and_in_the_repositorys_cache()
    {
        using var place = new Place();
        var program = Directory.CreateDirectory(Path.Combine(place.Root, "tests", "bin")).FullName;
        Directory.CreateDirectory(Path.Combine(place.Root, ".cache", "npm"));
        var candidates = Duck.Native.DuckLibrary.Candidates(null, program).ToArray();
        Assert.Equal(program, Path.GetDirectoryName(candidates[0]));
        Assert.StartsWith(Path.Combine(place.Root, ".cache", "npm", "node_modules", "@duckdb"), candidates[1]);
    }
}
