using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class SignalLaws
{
    private static readonly Plans.Plan Plan = PlanOf.Lines("signal", "t: signal when steps.signal.values.n == 7");
    private static readonly Plans.Plan Other = PlanOf.With(Plan, "signal", AwaitFields.Name, "uploaded");

    [Fact]
    public void A_step_that_waits_for_a_signal_owes_the_world_nothing()
    {
        var waits = Given.Run(Plan);
        Assert.Equal([StepStatus.Awaiting, StepStatus.Waiting], waits.After.Statuses());
        Assert.Empty(Run.Owed(waits.After));
        Assert.Equal("waits for signal go", waits.After.View().Steps[0].Waiting);
    }

    [Fact]
    public void What_a_signal_brings_becomes_the_steps_values() => Given.Run(Plan).When(Signal("go", null, Value("n", 7)))
        .Then(Received("go", null, Value("n", 7)), Signalled(0), Dispatched(1));

    [Fact]
    public void A_signal_that_comes_before_its_step_waits_is_kept_and_taken_once()
    {
        var plan = PlanOf.Lines("s", "signal: s", "signal2: signal");
        var early = Given.Run(plan).Then(Signal("go", null, Value("n", 1)));
        early.When(Succeed(0)).Then(Succeeded(0), Awaits(1), Signalled(1), Awaits(2));
        Assert.Null(early.Then(Succeed(0)).After.State().Signals);
    }

    [Fact]
    public void Of_two_steps_that_wait_for_it_one_takes_a_signal()
    {
        var two = Given.Run(PlanOf.Lines("signal", "signal2"));
        two.When(Signal()).Then(Received(), Signalled(0));
        two.Then(Signal()).When(Signal()).Then(Received(), Signalled(1), Ended(RunStatus.Succeeded));
    }

    [Fact]
    public void A_signal_with_the_same_key_counts_once_even_after_the_runs_end()
    {
        var two = Given.Run(PlanOf.Lines("signal", "signal2")).Then(Signal(key: "k"));
        two.When(Signal(key: "k")).ThenNothing();
        two.Then(Signal(key: "l")).When(Signal(key: "l")).ThenNothing();
        two.Then(Signal(key: "l")).When(Signal(key: "m")).ThenRefused(FaultKind.Conflict, "ETL4203");
    }

    [Fact]
    public void A_key_stands_for_what_its_first_signal_brought_even_after_the_runs_end()
    {
        var first = Given.Run(PlanOf.Lines("signal", "signal2")).Then(Signal("go", "k", Value("n", 1), Value("m", 2)));
        first.When(Signal("go", "k", Value("m", 2), Value("n", 1))).ThenNothing();
        first.When(Signal("go", "k", Value("n", 2), Value("m", 2))).ThenRefused(FaultKind.Conflict, "ETL4277");
        first.When(Signal("go", "k")).ThenRefused(FaultKind.Conflict, "ETL4277");
        var ended = first.Then(Signal("go", "l"));
        ended.When(Signal("go", "l")).ThenNothing();
        ended.When(Signal("go", "l", Value("n", 1))).ThenRefused(FaultKind.Conflict, "ETL4277");
    }

    [Fact]
    public void A_stored_key_knows_what_it_stands_for_unless_it_was_stored_without()
    {
        var state = Given.Run(PlanOf.Lines("signal", "signal2")).Then(Signal("go", "k", Value("n", 1)), Signal("go", "l")).After.State();
        Assert.Equal("ETL4277", Assert.IsType<Decision.Refused>(Again(state)).Faults[0].Code);
        var older = state with { Signals = new KeptSignals(state.Signals!.Signals, state.Signals.Keys) };
        Assert.Empty(Assert.IsType<Decision.Accepted>(Again(older)).Events);

        static Decision Again(RunState stored) => Run.Decide(Run.Of(stored), Signal("go", "k", Value("n", 2)), Given.Noon);
    }

    [Fact]
    public void A_signal_that_no_step_waits_for_is_refused_with_what_there_is()
    {
        var refused = Assert.IsType<Decision.Refused>(Given.Run(Other).When(Signal("upload")).Decision);
        Assert.Equal(("ETL4266", "Did you mean uploaded?"), (refused.Faults[0].Code, refused.Faults[0].Hint));
        Given.Run(PlanOf.Chain(1)).When(Signal()).ThenRefused(FaultKind.NotFound, "ETL4266");
    }

    [Fact]
    public void Signals_that_nobody_takes_are_bounded_in_number_and_bytes()
    {
        var plan = PlanOf.Lines("s", "signal: s");
        var full = Given.Run(plan, [.. Enumerable.Range(0, 100).Select(_ => Received())]);
        full.When(Signal()).ThenRefused(FaultKind.Exhausted, "ETL4265");
        var large = new Field("text", new SpecValue.Text(new string('x', 60_000)));
        Given.Run(plan, [.. Enumerable.Range(0, 17).Select(_ => Received("go", null, large))])
            .When(Signal("go", null, large)).ThenRefused(FaultKind.Exhausted, "ETL4265");
    }

    [Fact]
    public void A_signal_of_another_type_than_declared_is_refused_before_anything_happens()
    {
        var declared = new Field(AwaitFields.Values, new SpecValue.Map([new Field("n", new SpecValue.Text("integer"))]));
        var plan = PlanOf.Declaring(Plan, "signal", declared);
        var refused = Assert.IsType<Decision.Refused>(Given.Run(plan).When(Signal("go", null, new Field("n", new SpecValue.Text("7")))).Decision);
        Assert.Equal(("ETL4267", true), (refused.Faults[0].Code, refused.Faults[0].Message.Contains("found the text", StringComparison.Ordinal)));
        Given.Run(plan).When(Signal()).ThenRefused(FaultKind.Invalid, "ETL4267");
        Given.Run(plan).When(Signal("go", null, Value("n", 7))).Then(Received("go", null, Value("n", 7)), Signalled(0), Dispatched(1));
    }

    [Fact]
    public void A_step_that_waited_long_enough_goes_on_with_what_was_agreed()
    {
        var late = Given.Run(PlanOf.Lines("signalLate", "t: signalLate"));
        Assert.Equal([Wake(10)], Run.Owed(late.After));
        late.When(Elapse(), afterSeconds: 10).Then(new RunEvent.StageExpired(At(10), 0, null, []), Dispatched(1, at: 10));
        Assert.Null(late.Then(Signal()).After.NextWake);
    }

    [Fact]
    public void While_the_run_is_paused_a_signal_is_heard_and_what_it_frees_waits()
    {
        var plan = PlanOf.Lines("signal", "t: signal");
        Given.Run(plan).Then(Pause()).When(Signal()).Then(Received(), Signalled(0));
        Given.Run(plan).Then(Pause(), Signal()).When(Resume()).Then(Resumed(), Dispatched(1));
        Given.Run(PlanOf.Lines("s", "signal: s")).Then(Pause(), Succeed(0), Signal()).When(Resume())
            .Then(Resumed(), Awaits(1), Signalled(1), Ended(RunStatus.Succeeded));
    }

    [Fact]
    public void A_step_that_waits_is_cancelled_at_once_and_can_be_skipped()
    {
        Given.Run(Plan).When(Cancel()).Then(CancelRequested(), Cancelled(0), Cancelled(1), Ended(RunStatus.Cancelled, "ETL4202"));
        Given.Run(Plan).When(Skip("signal")).Then(SkippedByHand(0), Skipped(1, "signal was skipped"), Ended(RunStatus.Succeeded));
    }

    [Fact]
    public void A_step_can_wait_for_a_time()
    {
        var nap = Given.Run(PlanOf.Lines("nap", "t: nap"));
        Assert.Equal(At(5), nap.After.NextWake);
        nap.When(Elapse(), afterSeconds: 4).ThenNothing();
        nap.When(Elapse(), afterSeconds: 5).Then(new RunEvent.StageExpired(At(5), 0, null, []), Dispatched(1, at: 5));
    }
}
