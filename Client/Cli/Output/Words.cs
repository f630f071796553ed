using System.Globalization;

namespace OrleansEtl.Cli.Output;

/// <summary>Figures as people read them. An unknown figure is a dash, never a zero.</summary>
internal static class Words
{
    public const string Unknown = "–";

    public static string Count(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>Four significant characters at most: <c>950</c>, <c>84k</c>, <c>1.2M</c>.</summary>
    public static string Short(double count) => count switch
    {
        < 1_000 => count.ToString("0", CultureInfo.InvariantCulture),
        < 10_000 => (count / 1_000).ToString("0.#", CultureInfo.InvariantCulture) + "k",
        < 999_500 => (count / 1_000).ToString("0", CultureInfo.InvariantCulture) + "k",
        < 10_000_000 => (count / 1_000_000).ToString("0.#", CultureInfo.InvariantCulture) + "M",
        < 999_500_000 => (count / 1_000_000).ToString("0", CultureInfo.InvariantCulture) + "M",
        _ => (count / 1_000_000_000).ToString("0.#", CultureInfo.InvariantCulture) + "G",
    };

    public static string Bytes(long? bytes) => bytes switch
    {
        null => Unknown,
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 999_500 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 999_500_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB"),
    };

    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => Unknown,
        { TotalSeconds: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 60 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.Minutes} min {d.Seconds} s"),
        { } d => string.Create(CultureInfo.InvariantCulture, $"{(int)d.TotalHours} h {d.Minutes} min"),
    };

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Plural(int count, string noun) => count == 1 ? $"1 {noun}" : $"{Count(count)} {noun}s";

    /// <summary>What somebody wrote, without what would move the cursor or begin another line.</summary>
    public static string OnOneLine(string text) => string.Create(text.Length, text, static (line, text) =>
    {
        for (var i = 0; i < text.Length; i++) line[i] = char.IsControl(text[i]) ? ' ' : text[i];
    });
}
