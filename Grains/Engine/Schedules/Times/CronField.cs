using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>What one field of a cron expression may hold.</summary>
/// <param name="Last">The largest number; one more in the field of weekdays, where 7 is Sunday too.</param>
/// <param name="IsOfDay">Whether it says when within a day, and not on which days.</param>
internal sealed record CronField(string Name, int First, int Last, bool IsOfDay, ImmutableArray<string> Names)
{
    public static readonly CronField Second = new("second", 0, 59, true, []);
    public static readonly CronField Minute = new("minute", 0, 59, true, []);
    public static readonly CronField Hour = new("hour", 0, 23, true, []);
    public static readonly CronField Day = new("day of month", 1, 31, false, []);
    public static readonly CronField Month = new("month", 1, 12, false,
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]);
    public static readonly CronField Weekday = new("day of week", 0, 7, false, ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]);

    public static readonly ImmutableArray<CronField> Five = [Minute, Hour, Day, Month, Weekday];
    public static readonly ImmutableArray<CronField> Six = [Second, .. Five];

    /// <summary>How many values there are, so that a range can go round: Friday to Monday.</summary>
    public int Round => this == Weekday ? 7 : Last - First + 1;

    public string Expected => (this == Weekday ? "0 to 7, SUN to SAT" : $"{First} to {Last}{(Names.IsEmpty ? "" : $", {Names[0]} to {Names[^1]}")}")
        + (this == Day ? ", L or W" : "");

    /// <summary>The number that the text says; null when it says none.</summary>
    public int? Value(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < Names.Length; i++)
            if (text.Equals(Names[i], StringComparison.OrdinalIgnoreCase)) return First + i;
        return Number(text) is { } number && number >= First && number <= Last ? number : null;
    }

    /// <summary>At most six digits: no field holds more, and none overflows.</summary>
    public static int? Number(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 6 && !text.ContainsAnyExceptInRange('0', '9')
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : null;

    /// <summary>The bits of every <paramref name="step"/>th value from one to the other, over the end and on from the beginning when the
    /// second is the smaller one.</summary>
    public ulong Bits(int from, int to, int step)
    {
        if (this == Weekday && from == 7 && to != 7) from = 0;
        var length = to >= from ? to - from : to - from + Round;
        var bits = 0UL;
        for (var i = 0; i <= length; i += step) bits |= 1UL << (First + (from - First + i) % Round);
        return bits;
    }
}
