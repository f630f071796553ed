using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrleansEtl.Servers;

/// <summary>Stands before a server on the loopback address and can be cut: existing connections hang or are reset, new ones are
/// refused, until it is mended.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly ConcurrentDictionary<Socket, Socket> _pairs = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private volatile bool _refuses;
    private volatile TaskCompletionSource _flows = Open();

    private TcpProxy(TcpListener listener, int target)
    {
        (_listener, _target) = (listener, target);
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <param name="port">0: a free one.</param>
    public static TcpProxy To(int target, int port = 0)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return new TcpProxy(listener, target);
    }

    /// <summary>Resets all connections and those that come, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _refuses = true;
        foreach (var (client, server) in _pairs) Reset(client, server);
    }

    /// <summary>As a network that swallows: connections stay and nothing passes, until <see cref="Mend"/>.</summary>
    public void Hang() => _flows = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend()
    {
        _refuses = false;
        _flows.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        Cut();
        Mend();
        await _accepting;
        _closing.Dispose();
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task Accept()
    {
        try
        {
            while (true) _ = Carry(await _listener.AcceptSocketAsync(_closing.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Disposed, or stopped between two callers.
        }
    }

    private async Task Carry(Socket client)
    {
        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            _pairs[client] = server;
            if (_refuses) return;
            await server.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
            await Task.WhenAny(Pump(client, server), Pump(server, client));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Ends below.
        }
        finally
        {
            _pairs.TryRemove(client, out _);
            Reset(client, server);
        }
    }

    private async Task Pump(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, _closing.Token) is > 0 and var count)
        {
            await _flows.Task.WaitAsync(_closing.Token);
            for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _closing.Token);
        }
    }

    private static void Reset(Socket client, Socket server)
    {
        foreach (var socket in new[] { client, server })
        {
            if (socket.Connected) socket.LingerState = new LingerOption(true, 0);
            socket.Dispose();
        }
    }
}
