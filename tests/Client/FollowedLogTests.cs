using System.Collections.Immutable;

namespace OrleansEtl.Client.Tests;

public class FollowedLogTests
{
    private static readonly LogFilter Filter = new(RunId.New(DateTimeOffset.UnixEpoch, new byte[10]));

    private static LogPage Page(string next, bool isLast, bool hasEnded, params string[] messages) => new(
        [.. messages.Select(message => new LogLine(DateTimeOffset.UnixEpoch, LineLevel.Info, [], new Attempt(1), message, []))], next, isLast, hasEnded);

    private static async Task<(string[] Messages, string Cursors, int Waits)> Follow(params LogPage?[] pages)
    {
        var (left, cursors, waits, messages) = (new Queue<LogPage?>(pages), new List<string>(), 0, new List<string>());
        await foreach (var line in FollowedLog.Of(
            Filter,
            (filter, _) =>
            {
                cursors.Add(filter.Cursor ?? "–");
                return Task.FromResult(left.Dequeue());
            },
            _ => Task.FromResult(waits++), TestContext.Current.CancellationToken))
            messages.Add(line.Message);
        Assert.Empty(left);
        return ([.. messages], string.Join(' ', cursors), waits);
    }

    [Fact]
    public async Task It_goes_on_with_what_comes_until_a_page_is_the_last_of_an_ended_run()
    {
        var (messages, cursors, waits) = await Follow(
            Page("1", isLast: true, hasEnded: false, "a"), Page("1", isLast: true, hasEnded: false), Page("2", isLast: false, hasEnded: true, "b"),
            Page("3", isLast: true, hasEnded: true, "c"));
        Assert.Equal(["a", "b", "c"], messages);
        Assert.Equal("– 1 1 2", cursors);
        Assert.Equal(2, waits);
    }

    [Fact]
    public async Task A_run_that_is_not_there_or_is_forgotten_ends_it()
    {
        Assert.Empty((await Follow([null])).Messages);
        Assert.Equal(["a"], (await Follow(Page("1", isLast: true, hasEnded: false, "a"), null)).Messages);
    }
}
