using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

[Trait("category", "runtime-only")]
public sealed class TcpClientTests : IAsyncLifetime
{
    private readonly System.Net.IPEndPoint _gateway = TcpGiven.FreeEndpoint();
    private readonly string _key = Signals.NewKey();
    private IHost _silo = null!;
    private IHost _client = null!;

    public async ValueTask InitializeAsync()
    {
        _silo = await TcpGiven.Silo(_gateway);
        _client = await TcpGiven.Client([_gateway]);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.StopAsync();
        await _silo.StopAsync();
    }

    [Fact]
    public async Task Calls_of_one_caller_arrive_in_order_however_many_are_on_the_way()
    {
        var grain = _client.Grain(_key);
        var calls = Enumerable.Range(0, 5_000).Select(_ => grain.Add(1)).ToArray();
        Assert.Equal(Enumerable.Range(1, 5_000), await Task.WhenAll(calls));
    }

    [Fact]
    public async Task Each_caller_gets_its_own_answers()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            var grain = _client.Grain(_key + i);
            for (var n = 1; n <= 200; n++) Assert.Equal(i * n, await grain.Add(i));
        })));
    }

    [Fact]
    public async Task Large_messages_pass_both_ways()
    {
        var bytes = new byte[9_000_000];
        new Random(1).NextBytes(bytes);
        Assert.Equal(bytes, await _client.Grain(_key).Echo(bytes));
    }

    [Fact]
    public async Task An_exception_comes_back_as_it_was()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => _client.Grain(_key).Fail("as it was"));
        Assert.Equal("as it was", error.Message);
    }

    [Fact]
    public async Task A_grain_calls_an_observer_of_the_client()
    {
        var heard = new Heard();
        var factory = _client.Services.GetRequiredService<IGrainFactory>();
        var observer = factory.CreateObjectReference<IFarObserver>(heard);
        await _client.Grain(_key).Tell(observer, 20);
        Assert.Equal(Enumerable.Range(0, 20), heard.Numbers);
    }

    [Fact]
    public async Task A_caller_that_cancels_is_heard_at_the_other_end()
    {
        using var cancellation = new CancellationTokenSource();
        var call = _client.Grain(_key).Hang(cancellation.Token);
        await Signals.Wait($"{_key} hangs");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Signals.Wait($"{_key} was cancelled");
    }

    [Fact]
    public async Task A_turn_that_blocks_its_thread_does_not_stop_others_of_the_same_connection()
    {
        await _client.Grain(_key + "b").Add(1);
        var blocked = _client.Grain(_key).Block(_key);
        await Signals.Wait($"{_key} is near");
        for (var i = 0; i < 100; i++) await _client.Grain(_key + "b").Add(1).WaitAsync(TimeSpan.FromSeconds(5));
        Assert.False(blocked.IsCompleted);
        Signals.Meet(_key);
        await blocked;
    }
}
