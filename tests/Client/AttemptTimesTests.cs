namespace OrleansEtl.Client.Tests;

public class AttemptTimesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static HistoryEntry Entry(double second, string what, string? step = null, int? attempt = null) => new(
        1, Noon.AddSeconds(second), what, step is null ? [] : [new StepId(step)], attempt is { } number ? new Attempt(number) : null);

    private static double?[] Took(params HistoryEntry[] entries)
    {
        var times = new AttemptTimes();
        return [.. entries.Select(entry => times.Took(entry)?.TotalSeconds)];
    }

    [Fact]
    public void Each_attempt_takes_from_its_dispatch_to_its_end_and_the_run_from_its_start() => Assert.Equal(
        [null, null, null, 2, null, 3, 1, 9],
        Took(
            Entry(0, "run_started"), Entry(1, "step_dispatched", "a", 1), Entry(2, "step_dispatched", "b", 1),
            Entry(3, "step_retry_scheduled", "a", 1), Entry(4, "step_dispatched", "a", 2), Entry(5, "step_succeeded", "b", 1),
            Entry(5, "step_failed", "a", 2), Entry(9, "run_ended")));

    [Fact]
    public void What_began_before_the_first_entry_that_was_read_takes_nobody_knows_how_long() =>
        Assert.Equal([null, null, null], Took(Entry(3, "step_succeeded", "a", 1), Entry(4, "step_skipped", "b"), Entry(5, "run_ended")));
}
