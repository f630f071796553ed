using System.Collections.Immutable;

namespace OrleansEtl.Engine.Schedules.Times;

/// <summary>
/// A cron expression: five fields (minute, hour, day of month, month, day of week), or six with the second first. It names times of a
/// clock on the wall; what becomes of them in a time zone is decided by <see cref="Timetable"/>.
/// </summary>
/// <param name="Text">As it was written, with single spaces.</param>
/// <param name="KeepsRhythm">Whether it means "again and again" (a <c>*</c>, a range or a step in the second, minute or hour) and not fixed
/// times of a day.</param>
public sealed record Cron(
    string Text, ulong Seconds, ulong Minutes, uint Hours, CronDays Days, uint Months, bool KeepsRhythm) : IWallTimes
{
    /// <summary>A longer text is no expression of anybody's.</summary>
    public const int LengthMax = 300;

    /// <summary>Reads an expression; all that is wrong with it is told at once.</summary>
    public static CronResult Read(string text) => CronReader.Read(text);

    public DateTime? Next(DateTime from, DateTime before) => new CronSearch(this).Next(from, before);
}

public abstract record CronResult
{
    private CronResult() { }

    public sealed record Valid(Cron Cron) : CronResult;
    public sealed record Faulty(ImmutableArray<CronFault> Faults) : CronResult;
}

/// <summary>A fault with its place in the expression.</summary>
/// <param name="Start">From 0.</param>
/// <param name="Suggestion">The text that was probably meant in this place.</param>
public sealed record CronFault(int Start, int Length, Fault Fault, string? Suggestion = null);

/// <summary>Times of a clock on the wall, whatever zone it hangs in; each on a whole second.</summary>
public interface IWallTimes
{
    /// <summary>The first of them that is not earlier than <paramref name="from"/> and earlier than <paramref name="before"/>.</summary>
    DateTime? Next(DateTime from, DateTime before);
}
