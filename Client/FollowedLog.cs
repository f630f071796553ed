using System.Runtime.CompilerServices;

namespace OrleansEtl.Client;

/// <summary>A log page by page, to its end.</summary>
public static class FollowedLog
{
    /// <param name="read">Gives one page.</param>
    /// <param name="wait">Waits before it is looked again whether there is more.</param>
    public static async IAsyncEnumerable<LogLine> Of(
        LogFilter filter, Func<LogFilter, CancellationToken, Task<LogPage?>> read, Func<CancellationToken, Task> wait,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await read(filter, cancellation) is { } page)
        {
            foreach (var line in page.Lines) yield return line;
            if (page is { IsLast: true, HasEnded: true }) yield break;
            filter = filter with { Cursor = page.Next };
            if (page.IsLast) await wait(cancellation);
        }
    }
}
