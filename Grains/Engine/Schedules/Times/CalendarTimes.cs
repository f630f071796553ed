using System.Diagnostics;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>
/// Every so many days, weeks or months at a time of the day, before and after an anchor. Months are counted from the anchor each time, and
/// a day that a month does not have is its last: from 31 January, 28 February, 31 March, 30 April.
/// </summary>
public sealed record CalendarTimes(int Count, CalendarUnit Unit, TimeOnly At, DateOnly Anchor) : IWallTimes
{
    public DateTime? Next(DateTime from, DateTime before)
    {
        var steps = Math.DivRem(Unit == CalendarUnit.Month ? MonthsTo(from) : DaysTo(from), StepLength, out var rest) - (rest < 0 ? 1 : 0);
        // The step may begin before `from`, or fall into the same month before it.
        for (var step = steps; step <= steps + 1; step++)
            if (Time(step) is { } time && time >= from) return time < before ? time : null;
        return null;
    }

    private int StepLength => Unit switch
    {
        CalendarUnit.Day or CalendarUnit.Month => Count,
        CalendarUnit.Week => Count * 7,
        _ => throw new UnreachableException(),
    };

    private int DaysTo(DateTime time) => DateOnly.FromDateTime(time).DayNumber - Anchor.DayNumber;
    private int MonthsTo(DateTime time) => (time.Year - Anchor.Year) * 12 + time.Month - Anchor.Month;

    /// <summary>Null outside of what can be written as a date.</summary>
    private DateTime? Time(int step)
    {
        if (Unit == CalendarUnit.Month)
        {
            var month = Anchor.Year * 12 + Anchor.Month - 1 + step * Count;
            return month is >= 12 and < 120_000 ? Anchor.AddMonths(step * Count).ToDateTime(At) : null;
        }
        var day = Anchor.DayNumber + (long)step * StepLength;
        return day >= 0 && day <= DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber((int)day).ToDateTime(At) : null;
    }
}
