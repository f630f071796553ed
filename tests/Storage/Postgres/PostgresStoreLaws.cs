using Npgsql;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>What only a store on a server, shared by silos, can get wrong while the server lives.</summary>
public sealed class PostgresStoreLaws : IAsyncDisposable
{
    private readonly PostgresHome _home = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;
    private IStore Store => _home.Store;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private async Task<T> Asked<T>(string sql)
    {
        await using var command = _home.Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Now))!;
    }

    private async Task Does(string sql)
    {
        await using var command = _home.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Now);
    }

    [Fact]
    public async Task Silos_that_start_at_once_on_an_empty_database_agree_on_one_schema()
    {
        await Does("DROP SCHEMA etl CASCADE");
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostgresStore.Open(_home.Source, TimeProvider.System)));
        Assert.Equal(1L, await Asked<long>("SELECT count(*) FROM etl.schema_versions"));
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task A_schema_of_the_first_version_is_brought_up_to_date_with_all_that_it_holds()
    {
        await Does($"""
            DROP SCHEMA etl CASCADE; {FirstMigration("Postgres")};
            INSERT INTO etl.schema_versions VALUES (1, now());
            INSERT INTO etl.grain_state VALUES ('limit/a', 'state', 3, gen_random_uuid(), 'abc')
            """);
        await using var store = await PostgresStore.Open(_home.Source, TimeProvider.System);
        Assert.Equal("abc", Text((await store.GrainStates.Read(new("limit/a", "state"), Now))!.Value!));
        Assert.IsType<StateOutcome.Stored>(await store.GrainStates.Write(
            new(Guid.NewGuid(), new("limit/a", "state"), 3, Bytes("d"), Noon), Now));
        Assert.Equal(new DueGrain("limit/a", Noon), Assert.Single(await store.GrainStates.Due(Noon, null, 10, Now)));
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await Does("INSERT INTO etl.schema_versions VALUES (999, now())");
        var refused = await Assert.ThrowsAsync<FaultException>(() => PostgresStore.Open(_home.Source, TimeProvider.System));
        Assert.Equal((FaultKind.Invalid, "ETL4401"), (refused.Fault.Kind, refused.Fault.Code));
        Assert.Contains("found schema version 999", refused.Fault.Message);
        await Does("DELETE FROM etl.schema_versions WHERE version = 999");
    }

    [Fact]
    public async Task A_database_that_is_not_there_and_a_server_that_is_not_there_are_told_apart()
    {
        var settings = new NpgsqlConnectionStringBuilder(_home.Source.ConnectionString) { Database = "elsewhere", Pooling = false };
        await using var noDatabase = NpgsqlDataSource.Create(settings);
        var refused = await Assert.ThrowsAsync<FaultException>(() => PostgresStore.Open(noDatabase, TimeProvider.System));
        Assert.Equal((FaultKind.Denied, "ETL4404"), (refused.Fault.Kind, refused.Fault.Code));

        settings.Port = 1;
        await using var noServer = NpgsqlDataSource.Create(settings);
        var away = await Assert.ThrowsAsync<FaultException>(() => PostgresStore.Open(noServer, TimeProvider.System));
        Assert.Equal((FaultKind.Unavailable, "ETL4402"), (away.Fault.Kind, away.Fault.Code));
    }

    [Fact]
    public async Task A_write_that_the_store_refuses_fails_alone_in_a_batch_of_good_ones()
    {
        await Does("ALTER TABLE etl.run_heads ADD CONSTRAINT no_sevens CHECK (steps_total <> 77)");
        var appends = Enumerable.Range(1, 40).Select(number => Append(Run(number), 0, "e") with
        {
            Row = Row(Run(number)) with { StepsTotal = number == 7 ? 77 : 1 },
        });
        var tasks = appends.Select(append => Store.Journal.Append(append, Now)).ToArray();
        await Task.WhenAll(tasks).ContinueWith(_ => { }, Now, TaskContinuationOptions.None, TaskScheduler.Default);
        await Does("ALTER TABLE etl.run_heads DROP CONSTRAINT no_sevens");
        Assert.Equal([7], Enumerable.Range(1, 40).Where(number => tasks[number - 1].IsFaulted));
        var refused = await Assert.ThrowsAsync<FaultException>(() => tasks[6]);
        Assert.Equal((FaultKind.Bug, "ETL4109"), (refused.Fault.Kind, refused.Fault.Code));
        Assert.Null(await Store.Journal.Read(Run(7), Now));
        Assert.Equal(39L, await Asked<long>("SELECT count(*) FROM etl.journal"));
    }

    [Fact]
    public async Task A_text_that_no_encoding_holds_keeps_no_run_from_being_stored()
    {
        await Store.Journal.Append(Append(Run(1), 0, "e") with { Row = Row(Run(1)) with { FaultMessage = "cut \ud83d" } }, Now);
        Assert.Equal("cut \ufffd", (await Store.Catalog.Run(Run(1), Now))!.FaultMessage);
    }

    [Fact]
    public async Task An_append_of_a_running_run_stays_within_its_page_and_its_indexes_are_not_touched()
    {
        await Does("DROP SCHEMA etl CASCADE"); // what is counted of a table is counted from its making
        await using var store = await PostgresStore.Open(_home.Source, TimeProvider.System, cancellation: Now);
        for (var version = 0; version < 60; version++)
            await store.Journal.Append(Append(Run(1), version, "e") with { Row = Row(Run(1)) with { StepsDone = version } }, Now);
        await store.DisposeAsync();
        NpgsqlConnection.ClearPool(_home.Source.CreateConnection()); // a connection reports what it did when it has ended
        string seen;
        do seen = await Asked<string>("""
            SELECT n_tup_upd || ' ' || n_tup_hot_upd FROM pg_stat_user_tables WHERE schemaname = 'etl' AND relname = 'run_heads'
            """);
        while (!seen.StartsWith("59 ", StringComparison.Ordinal));
        Assert.Equal("59 59", seen);
    }

    [Fact]
    public async Task Two_stores_that_write_the_same_runs_in_batches_fence_each_other_and_lock_nobody_out()
    {
        var other = _home.Another();
        var runs = Enumerable.Range(1, 50).Select(Run).ToArray();
        for (var version = 0; version < 10; version++)
        {
            var outcomes = await Task.WhenAll(runs.Concat(runs.Reverse()).Select((run, i) =>
                Task.Run(() => (i < 50 ? Store : other).Journal.Append(Append(run, version, "e"), Now))));
            Assert.Equal(50, outcomes.Count(outcome => outcome is AppendOutcome.Stored));
            Assert.All(outcomes.OfType<AppendOutcome.Fenced>(), fenced => Assert.Equal(version + 1, fenced.Version));
        }
        Assert.Equal(500L, await Asked<long>("SELECT count(*) FROM etl.journal"));
    }

    [Fact]
    public async Task A_connection_that_is_cut_between_and_during_appends_is_replaced_and_nobody_hears_of_it()
    {
        var stored = new SemaphoreSlim(0);
        var cutter = Task.Run(async () =>
        {
            for (var cut = 0; cut < 8; cut++)
            {
                for (var i = 0; i < 50; i++) await stored.WaitAsync(Now);
                await Does("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE 'WITH born%'
                    """);
            }
        }, Now);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(async number =>
        {
            for (var version = 0; version < 25; version++)
            {
                Assert.Equal(new AppendOutcome.Stored(version + 1),
                    await Store.Journal.Append(Append(Run(number), version, $"{version}"), Now));
                stored.Release();
            }
        }));
        await cutter;
        foreach (var number in Enumerable.Range(1, 20))
            Assert.Equal(Enumerable.Range(0, 25).Select(version => $"{version}"),
                Texts(await Store.Journal.History(Run(number), 0, 100, Now)));
    }

    [Fact]
    public async Task History_keeps_the_numbers_where_older_events_are_gone()
    {
        await Store.Journal.Append(Append(Run(1), 0, "a", "b"), Now);
        await Store.Journal.Append(Append(Run(1), 2, "c", "d") with { Snapshot = Bytes("abcd") }, Now);
        await Does("DELETE FROM etl.journal WHERE seq <= 2");
        Assert.Equal([3L, 4L], (await Store.Journal.History(Run(1), 0, 10, Now)).Select(one => one.Number));
        Assert.Equal([4L], (await Store.Journal.History(Run(1), 3, 10, Now)).Select(one => one.Number));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        await Store.DisposeAsync();
        foreach (var act in (Func<Task>[])
        [
            () => Store.Journal.Append(Append(Run(1), 0, "a"), Now), () => Store.Journal.Read(Run(1), Now),
            () => Store.Catalog.Due(Noon, 1, Now), () => Store.Retention.Forget(Noon, 1, Now),
        ])
            Assert.Equal("ETL4111", (await Assert.ThrowsAsync<FaultException>(act)).Fault.Code);
    }
}
