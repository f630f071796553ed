using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Storage;

/// <summary>The bounds and cursors of lists, the same for every store.</summary>
public static class Paging
{
    /// <summary>So that one page is milliseconds of reading and well under a megabyte.</summary>
    public const int LimitMax = 500;

    /// <exception cref="FaultException">ETL4113: no such limit is allowed.</exception>
    public static int Checked(int limit) => limit is >= 1 and <= LimitMax ? limit : throw StorageFaults.BadLimit(limit);

    internal static RunId? RunCursor(string? cursor) => cursor is null ? null
        : RunId.TryParse(cursor, out var run) ? run : throw StorageFaults.BadCursor(cursor);

    /// <summary>The cursor of a list by falling numbers: those below it are the next page.</summary>
    public static long NumberCursor(string? cursor) => cursor is null ? long.MaxValue
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw StorageFaults.BadCursor(cursor);
}

internal static class Pages
{
    /// <summary>A page of rows that were read one further than the limit.</summary>
    public static Page<T> ToPage<T>(this ImmutableArray<T> rows, int limit, Func<T, string> cursor) => rows.Length <= limit
        ? new Page<T>(rows, null)
        : new Page<T>(rows[..limit], cursor(rows[limit - 1]));

    /// <summary>The statuses of runs that somebody has to drive.</summary>
    public static readonly ImmutableArray<RunStatus> Driven = [.. Enum.GetValues<RunStatus>().Where(status => !status.IsAtRest())];

    /// <summary>The statuses that a query asks for; none: all.</summary>
    public static ImmutableArray<RunStatus> Statuses(this RunQuery query) => (query.Status, query.UnfinishedOnly) switch
    {
        (null, false) => [],
        (null, true) => [.. Enum.GetValues<RunStatus>().Where(status => !status.IsTerminal())],
        ({ } status, true) when status.IsTerminal() => throw StorageFaults.NothingAsked(status),
        ({ } status, _) => [status],
    };
}
