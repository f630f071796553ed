using System.Globalization;

namespace OrleansEtl.Engine.Expressions;

/// <summary>The order of values: numbers by size, texts by their letters' codes, days and timestamps by time. There is none
/// between others.</summary>
internal static class Comparison
{
    public static int? Between(Typed left, Typed right)
    {
        if (left.Value is SpecValue.Integer i && right.Value is SpecValue.Integer j) return i.Value.CompareTo(j.Value);
        if (Arithmetic.Number(left.Value) is { } a && Arithmetic.Number(right.Value) is { } b) return a.CompareTo(b);
        if (left.Value is not SpecValue.Text s || right.Value is not SpecValue.Text t) return null;
        if (!IsTime(left) && !IsTime(right)) return string.CompareOrdinal(s.Value, t.Value);
        return Instant(s.Value) is { } x && Instant(t.Value) is { } y ? x.CompareTo(y) : null;
    }

    public static bool IsTime(Typed value) => value.Type is ValueType.Date or ValueType.Timestamp;

    /// <summary>An ISO 8601 day or timestamp; without a zone it is UTC.</summary>
    public static DateTimeOffset? Instant(string text) =>
        IsDay(text, out var day) ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : Timestamp(text);

    public static bool IsDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    public static DateTimeOffset? Timestamp(string text) =>
        DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static readonly string[] Forms =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK",
    ];
}
