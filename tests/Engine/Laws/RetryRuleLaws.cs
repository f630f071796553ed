using OrleansEtl.Engine.Retry;
using OrleansEtl.Engine.Runs;
using static OrleansEtl.Engine.Tests.Words;

namespace OrleansEtl.Engine.Tests.Laws;

public sealed class RetryRuleLaws
{
    private static readonly Fault Weird = new(FaultKind.Invalid, "ETL9005", "Half a file.");

    [Fact]
    public void A_rule_for_a_kind_has_retries_and_waits_of_its_own()
    {
        var plan = PlanOf.Lines(Patient(0).For("unavailable", max: 1, initial: TimeSpan.FromSeconds(9)), "s");
        Given.Run(plan).When(Fail(0, Unavailable)).Then(Retries(0, Unavailable, retryAt: 9)).Owing(Wake(9));
        Given.Run(plan).When(Fail(0, Exhausted)).Then(Failed(0, Exhausted), Ended(RunStatus.Failed, "ETL9002"));
        Given.Run(plan, Retries(0, Unavailable, 9), Dispatched(0, 2)).When(Fail(0, Unavailable, 2))
            .Then(Failed(0, Unavailable, 2), Ended(RunStatus.Failed, "ETL9001"));
    }

    [Fact]
    public void A_rule_for_a_code_goes_before_one_for_its_kind()
    {
        var plan = PlanOf.Lines(Patient(5).For("unavailable", max: 7).For("ETL9001", max: 0), "s");
        Given.Run(plan).When(Fail(0, Unavailable)).Then(Failed(0, Unavailable), Ended(RunStatus.Failed, "ETL9001"));
    }

    [Fact]
    public void What_a_rule_names_is_tried_again_though_it_is_not_transient()
    {
        Given.Run(PlanOf.Lines(Patient(5).For("ETL9005", max: 1), "s")).When(Fail(0, Weird)).Then(Retries(0, Weird, retryAt: 1));
        Given.Run(PlanOf.Lines(Patient(5).For("ETL9006", max: 1), "s")).When(Fail(0, Weird))
            .Then(Failed(0, Weird), Ended(RunStatus.Failed, "ETL9005"));
    }

    [Fact]
    public void Each_rule_counts_its_own_retries_and_so_does_the_policy()
    {
        var plan = PlanOf.Lines(Patient(1).For("unavailable", max: 2), "s");
        var once = Given.Run(plan, Retries(0, Unavailable, 1), Dispatched(0, 2), Retries(0, Exhausted, 1, 2), Dispatched(0, 3));
        once.When(Fail(0, Unavailable, 3)).Then(Retries(0, Unavailable, retryAt: 2, attempt: 3)); // its second wait, not its third
        once.When(Fail(0, Exhausted, 3)).Then(Failed(0, Exhausted, 3), Ended(RunStatus.Failed, "ETL9002"));
        var restored = Run.Of(once.After.State());
        Assert.Equal(Saying.Of(once.After), Saying.Of(restored));
        Assert.Equal(1, restored.Stages[0].RetriedUnder!["unavailable"]);
    }

    [Fact]
    public void However_faults_are_mixed_a_step_is_tried_no_more_often_than_its_policy_and_rules_allow_together() => Seeds.Each(200, seed =>
    {
        var random = new Random(seed);
        var policy = Patient(random.Next(4)).For("unavailable", random.Next(4)).For("ETL9005", random.Next(4));
        var allowed = policy.Max + policy.On!.Rules.Sum(rule => rule.Max!.Value);
        var given = Given.Run(PlanOf.Lines(policy, "s"));
        for (var attempt = 1; !given.After.Status.IsTerminal(); attempt++)
        {
            Assert.InRange(attempt, 1, 1 + allowed);
            given = given.Then(Fail(0, random.Next(3) switch { 0 => Unavailable, 1 => Weird, _ => Exhausted }, attempt));
            if (given.After.NextWake is { } wake) given = given.At(wake, Elapse());
        }
    });

    [Fact]
    public void What_a_rule_does_not_say_is_as_in_the_policy()
    {
        var policy = new RetrySpec(5, TimeSpan.FromSeconds(2), 3, TimeSpan.FromSeconds(10), 0.5);
        Assert.Equal(policy, RetryPolicy.With(policy, new RetryRule("bug")));
        Assert.Equal(policy with { Max = 7, Jitter = 0 }, RetryPolicy.With(policy, new RetryRule("bug", 7, Jitter: 0)));
        var patient = RetryPolicy.With(policy, new RetryRule("bug", Initial: TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromMinutes(1), patient.MaxDelay); // no wait is shorter than the first
    }
}
