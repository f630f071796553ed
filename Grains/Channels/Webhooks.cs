using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Channels;

/// <summary>
/// Posts messages. The other side is not trusted: redirects are not followed, nothing of it is kept but the beginning of what it says, and no
/// proxy stands between, so that the address that was allowed is the one that is spoken to.
/// </summary>
public sealed class Webhooks(TimeProvider clock) : IDisposable
{
    public const string KeyHeader = "Idempotency-Key";
    public const string SignatureHeader = "Etl-Signature";

    private const int HeadersMaxKilobytes = 16;
    private const int SaidBytesMax = 512;

    private readonly HttpMessageInvoker _public = new(Handler(isPrivate: false));
    private readonly HttpMessageInvoker _private = new(Handler(isPrivate: true));

    public async Task<Fault?> Send(Channel.Webhook hook, ChannelMessage message, TimeSpan within)
    {
        using var time = new CancellationTokenSource(within, clock);
        try
        {
            using var request = Request(hook, message);
            using var response = await (hook.IsPrivate ? _private : _public).SendAsync(request, time.Token);
            var status = (int)response.StatusCode;
            if (response.IsSuccessStatusCode) return null;
            if (status is >= 300 and < 400) return ChannelFaults.Redirects(status);
            return ChannelFaults.Answered(status, await Said(response, time.Token));
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            return ChannelFaults.TooSlow("The webhook", within);
        }
        catch (Exception e)
        {
            for (var cause = e; cause is not null; cause = cause.InnerException)
                if (cause is FaultException { Fault: var fault }) return fault;
            return ChannelFaults.Unreachable("The webhook", Why(e));
        }
    }

    public void Dispose()
    {
        _public.Dispose();
        _private.Dispose();
    }

    private HttpRequestMessage Request(Channel.Webhook hook, ChannelMessage message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, hook.Url) { Content = new ReadOnlyMemoryContent(message.Json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.Add(KeyHeader, message.Key);
        request.Headers.Add("User-Agent", "OrleansEtl");
        if (hook.Secret is { } secret) request.Headers.Add(SignatureHeader, Signature(secret, message.Json.Span, clock.GetUtcNow()));
        return request;
    }

    /// <summary><c>t=SECONDS,v1=HEX</c>: the HMAC-SHA256 of the seconds since 1970, a dot, and the body.</summary>
    public static string Signature(string secret, ReadOnlySpan<byte> body, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes(seconds + "."));
        hash.AppendData(body);
        return $"t={seconds},v1={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static async Task<string> Said(HttpResponseMessage response, CancellationToken cancellation)
    {
        var bytes = new byte[SaidBytesMax];
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return Encoding.UTF8.GetString(bytes, 0, count);
    }

    /// <summary>The address is left out, since it may hold a token.</summary>
    private static string Why(Exception e) => e switch
    {
        HttpRequestException { InnerException: SocketException socket } => socket.SocketErrorCode.ToString(),
        HttpRequestException http => http.HttpRequestError.ToString(),
        _ => e.GetType().Name,
    };

    private static SocketsHttpHandler Handler(bool isPrivate) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        MaxResponseHeadersLength = HeadersMaxKilobytes,
        MaxResponseDrainSize = SaidBytesMax,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = async (context, cancellation) =>
        {
            var addresses = await AddressRules.Resolve(context.DnsEndPoint.Host, isPrivate, cancellation);
            if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
            return new NetworkStream(await AddressRules.Connect(addresses, context.DnsEndPoint.Port, cancellation), ownsSocket: true);
        },
    };
}
