using System.Numerics;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>Finds times of a cron expression month by month: a set of days each, so that no search is longer than the months it spans.</summary>
public sealed class CronSearch(Cron cron)
{
    /// <summary>Months that were looked at.</summary>
    public int MonthsSeen { get; private set; }

    public DateTime? Next(DateTime from, DateTime before)
    {
        var (year, month) = (from.Year, from.Month);
        while (year <= DateTime.MaxValue.Year && new DateTime(year, month, 1) < before)
        {
            MonthsSeen++;
            if ((cron.Months >> month & 1) != 0 && InMonth(year, month, from) is { } found) return found < before ? found : null;
            (year, month) = month < 12 ? (year, month + 1) : (year + 1, 1);
        }
        return null;
    }

    private DateTime? InMonth(int year, int month, DateTime from)
    {
        var isFirst = (year, month) == (from.Year, from.Month);
        var days = cron.Days.In(year, month);
        if (isFirst) days &= uint.MaxValue << from.Day;
        for (; days != 0; days &= days - 1)
        {
            var day = BitOperations.TrailingZeroCount(days);
            var since = isFirst && day == from.Day ? from.TimeOfDay : TimeSpan.Zero;
            if (InDay(since) is { } time) return new DateTime(year, month, day) + time;
        }
        return null;
    }

    /// <summary>The first time of a day that is not earlier.</summary>
    private TimeSpan? InDay(TimeSpan since)
    {
        if (since.Ticks % TimeSpan.TicksPerSecond != 0) since = new TimeSpan((since.Ticks / TimeSpan.TicksPerSecond + 1) * TimeSpan.TicksPerSecond);
        if (since.Days > 0) return null;
        var (hour, minute, second) = (since.Hours, since.Minutes, since.Seconds);
        if ((cron.Hours >> hour & 1) != 0)
        {
            if ((cron.Minutes >> minute & 1) != 0 && From(cron.Seconds, second) is { } s) return new TimeSpan(hour, minute, s);
            if (From(cron.Minutes, minute + 1) is { } m) return new TimeSpan(hour, m, First(cron.Seconds));
        }
        return From(cron.Hours, hour + 1) is { } h ? new TimeSpan(h, First(cron.Minutes), First(cron.Seconds)) : null;
    }

    private static int First(ulong bits) => BitOperations.TrailingZeroCount(bits);

    private static int? From(ulong bits, int least) => (bits >> least << least) is not 0 and var left ? First(left) : null;
}
