using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Messaging.Tcp;
using Xunit;

namespace OrleansEtl.Runtime.Tests.Tcp;

[Trait("category", "runtime-only")]
public sealed class TcpHandshakeTests : IAsyncLifetime
{
    private static readonly LinkSettings Right = new("default") { Secret = "known to all" };
    private static readonly SiloAddress Caller = SiloAddress.New(IPAddress.Loopback, 7, -7);

    private readonly IPEndPoint _gateway = TcpGiven.FreeEndpoint();
    private IHost _silo = null!;

    public async ValueTask InitializeAsync() =>
        _silo = await TcpGiven.Silo(_gateway, new() { ["Orleans:Security:Secret"] = "known to all" });

    public async ValueTask DisposeAsync() => await _silo.StopAsync();

    [Fact]
    public async Task Who_knows_the_secret_and_calls_the_right_silo_is_let_in()
    {
        var connection = await Call(Right, Caller, 0);
        Assert.Equal(_silo.Address(), connection.Other);
        connection.Start();
        Assert.True(await connection.Ping(TimeSpan.FromSeconds(5)));
        connection.Close("seen");
    }

    [Fact]
    public async Task Who_knows_another_secret_or_none_is_refused() =>
        Assert.Contains("secret", await Refused(Right with { Secret = "known to none" }, Caller, 0)
            + await Refused(Right with { Secret = null }, Caller, 0));

    [Fact]
    public async Task Who_belongs_to_another_cluster_is_refused() =>
        Assert.Contains("\"elsewhere\"", await Refused(Right with { ClusterId = "elsewhere" }, Caller, 0));

    [Fact]
    public async Task Who_means_an_earlier_life_of_the_silo_is_refused() =>
        Assert.Contains("no longer lives here", await Refused(Right, Caller, _silo.Address().Generation - 1));

    [Fact]
    public async Task A_silo_is_refused_at_the_port_for_clients() =>
        Assert.Contains("clients", await Refused(Right, SiloAddress.New(IPAddress.Loopback, 7, 7), 0));

    [Fact]
    public async Task A_server_that_does_not_know_the_secret_is_left_by_its_caller()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var other = Task.Run(() => Opening.Answer(
            listener.Accept(), SiloAddress.New(IPAddress.Loopback, 1, 1), true, Right with { Secret = "guessed" },
            new NoOwner(), _ => null));
        await Assert.ThrowsAsync<ConnectionFailedException>(() => Opening.Call(
            (IPEndPoint)listener.LocalEndPoint!, Caller, SiloAddress.Zero, Right, new NoOwner()));
        await Assert.ThrowsAsync<HandshakeException>(() => other);
    }

    [Fact]
    public async Task A_silo_that_others_can_reach_does_not_start_without_a_secret()
    {
        var settings = new LinkSettings("default");
        settings.CheckListening(IPAddress.Loopback);
        (settings with { Secret = "s" }).CheckListening(IPAddress.Any);
        var error = Assert.Throws<OrleansConfigurationException>(() => settings.CheckListening(IPAddress.Any));
        Assert.Contains("Orleans:Security:Secret", error.Message);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Strangers_who_say_nothing_are_bounded_in_number_and_time_and_keep_nobody_out()
    {
        var strangers = new List<Socket>();
        for (var i = 0; i < 200; i++) strangers.Add(await Knock());
        // Those beyond the bound are turned away at once.
        while (strangers.Count(socket => socket.Poll(0, SelectMode.SelectRead)) < 200 - Right.StrangersMax)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        foreach (var socket in strangers) socket.Dispose();
        var connection = await Eventually(() => Call(Right, Caller, 0));
        connection.Close("seen");
    }

    private async Task<Socket> Knock()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_gateway);
        return socket;
    }

    private async Task<string> Refused(LinkSettings settings, SiloAddress caller, int generation) =>
        (await Assert.ThrowsAsync<ConnectionFailedException>(() => Call(settings, caller, generation))).Message;

    private Task<Connection> Call(LinkSettings settings, SiloAddress caller, int generation) => Opening.Call(
        _gateway, caller, SiloAddress.New(_silo.Address().Endpoint, generation), settings, new NoOwner());

    private static async Task<T> Eventually<T>(Func<Task<T>> attempt)
    {
        for (var left = 50; ; left--)
        {
            try
            {
                return await attempt();
            }
            catch (ConnectionFailedException) when (left > 0)
            {
                await Task.Delay(20);
            }
        }
    }
}

/// <summary>Takes whatever comes.</summary>
internal sealed class NoOwner : IConnectionOwner
{
    public System.Collections.Concurrent.BlockingCollection<Letter> Letters { get; } = [];

    void IConnectionOwner.Received(Connection connection, Letter letter) => Letters.Add(letter);

    void IConnectionOwner.Oversized(Connection connection, Letter letter, long bodyBytes)
    {
    }

    void IConnectionOwner.Closed(Connection connection, Letter[] unsent, string reason)
    {
    }
}
