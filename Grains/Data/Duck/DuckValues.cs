using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansEtl.Data.Duck;

/// <summary>DuckDB's interval: three counts that no number of days can replace.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct DuckInterval(int Months, int Days, long Micros)
{
    /// <summary>As DuckDB writes it: <c>1 year 2 months 3 days 04:05:06.789</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        void Part(int count, string unit)
        {
            if (count == 0) return;
            if (text.Length > 0) text.Append(' ');
            text.Append(CultureInfo.InvariantCulture, $"{count} {unit}{(count is 1 or -1 ? "" : "s")}");
        }

        Part(Months / 12, "year");
        Part(Months % 12, "month");
        Part(Days, "day");
        if (Micros == 0 && text.Length > 0) return text.ToString();
        if (text.Length > 0) text.Append(' ');
        if (Micros < 0) text.Append('-');
        return text.Append(DuckText.Time(Math.Abs(Micros))).ToString();
    }
}

/// <summary>A struct: its fields in order.</summary>
public sealed record DuckStruct(IReadOnlyList<KeyValuePair<string, object?>> Fields)
{
    public object? this[string name] => Fields.First(field => field.Key == name).Value;
}

/// <summary>A map: its pairs in order; keys may be of any type.</summary>
public sealed record DuckMap(IReadOnlyList<KeyValuePair<object?, object?>> Pairs);

/// <summary>DuckDB's own spelling of values that .NET types do not hold.</summary>
internal static class DuckText
{
    public static DateTime Unspecified(this DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);

    public static string? Infinite(long count) =>
        count == long.MaxValue ? "infinity" : count == -long.MaxValue ? "-infinity" : null;

    public static string Decimal(Int128 unscaled, int scale)
    {
        var magnitude = UInt128.CreateTruncating(Int128.Abs(unscaled));
        var digits = magnitude.ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return unscaled < 0 ? "-" + text : text;
    }

    public static string Date(int days) =>
        days == int.MaxValue ? "infinity" : days == -int.MaxValue ? "-infinity" : CivilDate(days);

    public static string Time(long micros)
    {
        var seconds = micros / 1_000_000;
        var fraction = micros % 1_000_000;
        var text = Plain($"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return fraction == 0 ? text : text + Plain($".{fraction:000000}").TrimEnd('0');
    }

    public static string TimeNanos(long nanos) =>
        nanos % 1000 == 0 ? Time(nanos / 1000)
        : Time(nanos / 1_000_000_000 * 1_000_000) + Plain($".{nanos % 1_000_000_000:000000000}");

    public static string TimeTz(ulong bits)
    {
        // 40 bits of microseconds, then the offset, counted down from the largest so that equal instants sort by
        // offset.
        var offset = 57_599 - (int)(bits & 0xFFFFFF);
        var sign = offset < 0 ? '-' : '+';
        var seconds = Math.Abs(offset);
        var text = Plain($"{Time((long)(bits >> 24))}{sign}{seconds / 3600:00}");
        if (seconds % 3600 != 0) text += Plain($":{seconds / 60 % 60:00}");
        return seconds % 60 == 0 ? text : text + Plain($":{seconds % 60:00}");
    }

    public static string Timestamp(Int128 micros)
    {
        var day = (long)(micros / 86_400_000_000);
        var rest = (long)(micros % 86_400_000_000);
        if (rest < 0) (day, rest) = (day - 1, rest + 86_400_000_000);
        return Mark(CivilDate(day), Time(rest));
    }

    public static string TimestampNanos(long nanos)
    {
        var seconds = Math.DivRem(nanos, 1_000_000_000, out var rest);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + 1_000_000_000);
        return Timestamp((Int128)seconds * 1_000_000) + Plain($".{rest:000000000}");
    }

    public static string Bits(ReadOnlySpan<byte> stored)
    {
        // The first byte says how many leading bits of the second are padding.
        var text = new StringBuilder(stored.Length * 8);
        for (var i = 1; i < stored.Length; i++)
            for (var bit = i == 1 ? 7 - stored[0] : 7; bit >= 0; bit--)
                text.Append((char)('0' + ((stored[i] >> bit) & 1)));
        return text.ToString();
    }

    private static string Plain(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Mark(string date, string time) =>
        date.EndsWith(" (BC)", StringComparison.Ordinal) ? $"{date[..^5]} {time} (BC)" : $"{date} {time}";

    /// <summary>Days since 1970 as a proleptic Gregorian date of any year.</summary>
    private static string CivilDate(long days)
    {
        var shifted = days + 719_468;
        var era = Math.DivRem(shifted, 146_097, out var inEra);
        if (inEra < 0) (era, inEra) = (era - 1, inEra + 146_097);
        var year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365;
        var dayOfYear = inEra - (365 * year + year / 4 - year / 100);
        var month = (5 * dayOfYear + 2) / 153;
        var day = dayOfYear - (153 * month + 2) / 5 + 1;
        var civilMonth = month < 10 ? month + 3 : month - 9;
        var civilYear = year + era * 400 + (civilMonth <= 2 ? 1 : 0);
        var bc = civilYear <= 0;
        return Plain($"{(bc ? 1 - civilYear : civilYear):0000}-{civilMonth:00}-{day:00}{(bc ? " (BC)" : "")}");
    }
}
