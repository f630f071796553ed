using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansEtl.Steps.Tests;

/// <summary>A service on loopback that answers as the test says, byte by byte.</summary>
internal sealed class Service : IDisposable
{
    /// <summary>An answer that never comes.</summary>
    public const string Silence = "";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, string> _answer;

    public Service(Func<string, string> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Serve();
    }

    public string Url => $"http://{_listener.LocalEndpoint}/v1";

    /// <summary>What it was asked: heads and bodies.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Ends when it is asked, and when one who waits for silence gives up.</summary>
    public TaskCompletionSource WasAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public TaskCompletionSource WasLeft { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static string Answer(int status, string body, string more = "") =>
        $"HTTP/1.1 {status} Said\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{more}\r\n{body}";

    public Home Home(string headers = "") => new(NamedConnections.Of(("shop", headers.Length == 0 ? Url : $"Url={Url};{headers}")));

    private async Task Serve()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            _ = Converse(socket);
        }
    }

    private async Task Converse(Socket socket)
    {
        using (socket)
        {
            var request = await Request(socket);
            Asked.Enqueue(request);
            WasAsked.TrySetResult();
            var answer = _answer(request);
            if (answer != Silence)
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(answer));
                return;
            }
            try
            {
                await socket.ReceiveAsync(new byte[1]);
            }
            catch (SocketException) // broken off
            {
            }
            WasLeft.TrySetResult();
        }
    }

    private static async Task<string> Request(Socket socket)
    {
        var (bytes, count) = (new byte[1 << 16], 0);
        while (true)
        {
            count += await socket.ReceiveAsync(bytes.AsMemory(count));
            var text = Encoding.UTF8.GetString(bytes, 0, count);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is not (>= 0 and var head)) continue;
            var length = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))?[16..] ?? "0";
            if (count >= head + 4 + int.Parse(length)) return text;
        }
    }

    public void Dispose() => _listener.Dispose();
}
