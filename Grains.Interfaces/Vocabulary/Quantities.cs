using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace OrleansEtl;

/// <summary>Durations as people write them: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, <c>1.5h</c>, or ISO 8601
/// (<c>PT30S</c>).</summary>
public static partial class Durations
{
    /// <summary>No duration in a pipeline is longer.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(366);

    [GeneratedRegex(@"^(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s|m|h|d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length > 40) return false;
        if (Form().Match(text) is { Success: true } match)
        {
            var count = decimal.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var unit = match.Groups[2].Value switch
            {
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                _ => TimeSpan.TicksPerDay,
            };
            if (count * unit > Max.Ticks) return false;
            duration = TimeSpan.FromTicks((long)(count * unit));
            return true;
        }
        return text.StartsWith('P') && TryIso(text, out duration) && duration >= TimeSpan.Zero && duration <= Max;
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads as this duration.</summary>
    public static string ToText(TimeSpan duration)
    {
        foreach (var (ticks, unit) in new[]
        {
            (TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"),
            (TimeSpan.TicksPerSecond, "s"), (TimeSpan.TicksPerMillisecond, "ms"),
        })
        {
            if (duration.Ticks != 0 && duration.Ticks % ticks == 0)
                return (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
        }
        return duration == TimeSpan.Zero ? "0s" : XmlConvert.ToString(duration);
    }

    private static bool TryIso(string text, out TimeSpan duration)
    {
        // XmlConvert reads months and years as 30 and 365 days; a pipeline shall not guess, so they are refused.
        duration = default;
        var days = text.Split('T')[0];
        if (days.Contains('Y') || days.Contains('M')) return false;
        try
        {
            duration = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
    }
}

/// <summary>Sizes in bytes as people write them: <c>64MiB</c>, <c>1GB</c>, <c>512</c>.</summary>
public static partial class Sizes
{
    [GeneratedRegex(@"^(\d{1,12})\s?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (text.Length > 20 || Form().Match(text) is not { Success: true } match) return false;
        var unit = match.Groups[2].Value switch
        {
            "" or "B" => 1L,
            "kB" or "KB" => 1_000L,
            "MB" => 1_000_000L,
            "GB" => 1_000_000_000L,
            "TB" => 1_000_000_000_000L,
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            _ => 1L << 40,
        };
        var product = (Int128)long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * unit;
        if (product > long.MaxValue) return false;
        bytes = (long)product;
        return true;
    }
}
