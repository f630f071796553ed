using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Client;

/// <summary>What a client sees of a start before it asks for it, and what an idempotency key means.</summary>
public static class StartChecks
{
    public const int KeyLengthMax = 200;

    /// <summary>Why a cluster cannot take this; null when it can.</summary>
    public static Fault? Fault(StartRequest request) => FolderFault(request.Folder) ?? KeyFault(request.IdempotencyKey);

    /// <summary>Why relative paths cannot start there on a cluster; null when they can.</summary>
    public static Fault? FolderFault(string folder) => Path.IsPathRooted(folder) || folder.Split('/', '\\').Contains("..")
        ? new Fault(FaultKind.Invalid, "ETL4603",
            $"Folder is '{folder}'; expected a folder within `files/` of the silos' shared folder, or nothing.", null,
            "A cluster does not see the folders of its clients: copy the files into the shared folder.")
        : null;

    /// <summary>What is wrong with an idempotency key; null when nothing is.</summary>
    public static Fault? KeyFault(string? key) => key is { Length: 0 or > KeyLengthMax }
        ? new Fault(FaultKind.Invalid, "ETL4604", $"The idempotency key has {key.Length} characters; expected 1 to {KeyLengthMax}.")
        : null;

    /// <summary>What the key is claimed for.</summary>
    public static StartClaim Claim(StartRequest request, RunId run) => new(
        run,
        request.Spec.Version(),
        Digits(new SpecValue.Map([.. request.Params.OrderBy(field => field.Name, StringComparer.Ordinal)]).ToJson()),
        request.Folder,
        request.Timeout?.TotalSeconds.ToString(CultureInfo.InvariantCulture) ?? "");

    /// <summary>Why the wish is not the one that the key was claimed with; null when it is.</summary>
    public static Fault? Differ(StartClaim holds, StartClaim wished, string key)
    {
        (string What, string Before, string Now)[] parts =
        [
            ("definition", holds.Definition, wished.Definition), ("parameters", holds.Params, wished.Params),
            ("folder", holds.Folder, wished.Folder), ("timeout", holds.Timeout, wished.Timeout),
        ];
        var differ = parts.Where(part => part.Before != part.Now).ToArray();
        return differ is [] ? null : new Fault(FaultKind.Conflict, "ETL4602",
            $"Idempotency key '{key}' started run {holds.Run} with another request: "
            + string.Join(", ", differ.Select(d => $"{d.What} {Shown(d.Before)} then, {Shown(d.Now)} now")) + ".", null,
            $"Use another key for another request, or look at that run: etl runs show {holds.Run}");
    }

    private static string Shown(string text) => text.Length == 0 ? "none" : text;

    private static string Digits(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
