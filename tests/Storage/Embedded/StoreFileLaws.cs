using System.Text;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>What stands under the store's name and is no good store gets a clear fault, and stays as it is.</summary>
public sealed class StoreFileLaws : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string StorePath => _folder.At("store.db");
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private static EmbeddedStore Open(string path) => EmbeddedStore.Open(path, TimeProvider.System);

    private async Task Make(int appends = 0)
    {
        await using (var store = Open(StorePath))
        {
            for (var version = 0; version < appends; version++)
                await store.Journal.Append(Append(Run(1), version, new string('e', 500)), Now);
        }
        Change("");
    }

    /// <summary>Changes the store behind everybody's back, and folds its log into the file.</summary>
    private void Change(string sql)
    {
        using var connection = new Connection(StorePath);
        connection.Run(sql + "; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private async Task RefusesAndLeavesAlone(string code)
    {
        // The -shm file is memory that processes share while they have the store open; an empty log is no log.
        var before = Directory.GetFiles(Path.GetDirectoryName(StorePath)!)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal) && new FileInfo(file).Length > 0 || file == StorePath)
            .ToDictionary(file => file, File.ReadAllBytes);
        var fault = await FaultOf(() => Task.Run(() => Open(StorePath)));
        Assert.Equal(code, fault.Code);
        Assert.Contains(StorePath, fault.Message);
        Assert.NotNull(fault.Hint);
        foreach (var (file, bytes) in before) Assert.Equal(bytes, await File.ReadAllBytesAsync(file, Now));
    }

    private static async Task<Fault> FaultOf(Func<Task> act) => (await Assert.ThrowsAsync<FaultException>(act)).Fault;

    [Fact]
    public async Task A_store_of_the_first_version_is_brought_up_to_date_with_all_that_it_holds()
    {
        using (var first = new Connection(StorePath, create: true))
            first.Run($"""
                PRAGMA journal_mode = WAL; {FirstMigration("Embedded")};
                INSERT INTO grain_state VALUES ('limit/a', 'state', 3, zeroblob(16), x'616263');
                PRAGMA application_id = {0x45544C53}; PRAGMA user_version = 1;
                """);
        await using var store = Open(StorePath);
        Assert.Equal("abc", Text((await store.GrainStates.Read(new("limit/a", "state"), Now))!.Value!));
        Assert.IsType<StateOutcome.Stored>(await store.GrainStates.Write(
            new(Guid.NewGuid(), new("limit/a", "state"), 3, Bytes("d"), Noon), Now));
        Assert.Equal(new DueGrain("limit/a", Noon), Assert.Single(await store.GrainStates.Due(Noon, null, 10, Now)));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(StorePath, string.Join('\n', Enumerable.Repeat("id,name,price", 100)), Now);
        await RefusesAndLeavesAlone("ETL4101");
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        using (var other = new Connection(StorePath, create: true)) other.Run("PRAGMA journal_mode=WAL; CREATE TABLE cats (name TEXT);");
        await RefusesAndLeavesAlone("ETL4101");
    }

    [Theory]
    [InlineData(0), InlineData(10), InlineData(99)]
    public async Task A_file_that_ends_in_its_header_is_refused_as_damaged(int length)
    {
        await Make();
        await using (var file = File.OpenWrite(StorePath)) file.SetLength(length);
        await RefusesAndLeavesAlone("ETL4102");
    }

    [Fact]
    public async Task A_store_that_was_cut_short_is_refused_as_damaged()
    {
        await Make(appends: 50);
        await using (var file = File.OpenWrite(StorePath)) file.SetLength(3 * 4096);
        await RefusesAndLeavesAlone("ETL4102");
    }

    [Fact]
    public async Task Rubbish_in_the_middle_of_a_store_is_reported_as_damage_by_whoever_meets_it()
    {
        await Make(appends: 50);
        var bytes = await File.ReadAllBytesAsync(StorePath, Now);
        bytes.AsSpan(4096).Fill(0x5A);
        await File.WriteAllBytesAsync(StorePath, bytes, Now);
        var fault = await FaultOf(async () =>
        {
            await using var store = Open(StorePath);
            await store.Journal.Read(Run(1), Now);
        });
        Assert.Equal(("ETL4102", FaultKind.Invalid), (fault.Code, fault.Kind));
        fault = await FaultOf(async () =>
        {
            await using var store = Open(StorePath);
            await store.Journal.Append(Append(Run(2), 0, "e"), Now);
        });
        Assert.Equal("ETL4102", fault.Code);
    }

    [Fact]
    public async Task A_newer_store_is_refused()
    {
        await Make();
        Change("PRAGMA user_version = 99");
        await RefusesAndLeavesAlone("ETL4103");
    }

    [Fact]
    public async Task A_newer_store_is_refused_while_only_its_log_knows_its_version()
    {
        await Make();
        using var connection = new Connection(StorePath);
        connection.Run("PRAGMA user_version = 99");
        Assert.Equal("ETL4103", (await FaultOf(() => Task.Run(() => Open(StorePath)))).Code);
    }

    [Fact]
    public async Task A_place_where_no_store_can_be_is_refused()
    {
        await File.WriteAllTextAsync(_folder.At("file"), "", Now);
        foreach (var path in (string[])["/proc/nowhere/store.db", _folder.At("file/store.db"), _folder.At(".")])
            Assert.Equal("ETL4104", (await FaultOf(() => Task.Run(() => Open(path)))).Code);
    }

    [Fact]
    public async Task A_home_that_does_not_exist_is_made()
    {
        var path = _folder.At("new/home/store.db");
        await using var store = Open(path);
        Assert.Empty((await store.Catalog.Runs(new RunQuery(), Now)).Items);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Many_that_open_a_new_home_at_once_share_one_store()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open(StorePath))));
        await Task.WhenAll(stores.Select((store, i) => store.Journal.Append(Append(Run(i), 0, "e"), Now)));
        Assert.Equal(8, (await stores[0].Catalog.Runs(new RunQuery(), Now)).Items.Length);
        foreach (var store in stores) await store.DisposeAsync();
        Assert.Equal(["store.db", "store.db-shm", "store.db-wal"],
            Directory.GetFiles(Path.GetDirectoryName(StorePath)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_log_of_others_is_never_overwritten()
    {
        for (var i = 0; i < 20; i++)
        {
            using var folder = new TemporaryFolder();
            var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
            {
                await Task.Yield();
                var mine = Open(folder.At("store.db"));
                await mine.Journal.Append(Append(Run(number), 0, "e"), Now);
                return mine;
            }));
            Assert.Equal(4, (await stores[0].Catalog.Runs(new RunQuery(), Now)).Items.Length);
            foreach (var one in stores) await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_a_dead_maker_left_behind_is_in_nobodys_way()
    {
        await File.WriteAllTextAsync(StorePath + ".new-host-1-1", "half a store", Now);
        await Make(appends: 1);
        await using var store = Open(StorePath);
        Assert.NotNull(await store.Journal.Read(Run(1), Now));
    }

    [Fact]
    public async Task A_store_keeps_its_promise_to_reach_the_disk()
    {
        await Make();
        using var connection = StoreFile.Open(StorePath);
        const long Full = 2;
        Assert.Equal(Full, connection.Prepare("PRAGMA synchronous").Begin().First(row => row.Long(0)));
        Assert.Equal("wal", connection.Prepare("PRAGMA journal_mode").Begin().First(row => row.Text(0)));
        Assert.Equal("ETLS", Encoding.ASCII.GetString((await File.ReadAllBytesAsync(StorePath, Now))[68..72]));
    }
}
