using System.Collections.Immutable;
using System.Data.Common;

namespace OrleansEtl.Steps.Http;

/// <summary>A service as its connection defines it: where it is, and the headers that are secret. Pipelines name the connection and a path below
/// it, so they reach what the host has allowed and nothing else.</summary>
internal sealed record HttpAddress(string Name, Uri Base, ImmutableArray<KeyValuePair<string, string>> Headers)
{
    private const string HeaderStart = "header.";

    /// <param name="text"><c>https://api.example/v1</c>, or <c>Url=https://api.example/v1;Header.Authorization=Bearer …</c></param>
    /// <exception cref="FaultException">It is neither; the text, which is secret, is not shown.</exception>
    public static HttpAddress Of(string name, string text)
    {
        var parts = new DbConnectionStringBuilder();
        try
        {
            parts.ConnectionString = text.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? "" : text;
        }
        catch (ArgumentException)
        {
            throw Wrong(name, "it cannot be read");
        }
        var url = parts.Count == 0 ? text : parts.TryGetValue("url", out var given) ? (string)given : "";
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var at) || at.Scheme is not ("https" or "http"))
            throw Wrong(name, "its address begins with neither https:// nor http://");
        if (at.UserInfo.Length > 0 || at.Query.Length > 0 || at.Fragment.Length > 0)
            throw Wrong(name, "its address holds a user, a query or a fragment; secrets go into headers");
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (string key in parts.Keys)
        {
            if (key.StartsWith(HeaderStart, StringComparison.OrdinalIgnoreCase))
                headers.Add(new(key[HeaderStart.Length..], (string)parts[key]));
            else if (key != "url") throw Wrong(name, $"it knows Url and Header.NAME, and no {Printable.Of(key)}");
        }
        return new HttpAddress(name, at, headers.ToImmutable());
    }

    /// <summary>Where a path leads.</summary>
    /// <exception cref="FaultException">Out of what the connection allows.</exception>
    public Uri At(string path, ImmutableArray<KeyValuePair<string, string>> query)
    {
        var asked = string.Join('&', query.Select(one => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(one.Value)}"));
        Uri? at = null;
        var isBelow = path.AsSpan().IndexOfAny('?', '#', '\\') < 0
            && Uri.TryCreate(Base.AbsoluteUri + path.TrimStart('/') + (asked.Length == 0 ? "" : "?" + asked), UriKind.Absolute, out at)
            && at.AbsoluteUri.StartsWith(Base.AbsoluteUri, StringComparison.Ordinal);
        return isBelow ? at! : throw new FaultException(new Fault(
            FaultKind.Denied, StepCodes.HttpDenied, $"'{Excerpt.Of(path, 200)}' is no path below connection '{Name}'.", "with.path",
            "Write a path without dots, ? and #; what is asked for goes into query."));
    }

    private static FaultException Wrong(string name, string why) => new(new Fault(
        FaultKind.Invalid, StepCodes.HttpConnectionInvalid, $"connection '{name}' is not one of an HTTP service: {why}.", "with.connection",
        "For example: Url=https://api.example/v1;Header.Authorization=\"Bearer …\""));
}
