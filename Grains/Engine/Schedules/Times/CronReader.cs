using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>Reads a cron expression field by field, so that all faults are found at once.</summary>
internal static class CronReader
{
    private static readonly ImmutableArray<(string Name, string Means)> Macros =
    [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
    ];

    public static CronResult Read(string text)
    {
        if (text.Length > Cron.LengthMax)
            return Faulty([], text, ScheduleCodes.CronFields, $"Found {text.Length} characters, expected at most {Cron.LengthMax}.");
        var words = Words(text);
        if (words is [{ Text: ['@', ..] } macro]) return ReadMacro(macro);
        if (words.Count is not (5 or 6))
            return Faulty(words, text, ScheduleCodes.CronFields,
                $"Found {words.Count} {(words.Count == 1 ? "field" : "fields")}, expected five (minute, hour, day of month, month, day of week), "
                + "or six with the second first.",
                "For example `30 2 * * MON-FRI`: at 02:30 from Monday to Friday.");
        var faults = ImmutableArray.CreateBuilder<CronFault>();
        var fields = words.Zip(words.Count == 6 ? CronField.Six : CronField.Five)
            .Select(pair => (Field: pair.Second, Values: new CronFieldReader(pair.Second, pair.First, faults).Read()))
            .ToDictionary(pair => pair.Field, pair => pair.Values);
        if (faults.Count > 0) return new CronResult.Faulty(faults.DrainToImmutable());
        return Whole(string.Join(' ', words.Select(word => word.Text)), fields, words);
    }

    private static CronResult Whole(string text, Dictionary<CronField, CronValues> fields, List<CronWord> words)
    {
        var second = fields.GetValueOrDefault(CronField.Second);
        var (day, weekday, month) = (fields[CronField.Day], fields[CronField.Weekday], fields[CronField.Month]);
        var days = new CronDays(
            (uint)day.Bits, day.BeforeEnd, day.Near, day.NearEnd, day.WorkingDays,
            (uint)weekday.Bits, weekday.Nth, weekday.LastWeekdays, IsEither: !day.BeginsWithStar && !weekday.BeginsWithStar);
        var cron = new Cron(
            text, second?.Bits ?? 1, fields[CronField.Minute].Bits, (uint)fields[CronField.Hour].Bits, days, (uint)month.Bits,
            fields.Any(field => field.Key.IsOfDay && field.Value.Repeats));
        if (Happens(cron)) return new CronResult.Valid(cron);
        var (from, to) = (words[^3], words[^2]);
        return new CronResult.Faulty([new CronFault(from.Start, to.Start + to.Text.Length - from.Start, new Fault(
            FaultKind.Invalid, ScheduleCodes.CronNever,
            $"No year has such a day: day of month `{from.Text}`, month `{to.Text}`, day of week `{words[^1].Text}`.",
            null, "Write L for the last day of a month, whichever that is."))]);
    }

    /// <summary>Whether any month that can be, of any length and beginning, has such a day. Over 400 years there are all of them.</summary>
    private static bool Happens(Cron cron) =>
        Enumerable.Range(1, 12).Where(month => (cron.Months >> month & 1) != 0).Any(month =>
            new[] { 2025, 2028 }.Select(year => DateTime.DaysInMonth(year, month)).Distinct().Any(length =>
                Enumerable.Range(0, 7).Any(first => cron.Days.InMonthOf(length, first) != 0)));

    private static CronResult ReadMacro(CronWord word)
    {
        var found = Macros.FirstOrDefault(macro => macro.Name.Equals(word.Text, StringComparison.OrdinalIgnoreCase));
        if (found.Means is not null) return new CronResult.Valid(((CronResult.Valid)Read(found.Means)).Cron with { Text = found.Name });
        var nearest = Spelling.Nearest(word.Text, Macros.Select(macro => macro.Name));
        return new CronResult.Faulty([new CronFault(word.Start, word.Text.Length, new Fault(
            FaultKind.Invalid, ScheduleCodes.CronMacro,
            $"Found `{word.Text}`, expected one of {string.Join(", ", Macros.Select(macro => macro.Name))}.",
            null, nearest is null ? "Write it as five fields." : $"Did you mean `{nearest}`?"), nearest)]);
    }

    private static CronResult.Faulty Faulty(List<CronWord> words, string text, string code, string message, string? hint = null)
    {
        var start = words.Count > 0 ? words[0].Start : 0;
        var end = words.Count > 0 ? words[^1].Start + words[^1].Text.Length : text.Length;
        return new([new CronFault(start, end - start, new Fault(FaultKind.Invalid, code, message, null, hint))]);
    }

    private static List<CronWord> Words(string text)
    {
        var words = new List<CronWord>();
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsWhiteSpace(text[i])) continue;
            var start = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i])) i++;
            words.Add(new CronWord(text[start..i], start));
        }
        return words;
    }
}

/// <summary>A piece of an expression and where it begins.</summary>
internal readonly record struct CronWord(string Text, int Start)
{
    public CronWord Part(int from, int length) => new(Text.Substring(from, length), Start + from);
}

/// <summary>What one field means. <see cref="CronDays"/> says what the sets of days are.</summary>
internal sealed record CronValues
{
    public ulong Bits { get; set; }
    public uint BeforeEnd { get; set; }
    public uint Near { get; set; }
    public uint NearEnd { get; set; }
    public bool WorkingDays { get; set; }
    public ulong Nth { get; set; }
    public uint LastWeekdays { get; set; }
    public bool BeginsWithStar { get; set; }
    /// <summary>Whether it has a star, a range or a step.</summary>
    public bool Repeats { get; set; }
}
