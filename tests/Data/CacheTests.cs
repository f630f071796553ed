using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Tests;

public sealed class CacheTests : IDisposable
{
    private readonly Place _place = new();
    private readonly Clock _clock = new();

    private string Folder => Path.Combine(_place.Data, "cache");
    private string[] Entries => Directory.GetFiles(Path.Combine(Folder, "files"));
    private string[] Users => Directory.GetDirectories(Path.Combine(Folder, "users"));

    public void Dispose() => _place.Dispose();

    /// <summary>Each moment is later than those before.</summary>
    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        public override DateTimeOffset GetUtcNow() => _now = _now.AddSeconds(1);
    }

    private LocalCache Cache(long bytesMax = 1 << 30) => LocalCache.Open(Folder, bytesMax, _clock)!;

    private DatasetStore Cached(LocalCache cache) => new(_place.Store.Root, cache);

    private DatasetVersion Write(DuckSession session, string name, int rows = 10_000)
    {
        var staging = _place.Store.Stage(StagingKey.Of("run_1", name, "1"));
        staging.Write(session, "out", $"SELECT hash(range) AS a, '{name}' AS b FROM range({rows})");
        return staging.Seal(session, "out", new DatasetRef(name, "v1"), []);
    }

    private static long Count(DuckSession session, DatasetReading reading) => session.Count($"SELECT count(*) FROM ({reading.Select})");

    [Fact]
    public void A_file_is_copied_once_and_read_from_the_copy()
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        using var cache = Cache();
        for (var i = 0; i < 3; i++)
        {
            using var reading = Cached(cache).Open(version);
            Assert.All(reading.Files, file => Assert.StartsWith(Folder, file));
            Assert.Equal(10_000, Count(session, reading));
        }

        Assert.Equal(1, cache.Copies);
        Assert.Equal(version.Bytes, Entries.Sum(file => new FileInfo(file).Length));
        using var next = Cache();
        using (Cached(next).Open(version)) Assert.Equal(0, next.Copies);
    }

    [Fact]
    public void Without_a_cache_the_shared_files_are_read()
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        using var reading = _place.Store.Open(version);
        Assert.Equal(_place.Store.Files(version), reading.Files);
    }

    [Fact]
    public void What_was_not_used_for_longest_leaves_and_the_bound_holds()
    {
        using var session = _place.Session();
        var (a, b, c) = (Write(session, "a"), Write(session, "b"), Write(session, "c"));
        using var cache = Cache(2 * Math.Max(a.Bytes, Math.Max(b.Bytes, c.Bytes)));
        var store = Cached(cache);
        foreach (var version in new[] { a, b, a, c })
            using (store.Open(version)) { }
        Assert.Equal(3, cache.Copies);
        using (store.Open(a)) Assert.Equal(3, cache.Copies);
        using (store.Open(b)) Assert.Equal(4, cache.Copies);
        Assert.InRange(Entries.Sum(file => new FileInfo(file).Length), 1, 2 * Math.Max(a.Bytes, Math.Max(b.Bytes, c.Bytes)));
    }

    [Fact]
    public void A_file_in_use_stays_readable_when_it_leaves()
    {
        using var session = _place.Session();
        var (a, b) = (Write(session, "a"), Write(session, "b"));
        using var cache = Cache(Math.Max(a.Bytes, b.Bytes));
        var store = Cached(cache);
        using (var reading = store.Open(a))
        {
            using (store.Open(b)) { }
            Assert.Single(Entries);
            Assert.Equal(10_000, Count(session, reading));
        }

        Assert.DoesNotContain(Users.SelectMany(Directory.GetFiles), file => file.EndsWith(".parquet", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_larger_than_the_cache_is_read_where_it_is()
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        using var cache = Cache(version.Bytes - 1);
        using var reading = Cached(cache).Open(version);
        Assert.Equal(_place.Store.Files(version), reading.Files);
        Assert.Empty(Entries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_copy_is_seen_and_fetched_anew(bool sameProcess)
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        using var first = Cache();
        using (Cached(first).Open(version)) { }
        var bytes = File.ReadAllBytes(Entries[0]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Entries[0], bytes);
        File.SetLastWriteTimeUtc(Entries[0], new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        using var second = sameProcess ? null : Cache();
        using var reading = Cached(second ?? first).Open(version);

        Assert.Equal(10_000, Count(session, reading));
        Assert.Equal(File.ReadAllBytes(_place.Store.Files(version)[0]), File.ReadAllBytes(reading.Files[0]));
        Assert.Equal(File.ReadAllBytes(reading.Files[0]), File.ReadAllBytes(Entries[0]));
    }

    [Fact]
    public void A_shared_file_that_is_damaged_is_never_cached()
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        var shared = _place.Store.Files(version)[0];
        var bytes = File.ReadAllBytes(shared);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(shared, bytes);
        using var cache = Cache();
        var fault = Assert.Throws<FaultException>(() => Cached(cache).Open(version)).Fault;
        Assert.Equal(DataCodes.DatasetDamaged, fault.Code);
        Assert.Empty(Entries);
    }

    [Fact]
    public async Task Many_readers_of_several_caches_over_one_folder_read_whole_files()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var session = _place.Session();
        var versions = Enumerable.Range(0, 6).Select(i => Write(session, $"x{i}", 2_000)).ToArray();
        // Room for two: everybody throws out what the others have just fetched.
        var caches = Enumerable.Range(0, 3).Select(_ => Cache(2 * versions.Max(version => version.Bytes))).ToArray();
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, (i, _) =>
        {
            var version = versions[i * 7 % versions.Length];
            using var reading = Cached(caches[i % caches.Length]).Open(version, cancellation);
            Assert.Equal(version.Bytes, reading.Files.Sum(file => new FileInfo(file).Length));
            Assert.Equal(_place.Store.ReadManifest(version)!.Files[0].Hash, Manifest.HashOf(reading.Files[0]));
            return ValueTask.CompletedTask;
        });
        foreach (var cache in caches) cache.Dispose();
        Assert.Empty(Users);
    }

    [Fact]
    public void Many_readers_of_one_file_copy_it_once()
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        using var cache = Cache();
        var store = Cached(cache);
        Parallel.For(0, 50, _ => store.Open(version).Dispose());
        Assert.Equal(1, cache.Copies);
    }

    [Fact]
    public void What_a_process_left_behind_goes_and_what_a_living_one_holds_stays()
    {
        using var session = _place.Session();
        var version = Write(session, "x");
        using var living = Cache();
        using var reading = Cached(living).Open(version);
        var dead = Directory.CreateDirectory(Path.Combine(Folder, "users", "99999999-0")).FullName;
        File.WriteAllText(Path.Combine(dead, "lock"), "");
        File.WriteAllText(Path.Combine(dead, "7"), "half a copy");
        using var next = Cache();
        Assert.False(Directory.Exists(dead));
        Assert.Equal(10_000, Count(session, reading));
    }

    [Fact]
    public void A_disk_without_room_is_no_reason_not_to_read()
    {
        using var session = _place.Session();
        var version = Write(session, "x", 200_000);
        Assert.True(version.Bytes > 1 << 20);
        File.WriteAllText(Path.Combine(_place.Root, "location"), version.Location);
        var told = Child.Run("full-cache", _place.Root, 256 << 10);
        Assert.Equal("shared, 0 entries, 1 left", told);
    }

    /// <summary>In a process that may not write files as large as the version's.</summary>
    internal static string FillTheCache(string root)
    {
        var store = new DatasetStore(Path.Combine(root, "store"));
        var location = File.ReadAllText(Path.Combine(root, "location"));
        var manifest = Manifest.Read(Path.Combine(store.Root, location))!;
        var version = new DatasetVersion(
            new DatasetRef("x", "v1"), location, [.. manifest.Files.Select(file => file.Name)], [], manifest.Rows, manifest.Bytes,
            manifest.ContentHash, []);
        var folder = Path.Combine(root, "data", "cache");
        using var cache = LocalCache.Open(folder, 1 << 30, TimeProvider.System)!;
        using var reading = new DatasetStore(store.Root, cache).Open(version);
        var shared = reading.Files[0].StartsWith(store.Root, StringComparison.Ordinal) ? "shared" : "local";
        var left = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length;
        return $"{shared}, {Directory.GetFiles(Path.Combine(folder, "files")).Length} entries, {left} left";
    }
}
