using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansEtl.Servers;

/// <summary>Takes webhooks on this machine, one connection each.</summary>
public sealed class HookReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _serving;

    public HookReceiver()
    {
        _listener.Start();
        _serving = Serve();
    }

    /// <summary>What is answered next, in this order; after that 200. 0: nothing, and the connection stays open.</summary>
    public ConcurrentQueue<int> Answers { get; } = [];

    public ConcurrentQueue<(string Key, JsonElement Body)> Heard { get; } = [];

    /// <summary>A channel that leads here, as it stands in a variable.</summary>
    public string Channel => $"{{ channel: webhook, url: \"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/\", private: true }}";

    /// <summary>Waits until so many messages have come.</summary>
    public async Task Hears(int count, TimeSpan patience)
    {
        using var over = new CancellationTokenSource(patience);
        while (Heard.Count < count) await _news.WaitAsync(over.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Stop();
        await _serving;
    }

    private async Task Serve()
    {
        try
        {
            while (true) _ = Take(await _listener.AcceptTcpClientAsync(_closed.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // it is closed
        {
        }
    }

    private async Task Take(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            var reader = new StreamReader(stream, Encoding.UTF8);
            var (key, length) = ("", 0);
            while (await reader.ReadLineAsync(_closed.Token) is { Length: > 0 } line)
            {
                if (line.StartsWith("Idempotency-Key: ", StringComparison.OrdinalIgnoreCase)) key = line[17..];
                if (line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase)) length = int.Parse(line.AsSpan(16), CultureInfo.InvariantCulture);
            }
            var body = new StringBuilder();
            var part = new char[4096];
            while (Encoding.UTF8.GetByteCount(body.ToString()) < length)
                body.Append(part, 0, await reader.ReadAsync(part, _closed.Token));
            var status = Answers.TryDequeue(out var wanted) ? wanted : 200;
            Heard.Enqueue((key, JsonDocument.Parse(body.ToString()).RootElement));
            _news.Release();
            if (status == 0) await Task.Delay(Timeout.Infinite, _closed.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _closed.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }
}
