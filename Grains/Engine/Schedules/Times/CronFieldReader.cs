using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>Reads one field: a list of values, ranges, steps and, where days are meant, of <c>L</c>, <c>W</c> and <c>#</c>.</summary>
internal sealed class CronFieldReader(CronField field, CronWord word, ImmutableArray<CronFault>.Builder faults)
{
    private readonly CronValues _values = new() { BeginsWithStar = word.Text[0] is '*' or '?' };

    public CronValues Read()
    {
        for (var at = 0; at <= word.Text.Length;)
        {
            var end = word.Text.IndexOf(',', at) is var comma and >= 0 ? comma : word.Text.Length;
            ReadItem(word.Part(at, end - at));
            at = end + 1;
        }
        return _values;
    }

    private void ReadItem(CronWord item)
    {
        if (item.Text.Length == 0)
        {
            Wrong(item with { Start = Math.Min(item.Start, word.Start + word.Text.Length - 1) }, ScheduleCodes.CronValue,
                "found nothing beside a comma", field.Expected);
            return;
        }
        if (field == CronField.Day && item.Text[0] is 'L' or 'l') ReadFromEnd(item);
        else if (field == CronField.Day && item.Text[^1] is 'W' or 'w') ReadWorkingDay(item);
        else if (field == CronField.Weekday && item.Text.Contains('#')) ReadNth(item);
        else if (field == CronField.Weekday && item.Text[^1] is 'L' or 'l') ReadLastWeekday(item);
        else ReadRange(item);
    }

    /// <summary><c>L</c>, <c>L-3</c>, <c>LW</c>, <c>L-3W</c>.</summary>
    private void ReadFromEnd(CronWord item)
    {
        var isNear = item.Text[^1] is 'W' or 'w';
        var back = item.Text[1..(isNear ? ^1 : ^0)];
        if ((back is "" ? 0 : back[0] == '-' ? CronField.Number(back.AsSpan(1)) : null) is not (>= 0 and <= 30 and var days))
        {
            Wrong(item, ScheduleCodes.CronValue, $"found `{item.Text}`", "L, LW, or L-n with n from 0 to 30 days before the last one");
            return;
        }
        if (isNear) _values.NearEnd |= 1U << days;
        else _values.BeforeEnd |= 1U << days;
    }

    /// <summary><c>W</c>, <c>15W</c>.</summary>
    private void ReadWorkingDay(CronWord item)
    {
        var day = item.Part(0, item.Text.Length - 1);
        if (day.Text.Length == 0) _values.WorkingDays = true;
        else if (field.Value(day.Text) is { } number) _values.Near |= 1U << number;
        else Wrong(item, ScheduleCodes.CronValue, $"found `{item.Text}`", "W, or a day from 1 to 31 before it, such as 15W");
    }

    /// <summary><c>MON#2</c>.</summary>
    private void ReadNth(CronWord item)
    {
        var at = item.Text.IndexOf('#');
        var (weekday, nth) = (item.Part(0, at), item.Part(at + 1, item.Text.Length - at - 1));
        if (Value(weekday) is not { } day) return;
        if (CronField.Number(nth.Text) is >= 1 and <= 5 and { } number) _values.Nth |= 1UL << (8 * (number - 1) + day % 7);
        else Wrong(item, ScheduleCodes.CronValue, $"found `{item.Text}`", "a number from 1 to 5 after #, such as MON#2 for the second Monday");
    }

    /// <summary><c>5L</c>, <c>FRIL</c>.</summary>
    private void ReadLastWeekday(CronWord item)
    {
        if (item.Text.Length == 1)
            Wrong(item, ScheduleCodes.CronSign, "found `L` alone", "a weekday before it, such as 5L or FRIL for the last Friday of the month");
        else if (Value(item.Part(0, item.Text.Length - 1)) is { } day) _values.LastWeekdays |= 1U << day % 7;
    }

    /// <summary><c>*</c>, <c>5</c>, <c>1-5</c>, and each of them with a step.</summary>
    private void ReadRange(CronWord item)
    {
        var slash = item.Text.IndexOf('/');
        var step = slash < 0 ? 1 : Step(item.Part(slash + 1, item.Text.Length - slash - 1));
        var range = slash < 0 ? item : item.Part(0, slash);
        if (range.Text == "?" && field != CronField.Day && field != CronField.Weekday)
        {
            Wrong(range, ScheduleCodes.CronSign, "found `?`", "it in the fields of days only; here * means every value");
            return;
        }
        if (range.Text is "*" or "?")
        {
            Add(field.First, field == CronField.Weekday ? 6 : field.Last, step, repeats: true);
            return;
        }
        var dash = range.Text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            if (Value(range) is { } from) Add(from, slash < 0 ? from : Math.Max(from, field == CronField.Weekday ? 6 : field.Last), step, slash >= 0);
            return;
        }
        var (first, last) = (Value(range.Part(0, dash)), Value(range.Part(dash + 1, range.Text.Length - dash - 1)));
        if (first is { } a && last is { } b) Add(a, b, step, repeats: true);
    }

    private void Add(int from, int to, int? step, bool repeats)
    {
        if (step is not { } every) return;
        _values.Bits |= field.Bits(from, to, every);
        _values.Repeats |= repeats;
    }

    private int? Step(CronWord step)
    {
        if (CronField.Number(step.Text) is >= 1 and { } number && number <= field.Last) return number;
        Wrong(step.Text.Length > 0 ? step : new CronWord("/", step.Start - 1), ScheduleCodes.CronStep,
            $"found step `{step.Text}`", $"a number from 1 to {field.Last} after /");
        return null;
    }

    private int? Value(CronWord value)
    {
        if (value.Text.Length > 0 && field.Value(value.Text) is { } number) return number;
        var place = value.Text.Length > 0 ? value : new CronWord("-", Math.Max(word.Start, value.Start - 1));
        var nearest = Spelling.Nearest(value.Text, field.Names) ?? ByItsBeginning(value.Text);
        if (value.Text.AsSpan().IndexOfAny("LW#?*lw") >= 0 && nearest is null)
            Wrong(place, ScheduleCodes.CronSign, $"found `{value.Text}`", field.Expected, SignHint(value.Text));
        else
            Wrong(place, ScheduleCodes.CronValue, value.Text.Length > 0 ? $"found `{value.Text}`" : "found nothing where a value belongs",
                field.Expected, null, nearest);
        return null;
    }

    /// <summary>MONDAY, June.</summary>
    private string? ByItsBeginning(string text) =>
        text.Length > 3 ? field.Names.FirstOrDefault(name => text.StartsWith(name, StringComparison.OrdinalIgnoreCase)) : null;

    private static string SignHint(string text) => text.Any(c => c is '#') ? "# stands in the day of week only, as MON#2."
        : text.Any(c => c is '*' or '?') ? "* and ? stand alone, or before a step: */15."
        : "L and W stand in the day of month, and L after a weekday: L, L-3, 15W, LW, 5L.";

    private void Wrong(CronWord place, string code, string found, string expected, string? hint = null, string? nearest = null) =>
        faults.Add(new CronFault(place.Start, Math.Max(1, place.Text.Length), new Fault(
            FaultKind.Invalid, code, $"Character {place.Start + 1}, {field.Name}: {found}, expected {expected}.",
            null, nearest is null ? hint : $"Did you mean `{nearest}`?"), nearest));
}
