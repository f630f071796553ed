using System.IO.Compression;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Data.Tests;

public class ExportTests
{
    private static readonly StagingKey Second = StagingKey.Of("run_1", "load", "2");

    public static TheoryData<FileFormat, string, string> Formats() => new()
    {
        { new FileFormat.Csv(), "x.csv", "read_csv" },
        { new FileFormat.Csv(";", Compression: FileCompression.Gzip), "x.csv.gz", "read_csv" },
        { new FileFormat.Json(), "x.ndjson", "read_json" }, { new FileFormat.Json(IsArray: true), "x.json", "read_json" },
        { new FileFormat.Json(Compression: FileCompression.Gzip), "x.json.gz", "read_json" },
        { new FileFormat.Csv(Compression: FileCompression.Zstd), "x.csv.zst", "read_csv" },
        { new FileFormat.Parquet(), "x.parquet", "read_parquet" },
        { new FileFormat.Parquet(FileCompression.None), "y.parquet", "read_parquet" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_export_holds_the_rows_and_leaves_nothing_else(FileFormat format, string file, string reader)
    {
        using var place = new Place();
        using var session = place.Session();
        const string select = "SELECT range a, 'a \"quoted\", text; ' || range b, range * 0.1::DOUBLE c FROM range(1000)";

        var exported = FileExport.Write(session, select, place.At($"new/folder/{file}"), format, Second);

        Assert.Equal((1000, new FileInfo(exported.Path).Length), (exported.Rows, exported.Bytes));
        Assert.Equal(LogicalHash.Of(session, select), LogicalHash.Of(session, $"SELECT * FROM {reader}({Sql.File(exported.Path)})"));
        Assert.Equal([exported.Path], Directory.GetFiles(place.At("new/folder")));
        Assert.Equal(FileFormat.CompressionOf(file) == FileCompression.Gzip, File.ReadAllBytes(exported.Path) is [0x1f, 0x8b, ..]);
    }

    [Fact]
    public void The_old_file_stays_whole_until_the_new_one_takes_its_place()
    {
        using var place = new Place();
        using var session = place.Session();
        var target = place.At("x.csv");
        File.WriteAllText(target, "old");

        var failed = Assert.Throws<DuckException>(() => FileExport.Write(
            session, "SELECT CASE WHEN range < 200000 THEN 1 ELSE error('broken') END FROM range(300000)",
            target, new FileFormat.Csv(), Second));
        Assert.Contains("broken", failed.Fault.Message);
        Assert.Equal(("old", 1), (File.ReadAllText(target), Directory.GetFileSystemEntries(place.Data).Length));

        FileExport.Write(session, "SELECT 1 a", target, new FileFormat.Csv(), Second);
        Assert.Equal("a\n1\n", File.ReadAllText(target));
    }

    [Fact]
    public void Leftovers_of_earlier_attempts_of_the_same_step_go_and_those_of_others_stay()
    {
        using var place = new Place();
        using var session = place.Session();
        var target = place.At("x.csv");
        string Leave(StagingKey key)
        {
            using var stop = new CancellationTokenSource();
            var dying = place.Session();
            var before = Directory.GetFiles(place.Data).ToHashSet();
            var running = Task.Run(() => FileExport.Write(
                dying, "SELECT a.range FROM range(100000000) a, range(1000) b", target, new FileFormat.Csv(), key, stop.Token));
            string? staged = null;
            string? NewFile() => staged = Directory.GetFiles(place.Data).FirstOrDefault(file => !before.Contains(file));
            SpinWait.SpinUntil(() => NewFile() is not null, 20_000);
            stop.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => running.GetAwaiter().GetResult());
            dying.Dispose(); // until then the engine may still be removing what it wrote
            Assert.False(File.Exists(staged));
            File.WriteAllText(staged!, "as if the process had died here");
            return staged!;
        }

        var mine = Leave(StagingKey.Of("run_1", "load", "1"));
        var others = Leave(StagingKey.Of("run_1", "load-too", "1"));
        FileExport.Write(session, "SELECT 1 a", target, new FileFormat.Csv(), Second);

        Assert.False(File.Exists(mine));
        Assert.True(File.Exists(others));
        Assert.StartsWith(".", Path.GetFileName(others));
    }

    [Fact]
    public void A_full_disk_is_exhausted_and_publishes_nothing()
    {
        // A limit on the size of files stands in for the full disk: the write fails in the same place. It holds for the
        // whole process, so it is set in a child.
        using var place = new Place();
        var result = Child.Run("full-disk", place.Root, fileBytesMax: 1 << 20);
        Assert.Equal("Exhausted ETL4021 0 old", result);
        Assert.Equal([place.At("x.csv")], Directory.GetFileSystemEntries(place.Data).Where(entry => !Directory.Exists(entry)));
    }

    /// <summary>What the child does for <see cref="A_full_disk_is_exhausted_and_publishes_nothing"/>.</summary>
    internal static string FillTheDisk(string root)
    {
        using var place = Place.In(root);
        using var session = place.Session();
        File.WriteAllText(place.At("x.csv"), "old");
        string outcome;
        try
        {
            FileExport.Write(session, "SELECT hash(range) FROM range(1000000)", place.At("x.csv"), new FileFormat.Csv(), Second);
            outcome = "written";
        }
        catch (DuckException failed)
        {
            outcome = $"{failed.Fault.Kind} {failed.Fault.Code}";
        }

        var hidden = Directory.GetFiles(place.Data, ".*").Length;
        return $"{outcome} {hidden} {File.ReadAllText(place.At("x.csv"))}";
    }

    [Fact]
    public void A_folder_or_a_link_in_the_targets_place_is_not_written_through()
    {
        using var place = new Place();
        using var session = place.Session();
        Directory.CreateDirectory(place.At("folder"));
        Assert.Equal(DataCodes.PathWrongKind, Assert.Throws<FaultException>(() => FileExport.Write(
            session, "SELECT 1", place.At("folder"), new FileFormat.Csv(), Second)).Fault.Code);
        var outside = Path.Combine(place.Root, "outside.csv");
        File.CreateSymbolicLink(place.At("link.csv"), outside);
        FileExport.Write(session, "SELECT 1", place.At("link.csv"), new FileFormat.Csv(), Second);
        Assert.False(File.Exists(outside));
    }

    [Fact]
    public void A_compressed_export_is_readable_by_others()
    {
        using var place = new Place();
        using var session = place.Session();
        var exported = FileExport.Write(
            session, "SELECT 'ä' a", place.At("x.csv.gz"), new FileFormat.Csv(Compression: FileCompression.Gzip), Second);
        using var reader = new StreamReader(new GZipStream(File.OpenRead(exported.Path), CompressionMode.Decompress));
        Assert.Equal("a\nä\n", reader.ReadToEnd());
    }
}
