namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>
/// Which days of a month a cron expression means. When both of its fields say something, a day counts that fits either of them (as in
/// Vixie's cron); when one of them begins with <c>*</c> or is <c>?</c>, a day counts that fits both.
/// Sets are bits: bit 15 of <paramref name="Days"/> is the fifteenth, bit 5 of <paramref name="Weekdays"/> Friday.
/// </summary>
/// <param name="BeforeEnd">Bit n: <c>L-n</c>, n days before the last one.</param>
/// <param name="NearDays">Bit n: <c>nW</c>, the working day nearest to the nth, in the same month.</param>
/// <param name="NearEnd">Bit n: <c>L-nW</c>.</param>
/// <param name="WorkingDays"><c>W</c>: Monday to Friday.</param>
/// <param name="Nth">Bit 8 × (n − 1) + weekday: <c>weekday#n</c>.</param>
/// <param name="LastWeekdays">Bit 5: <c>5L</c>, the last Friday.</param>
/// <param name="IsEither">Whether a day that fits one field is enough.</param>
public readonly record struct CronDays(
    uint Days, uint BeforeEnd, uint NearDays, uint NearEnd, bool WorkingDays,
    uint Weekdays, ulong Nth, uint LastWeekdays, bool IsEither)
{
    /// <summary>The days of a month as bits 1 to 31.</summary>
    public uint In(int year, int month) => InMonthOf(DateTime.DaysInMonth(year, month), (int)new DateTime(year, month, 1).DayOfWeek);

    /// <param name="length">How many days the month has.</param>
    /// <param name="first">The weekday of its first, Sunday being 0.</param>
    public uint InMonthOf(int length, int first)
    {
        var (ofMonth, ofWeek) = (OfMonth(length, first), OfWeek(length, first));
        return IsEither ? ofMonth | ofWeek : ofMonth & ofWeek;
    }

    private uint OfMonth(int length, int first)
    {
        var days = Days;
        for (var day = 1; day <= length; day++)
        {
            if (WorkingDays && (first + day - 1) % 7 is not (0 or 6)) days |= 1U << day;
            if (Has(NearDays, day)) days |= 1U << NearestWorkingDay(day, length, first);
            if (Has(BeforeEnd, length - day)) days |= 1U << day;
            if (Has(NearEnd, length - day)) days |= 1U << NearestWorkingDay(day, length, first);
        }
        return days & (uint)((2UL << length) - 2);
    }

    private uint OfWeek(int length, int first)
    {
        var days = 0U;
        for (var day = 1; day <= length; day++)
        {
            var weekday = (first + day - 1) % 7;
            if (Has(Weekdays, weekday) || (Nth >> (8 * ((day - 1) / 7) + weekday) & 1) != 0 || day + 7 > length && Has(LastWeekdays, weekday))
                days |= 1U << day;
        }
        return days;
    }

    private static int NearestWorkingDay(int day, int length, int first) => ((first + day - 1) % 7) switch
    {
        6 => day == 1 ? 3 : day - 1,
        0 => day == length ? day - 2 : day + 1,
        _ => day,
    };

    private static bool Has(uint bits, int bit) => (bits >> bit & 1) != 0;
}
