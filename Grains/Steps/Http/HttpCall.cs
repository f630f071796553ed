using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansEtl.Steps.Http;

/// <summary>One request and its answer. Redirects are not followed: they would lead out of what the connection allows.</summary>
internal static class HttpCall
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    /// <summary>Without a sign of the other side; the step's own timeout may be shorter.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(300);
    /// <summary>Of a refusal, shown with its fault.</summary>
    private const int ShownBytesMax = 2_000;
    private const int HeadersMaxKilobytes = 64;

    private static readonly HttpMessageInvoker Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.All, ConnectTimeout = ConnectTimeout,
        MaxResponseHeadersLength = HeadersMaxKilobytes, PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    });

    /// <param name="bytesMax">Of an answer that is kept.</param>
    public static async Task<HttpAnswer> Send(HttpRequestMessage request, HttpPlan plan, int bytesMax, TimeProvider time, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            using var response = await Client.SendAsync(request, either.Token).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            if (!plan.IsSuccess(status)) throw Refused(plan, status, await Read(response, ShownBytesMax, either.Token).ConfigureAwait(false));
            if (!plan.KeepsBody) return new HttpAnswer(status, new SpecValue.Null());
            var (body, isWhole) = await Read(response, bytesMax, either.Token).ConfigureAwait(false);
            return isWhole ? new HttpAnswer(status, Value(Encoding.UTF8.GetString(body))) : throw TooLarge(bytesMax);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Unreachable(plan, $"no answer within {Durations.ToText(AnswerTimeout)}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw Unreachable(plan, e is HttpRequestException { InnerException: SocketException { SocketErrorCode: var error } } ? $"{error}" : e.Message);
        }
    }

    private static async Task<(byte[] Bytes, bool IsWhole)> Read(HttpResponseMessage response, int bytesMax, CancellationToken cancellation)
    {
        var bytes = new byte[bytesMax + 1];
        var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return (bytes[..Math.Min(count, bytesMax)], count <= bytesMax);
        }
    }

    /// <summary>JSON as what it says, anything else as text.</summary>
    private static SpecValue Value(string body)
    {
        try
        {
            return body.Length == 0 ? new SpecValue.Null() : JsonValues.Of(body);
        }
        catch (JsonException)
        {
            return new SpecValue.Text(body);
        }
    }

    private static FaultException Refused(HttpPlan plan, int status, (byte[] Bytes, bool IsWhole) said)
    {
        var text = Printable.Of(Encoding.UTF8.GetString(said.Bytes)).Trim();
        var isTransient = plan.RetryCodes.Contains(status);
        return new FaultException(new Fault(
            isTransient ? FaultKind.Unavailable : status is 401 or 403 ? FaultKind.Denied : status is 404 ? FaultKind.NotFound : FaultKind.Invalid,
            StepCodes.HttpRefused,
            $"connection '{plan.Connection}' answered {status} to {plan.Method} {Excerpt.Of(plan.Path, 200)}{(text.Length == 0 ? "." : $": {text}")}",
            null, status is >= 300 and < 400 ? "Redirects are not followed: let the connection's address be the one that it leads to." : null));
    }

    private static FaultException Unreachable(HttpPlan plan, string why) => new(new Fault(
        FaultKind.Unavailable, StepCodes.HttpUnreachable,
        $"connection '{plan.Connection}' was not reached for {plan.Method} {Excerpt.Of(plan.Path, 200)}: {Printable.Of(why)}."));

    private static FaultException TooLarge(int bytesMax) => new(new Fault(
        FaultKind.Exhausted, StepCodes.HttpTooLarge, $"the answer has more than the {bytesMax} bytes that a step's values may have.", null,
        "Ask for less of it, or leave it away with keep_body: false."));
}

/// <param name="Body">JSON as what it says, anything else as text; null when it is not kept.</param>
internal sealed record HttpAnswer(int Status, SpecValue Body);
