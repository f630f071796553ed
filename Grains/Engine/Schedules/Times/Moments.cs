using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>Dates, times and periods as people type them.</summary>
public static partial class Moments
{
    /// <summary>Where periods are counted from unless something else is said: a first of a year and a Monday.</summary>
    public static readonly DateOnly Monday = new(2001, 1, 1);

    public static readonly DateTimeOffset MondayStart = new(Monday.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF",
    ];

    private static readonly string[] FormsWithOffset =
    [
        "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd HH:mmzzz", "yyyy-MM-dd HH:mm:sszzz",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd HH:mm:ss.FFFFFFFzzz",
    ];

    [GeneratedRegex(@"^(\d{1,6})\s+(day|week|month)s?$", RegexOptions.CultureInvariant)]
    private static partial Regex CalendarForm();

    /// <param name="zone">Whose clock shows it, unless it has an offset or a Z; null for UTC.</param>
    public static bool TryInstant(string text, Zone? zone, out DateTimeOffset instant)
    {
        var offset = text.EndsWith('Z') ? text[..^1] + "+00:00" : text;
        if (DateTimeOffset.TryParseExact(offset, FormsWithOffset, CultureInfo.InvariantCulture, DateTimeStyles.None, out instant)) return true;
        if (!DateTime.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall)) return false;
        instant = (zone ?? Zone.Utc).First(wall);
        return true;
    }

    public static bool TryDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    public static bool TryTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    /// <summary><c>2 weeks</c>; null when it is no such text.</summary>
    public static (int Count, CalendarUnit Unit)? Calendar(string text) => CalendarForm().Match(text) is { Success: true } match
        ? (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), Enum.Parse<CalendarUnit>(match.Groups[2].Value, ignoreCase: true))
        : null;
}
