using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

/// <summary>Events as people read them.</summary>
public sealed class HistoryLaws
{
    private static readonly ImmutableArray<ImmutableArray<StepId>> Steps = [[new("a"), new("b")], [new("c")]];
    private static readonly Fault Fault = new(FaultKind.Unavailable, "ETL9003", "\nThe server is away.\nAnd more.", Hint: "wait");

    private static HistoryEntry Told(RunEvent happened) => History.Entry(7, happened, Steps);

    [Fact]
    public void Every_event_can_be_told_and_no_two_kinds_share_a_word()
    {
        var (plan, at, result) = (PlanOf.Chain(2), Given.Noon, Result("c"));
        RunEvent[] all =
        [
            new RunEvent.RunStarted(at, Given.Id, plan, [], "/", null, null), new RunEvent.StageReused(at, 1, [result]),
            new RunEvent.StageDispatched(at, 1, new(1)), new RunEvent.StageSucceeded(at, 1, new(1), [result]),
            new RunEvent.StageRetryScheduled(at, 1, new(1), new("c"), Fault, at), new RunEvent.StageLost(at, 1, new(1)),
            new RunEvent.StageFailed(at, 1, new(1), new("c"), Fault, []), new RunEvent.StageSkipped(at, 1, "why"),
            new RunEvent.StageCancelled(at, 1), new RunEvent.CancelRequested(at, "why"), new RunEvent.RunTimedOut(at),
            new RunEvent.RunEnded(at, RunStatus.Failed, Fault),
            new RunEvent.StageAwaits(at, 1, new(1), new Awaited(AwaitKind.Signal, "go", null, [], null, true, [])),
            new RunEvent.SignalReceived(at, "go", [], "k"), new RunEvent.StageSignalled(at, 1),
            new RunEvent.StageReviewed(at, 1, true, "ann", "fine"), new RunEvent.StageExpired(at, 1, Fault, []),
            new RunEvent.StageRejoined(at, 1, Fault, []),
            new RunEvent.StageSkippedByHand(at, 1, "why", "ann"), new RunEvent.StageSucceededByHand(at, 1, new("c"), [], "why", "ann"),
            ItemWords.WasListed(3), ItemWords.Sent(2, 0, 1, 0), ItemWords.ItemsDone(2, 1),
            new RunEvent.ItemsHandedBack(at, 1, new(1), 1), new RunEvent.ItemsLost(at, 1, new(1), at),
            new RunEvent.ItemsAwait(at, 1, new(1), [], [], 0, 0), new RunEvent.ItemRejoined(at, 1, new ItemEnd(0, Given.Id, Fault, [])),
            new RunEvent.RunPaused(at, "why", "ann"), new RunEvent.RunResumed(at, "ann"),
            new RunEvent.StageBegan(at, 1, new(3)), new RunEvent.RunRescued(at, "silo"), new RunEvent.CompensationBegan(at), new RunEvent.RunQuarantined(at, Fault), new RunEvent.RunRedriven(at, "ann"),
        ];
        Assert.Equal(typeof(RunEvent).GetNestedTypes().Length, all.Select(e => e.GetType()).Distinct().Count());
        var entries = all.Select(Told).ToArray();
        Assert.Equal(entries.Length, entries.Select(entry => entry.What).Distinct().Count());
        Assert.All(entries, entry => Assert.Equal((7L, at), (entry.Number, entry.At)));
        Assert.All(entries, entry => Assert.Equal(entry.What.StartsWith("step_", StringComparison.Ordinal), !entry.Steps.IsEmpty));
    }

    [Fact]
    public void An_event_of_a_stage_names_all_its_steps_and_the_one_whose_fault_it_is()
    {
        var entry = Told(new RunEvent.StageRetryScheduled(Given.Noon, 0, new(2), new("b"), Fault, Given.Noon.AddMinutes(1)));
        Assert.Equal(["a", "b"], entry.Steps.Select(step => step.Value));
        Assert.Equal((new Attempt(2), new StepId("b"), Given.Noon.AddMinutes(1)), (entry.Attempt, entry.FaultStep, entry.RetryAt));
        Assert.Equal(("ETL9003", "The server is away.", null), (entry.Fault!.Code, entry.Fault.Message, entry.Fault.Hint));
    }

    [Theory]
    [InlineData("ann", "by ann: enough")]
    [InlineData(null, "enough")]
    public void A_cancel_tells_who_and_why(string? by, string told) =>
        Assert.Equal(told, Told(new RunEvent.CancelRequested(Given.Noon, "enough", by)).Reason);

    [Fact]
    public void What_never_ran_has_no_attempt() =>
        Assert.Null(Told(new RunEvent.StageFailed(Given.Noon, 1, Attempt.None, new("c"), Fault, [])).Attempt);

    [Fact]
    public void A_long_fault_is_cut() => Assert.InRange(
        Told(new RunEvent.RunEnded(Given.Noon, RunStatus.Failed, Fault with { Message = new string('x', 100_000) })).Fault!.Message.Length, 1, 501);
}
