using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrleansEtl.Silo.Hooks;

/// <summary>An answer that says what is wrong, as problem+json.</summary>
internal static class HookProblem
{
    public static Task Write(HttpContext http, int status, Fault fault)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", Title(status));
            json.WriteNumber("status", status);
            json.WriteString("detail", fault.Message);
            json.WriteString("code", fault.Code);
            json.WriteEndObject();
        }
        return http.Response.Body.WriteAsync(text.ToArray(), http.RequestAborted).AsTask();
    }

    private static string Title(int status) => status switch
    {
        401 => "Not accepted",
        404 => "Nothing here",
        409 => "Not now",
        413 => "Too large",
        422 => "Cannot be started",
        429 => "Too many requests",
        503 => "Away",
        _ => "Not understood",
    };
}
