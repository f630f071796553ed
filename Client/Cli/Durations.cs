using System.Globalization;

namespace OrleansEtl.Cli;

/// <summary>Durations as the command line takes them: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>No text is no duration.</summary>
    public static bool TryParse(string? text, out TimeSpan? duration)
    {
        duration = null;
        if (text is null) return true;
        foreach (var (unit, seconds) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            var number = text.AsSpan(0, text.Length - unit.Length);
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) continue;
            if (count * seconds is not (> 0 and < 366 * 86400d)) return false;
            duration = TimeSpan.FromSeconds(count * seconds);
            return true;
        }
        return false;
    }
}
