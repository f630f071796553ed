using System.Globalization;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>What a cron expression means, said again in the plainest way: one question for each minute, no sets, no search. Only for
/// expressions that are valid and have five fields.</summary>
internal sealed class NaiveCron
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly string[] _fields;
    private readonly bool[] _minutes = new bool[60];
    private readonly bool[] _hours = new bool[24];
    private readonly Dictionary<DateTime, bool> _days = [];

    public NaiveCron(string expression)
    {
        _fields = expression.ToUpperInvariant().Split(' ');
        for (var minute = 0; minute < 60; minute++) _minutes[minute] = Has(_fields[0], minute, 0, 59, []);
        for (var hour = 0; hour < 24; hour++) _hours[hour] = Has(_fields[1], hour, 0, 23, []);
        KeepsRhythm = $"{_fields[0]} {_fields[1]}".AsSpan().IndexOfAny("*-/") >= 0;
    }

    public bool KeepsRhythm { get; }

    public bool Fits(DateTime wall)
    {
        if (!_minutes[wall.Minute] || !_hours[wall.Hour]) return false;
        if (!_days.TryGetValue(wall.Date, out var fits)) _days[wall.Date] = fits = FitsDay(wall.Date);
        return fits;
    }

    /// <summary>Every minute of the walls at which this is due, a wall being a clock that is looked at once a minute.</summary>
    public List<int> DueOn(DateTime[] walls)
    {
        var due = new List<int>();
        var shown = walls[0]; // the latest time that the clock has shown
        for (var i = 1; i < walls.Length; i++)
        {
            var wall = walls[i];
            if (KeepsRhythm ? Fits(wall) : FitsBetween(shown, wall)) due.Add(i);
            if (wall > shown) shown = wall;
        }
        return due;
    }

    /// <summary>After the one and through the other; never when the clock shows again what it has shown.</summary>
    private bool FitsBetween(DateTime after, DateTime through)
    {
        for (var wall = after.AddMinutes(1); wall <= through; wall = wall.AddMinutes(1))
            if (Fits(wall)) return true;
        return false;
    }

    private bool FitsDay(DateTime day)
    {
        if (!Has(_fields[3], day.Month, 1, 12, Months)) return false;
        var (ofMonth, ofWeek) = (FitsDayOfMonth(day), FitsDayOfWeek(day));
        var both = _fields[2][0] is '*' or '?' || _fields[4][0] is '*' or '?';
        return both ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    private bool FitsDayOfMonth(DateTime day)
    {
        var last = new DateTime(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));
        return _fields[2].Split(',').Any(item => item switch
        {
            "W" => IsWorkingDay(day),
            "L" => day == last,
            "LW" => day == Nearest(last),
            ['L', '-', .. var back, 'W'] => last.AddDays(-Number(back)) is var meant && meant.Month == day.Month && day == Nearest(meant),
            ['L', '-', .. var back] => day == last.AddDays(-Number(back)),
            [.. var number, 'W'] => Number(number) <= last.Day && day == Nearest(new DateTime(day.Year, day.Month, Number(number))),
            _ => Has(item, day.Day, 1, 31, []),
        });
    }

    private bool FitsDayOfWeek(DateTime day)
    {
        var weekday = (int)day.DayOfWeek;
        return _fields[4].Split(',').Any(item => item switch
        {
            _ when item.Split('#') is [var of, var nth] => Of(of, Weekdays, 0) % 7 == weekday && (day.Day + 6) / 7 == Number(nth),
            [.. var of, 'L'] => Of(of, Weekdays, 0) % 7 == weekday && day.AddDays(7).Month != day.Month,
            // A range may end on a Sunday that is called 7; a step without an end goes to Saturday.
            _ => Has(item, weekday, 0, 6, Weekdays) || weekday == 0 && (item.Contains('-') || item == "7") && Has(item, 7, 0, 7, Weekdays),
        });
    }

    private static bool IsWorkingDay(DateTime day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    /// <summary>The working day of the same month with the fewest days between, of which there is only one.</summary>
    private static DateTime Nearest(DateTime meant) => Enumerable.Range(1, DateTime.DaysInMonth(meant.Year, meant.Month))
        .Select(day => new DateTime(meant.Year, meant.Month, day)).Where(IsWorkingDay).MinBy(day => Math.Abs((day - meant).Days));

    private static bool Has(string field, int value, int first, int last, string[] names) => field.Split(',').Any(item =>
    {
        var parts = item.Split('/');
        var step = parts.Length > 1 ? Number(parts[1]) : 1;
        if (parts[0] is "*" or "?") return value <= last && (value - first) % step == 0;
        var ends = parts[0].Split('-').Select(end => Of(end, names, first)).ToArray();
        var from = ends[0];
        var to = ends.Length > 1 ? ends[1] : parts.Length > 1 ? Math.Max(from, last) : from;
        if (names == Weekdays && from == 7 && to < 7) from = 0;
        var round = names == Weekdays ? 7 : last - first + 1;
        for (int i = from, n = to >= from ? to - from : to - from + round; n >= 0; i += step, n -= step)
            if ((i - first) % round + first == value || i == value) return true;
        return false;
    });

    private static int Of(string text, string[] names, int first) => Array.IndexOf(names, text) is >= 0 and var index ? index + first : Number(text);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
