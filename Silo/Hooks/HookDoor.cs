using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using OrleansEtl.Engine.Triggers;
using OrleansEtl.Steps;

namespace OrleansEtl.Silo.Hooks;

/// <summary>
/// Takes <c>POST /hooks/PIPELINE/ID</c>. A request is answered with 202 only after its start is stored, with the id of its run; the same delivery
/// again is answered with the same run. Whoever does not know the secret of a hook is not told whether there is one: the same work is done, and
/// the same is answered.
/// </summary>
/// <param name="find">The trigger of an id, as it is stored; null: there is none.</param>
/// <param name="secret">By its name; null: there is none of that name here.</param>
internal sealed class HookDoor(
    HookSettings settings, Func<string, Task<TriggerView?>> find, Func<string, TriggerDelivery, Task<DeliveryAnswer>> deliver,
    Func<string, Fault, Task> hinder, Func<string, string?> secret, TimeProvider clock, byte[] nobodys) : IDisposable
{
    private const string Start = "/hooks/";

    private readonly TokenBucketRateLimiter _rate = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = settings.RequestsAtOnce, TokensPerPeriod = settings.RequestsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0, AutoReplenishment = true,
    });

    private static readonly Fault Nothing = new(FaultKind.NotFound, TriggerCodes.NoHookThere, "Only POST /hooks/PIPELINE/ID is taken here.");
    private static readonly Fault Many = new(FaultKind.Exhausted, TriggerCodes.TooManyHooks,
        "More requests came than are taken a second. Send it again later.");
    private static readonly Fault Strange = new(FaultKind.Denied, TriggerCodes.NotAccepted,
        "The request has no right signature for this address, or its time is too far from the time here.");

    public async Task Take(HttpContext http)
    {
        if (http.Request.Method != "POST" || http.Request.Path.Value is not { } path || !path.StartsWith(Start, StringComparison.Ordinal))
        {
            await HookProblem.Write(http, 404, Nothing);
            return;
        }
        using var turn = _rate.AttemptAcquire();
        if (!turn.IsAcquired)
        {
            http.Response.Headers.RetryAfter = "1";
            await HookProblem.Write(http, 429, Many);
            return;
        }
        byte[]? body;
        try
        {
            body = await Read(http);
        }
        catch (Exception e) when (e is OperationCanceledException or BadHttpRequestException or IOException) // it does not come
        {
            http.Abort();
            return;
        }
        if (body is null)
            await HookProblem.Write(http, 413, new Fault(FaultKind.Invalid, TriggerCodes.HookTooLarge, $"The body has more than {settings.BodyMax} bytes."));
        else await Take(http, path[Start.Length..], body);
    }

    private async Task Take(HttpContext http, string id, byte[] body)
    {
        try
        {
            if (await Accepted(http, id, body) is not { } signature) await HookProblem.Write(http, 401, Strange);
            else if (HookBody.Read(body, settings.DepthMax) is not { } values)
                await HookProblem.Write(http, 400, new Fault(FaultKind.Invalid, TriggerCodes.HookUnreadable,
                    $"The body is no JSON object whose names are unique, of at most {settings.DepthMax} levels."));
            else await Answer(http, await deliver(id, Delivery(signature, values)));
        }
        catch (Exception e) when (e is FaultException or TimeoutException or Orleans.Runtime.OrleansException)
        {
            await HookProblem.Write(http, 503, new Fault(
                FaultKind.Unavailable, TriggerCodes.HookAway, "The request was not taken, or perhaps it was. Send it again, with the same delivery."));
        }
    }

    /// <summary>Null: it is not accepted.</summary>
    private async Task<HookSignature?> Accepted(HttpContext http, string id, byte[] body)
    {
        var headers = http.Request.Headers;
        var signature = HookSignature.Of(
            headers[HookSignature.TimestampHeader], headers[HookSignature.DeliveryHeader], headers[HookSignature.SignatureHeader]);
        var known = await Secret(id);
        var isRight = signature?.Is(known is null ? nobodys : Encoding.UTF8.GetBytes(known), body) ?? false;
        return isRight && known is not null && signature!.IsWithin(clock.GetUtcNow(), settings.Window) ? signature : null;
    }

    private async Task<string?> Secret(string id)
    {
        if (await find(id) is not { Spec: { On: TriggerSource.OfWebhook hook, IsPaused: var isPaused }, Fault: var known }) return null;
        if (secret(hook.Secret) is { Length: > 0 } text) return text;
        if (known?.Code != TriggerCodes.NoSecret && !isPaused)
            await hinder(id, new Fault(FaultKind.Invalid, TriggerCodes.NoSecret,
                $"There is no connection '{hook.Secret}' where webhooks are taken, so none can be believed.", "secret",
                $"Define it there with the environment variable {NamedConnections.Variable(hook.Secret)}, or in the file that ETL_CONNECTIONS names."));
        return null;
    }

    private static TriggerDelivery Delivery(HookSignature signature, SpecValue.Map body) => new(
        "webhook", signature.Delivery, $"delivery {signature.Delivery}",
        new SpecValue.Map([new Field("delivery", new SpecValue.Text(signature.Delivery)), new Field("body", body)]));

    private static Task Answer(HttpContext http, DeliveryAnswer answer)
    {
        switch (answer)
        {
            case DeliveryAnswer.Taken taken:
                http.Response.StatusCode = 202;
                http.Response.ContentType = "application/json";
                return http.Response.WriteAsync($$"""{"run_id":"{{taken.Run}}"}""");
            case DeliveryAnswer.Refused { Fault: var fault }:
                return HookProblem.Write(http, fault.Kind switch
                {
                    FaultKind.Conflict => 409,
                    FaultKind.Exhausted or FaultKind.Unavailable => 503,
                    _ => 422,
                }, fault);
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Null: it is too large.</summary>
    private async Task<byte[]?> Read(HttpContext http)
    {
        if (http.Request.ContentLength > settings.BodyMax) return null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        patience.CancelAfter(settings.ReadPatience);
        var buffer = new byte[settings.BodyMax + 1];
        var length = 0;
        while (await http.Request.Body.ReadAsync(buffer.AsMemory(length), patience.Token) is > 0 and var read)
            if ((length += read) > settings.BodyMax) return null;
        return buffer[..length];
    }

    public void Dispose() => _rate.Dispose();
}
