using System.Globalization;

namespace OrleansEtl;

/// <summary>The ids of alerts, <c>PIPELINE/NUMBER</c>, and of silences.</summary>
public static class AlertIds
{
    public static string Of(string pipeline, long number) => $"{pipeline}/{number.ToString(CultureInfo.InvariantCulture)}";

    public static bool TryRead(string id, out string pipeline, out long number)
    {
        var slash = id.LastIndexOf('/');
        (pipeline, number) = (slash > 0 ? id[..slash] : "", 0);
        return slash > 0 && long.TryParse(id.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <param name="entropy">Chance; its last four bytes.</param>
    public static string OfSilence(ReadOnlySpan<byte> entropy) => "sil_" + Convert.ToHexStringLower(entropy[^4..]);

    public static Fault Unknown(string id) => new(
        FaultKind.NotFound, "ETL6753", $"There is no alert {Excerpt.Of(id, 100)}, or none any more.", null, "See which there are: etl alerts list");
}
