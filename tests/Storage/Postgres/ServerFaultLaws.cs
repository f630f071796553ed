using System.Collections.Concurrent;
using Npgsql;
using OrleansEtl.Servers;
using static OrleansEtl.Storage.Tests.Given;

namespace OrleansEtl.Storage.Tests;

/// <summary>What a store on a server promises when the server dies under it.</summary>
public sealed class ServerFaultLaws : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private NpgsqlDataSource _source = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.Start();
        _source = NpgsqlDataSource.Create(await _server.NewDatabase());
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Task<PostgresStore> Open(TimeSpan patience) => PostgresStore.Open(_source, TimeProvider.System, PostgresOptions.Default with
    {
        Bounds = PostgresOptions.Default.Bounds with { Patience = patience }, ReadPatience = patience,
    }, Now);

    [Fact]
    public async Task When_the_server_crashes_amid_appends_nothing_that_was_answered_is_lost_and_nothing_is_stored_twice()
    {
        const int writers = 30, crashes = 3;
        await using var store = await Open(TimeSpan.FromSeconds(60));
        using var done = new CancellationTokenSource();
        var answered = new ConcurrentDictionary<int, int>();
        var progress = new SemaphoreSlim(0);
        var writing = Enumerable.Range(1, writers).Select(number => Task.Run(async () =>
        {
            for (var version = 0; !done.IsCancellationRequested; version++)
            {
                var step = Step(Run(number), "load", 0) with { Attempts = version };
                var append = Append(Run(number), version, $"{version}") with { Steps = [step] };
                Assert.Equal(new AppendOutcome.Stored(version + 1), await store.Journal.Append(append, Now));
                answered[number] = version + 1;
                progress.Release();
            }
        })).ToArray();
        for (var crash = 0; crash < crashes; crash++)
        {
            for (var i = 0; i < writers * 5; i++) await progress.WaitAsync(Now);
            await _server.Kill();
            while (progress.Wait(0, Now)) { }
            await _server.Start();
        }
        for (var i = 0; i < writers * 5; i++) await progress.WaitAsync(Now);
        await done.CancelAsync();
        await Task.WhenAll(writing);
        foreach (var number in Enumerable.Range(1, writers))
        {
            var stored = (await store.Journal.Read(Run(number), Now))!;
            Assert.Equal(answered[number], stored.Version);
            Assert.Equal(Enumerable.Range(0, answered[number]).Select(version => $"{version}"), Texts(stored.Events));
            Assert.Equal(answered[number] - 1, Assert.Single(await store.Catalog.Steps(Run(number), Now)).Attempts);
        }
    }

    [Fact]
    public async Task When_the_server_is_away_for_longer_than_the_patience_writers_are_told_and_can_offer_the_same_again()
    {
        await using var store = await Open(TimeSpan.FromSeconds(1));
        await store.Journal.Append(Append(Run(1), 0, "a"), Now);
        await _server.Kill();
        var appends = Enumerable.Range(1, 5).Select(number => Append(Run(number), number == 1 ? 1 : 0, "b")).ToArray();
        var state = new StateWrite(Guid.NewGuid(), new StateKey("limits/a", "state"), 0, Bytes("s"));
        Task[] tasks =
        [
            .. appends.Select(append => store.Journal.Append(append, Now)), store.GrainStates.Write(state, Now),
            store.Journal.Read(Run(1), Now),
        ];
        foreach (var task in tasks)
            Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<FaultException>(() => task)).Fault.Kind);
        await _server.Start();
        foreach (var append in appends)
            Assert.Equal(new AppendOutcome.Stored(append.ExpectedVersion + 1), await store.Journal.Append(append, Now));
        Assert.IsType<StateOutcome.Stored>(await store.GrainStates.Write(state, Now));
        Assert.Equal(["a", "b"], Texts((await store.Journal.Read(Run(1), Now))!.Events));
    }

    [Fact]
    public async Task A_writer_and_a_reader_wait_while_the_server_is_away_and_go_on_when_it_is_back()
    {
        await using var store = await Open(TimeSpan.FromSeconds(60));
        await store.Journal.Append(Append(Run(1), 0, "a"), Now);
        await _server.Stop();
        var append = store.Journal.Append(Append(Run(1), 1, "b"), Now);
        var read = store.Catalog.Run(Run(1), Now);
        await _server.Start();
        Assert.Equal(new AppendOutcome.Stored(2), await append);
        Assert.NotNull(await read);
    }
}
