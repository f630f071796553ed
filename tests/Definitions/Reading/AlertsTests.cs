using OrleansEtl.Engine.Alerts;

namespace OrleansEtl.Definitions.Tests.Reading;

public class AlertsTests
{
    private const string Head = "pipeline: orders\nsteps: [{ id: a, kind: flow.noop }]\n";

    [Fact]
    public void Rules_are_read_with_all_that_they_say()
    {
        var spec = PipelineYaml.Read(Head + """
            alerts:
              - { on: failed, to: [ops, team], repeat: 30m, resolved: true }
              - { on: check_failed, to: ops }
              - { on: late, after: 2h, from: due, while_waiting: true, to: [ops] }
              - { on: stale, within: 26h, to: [ops] }
            """, "t", SmallCatalog.Kinds).Spec!;
        var rules = spec.Alerts!.Value;
        Assert.Equal([AlertOn.Failed, AlertOn.CheckFailed, AlertOn.Late, AlertOn.Stale], rules.Select(rule => rule.On));
        Assert.Equal(["ops", "team"], rules[0].To);
        Assert.Equal((TimeSpan.FromMinutes(30), true), (rules[0].RepeatEvery(), rules[0].Resolved));
        Assert.Equal((TimeSpan.FromHours(1), false), (rules[1].RepeatEvery(), rules[1].Resolved));
        Assert.Equal((TimeSpan.FromHours(2), LateFrom.Due, true), (rules[2].After, rules[2].From, rules[2].WhileWaiting));
        Assert.Equal(TimeSpan.FromHours(26), rules[3].Within);
    }

    [Fact]
    public void A_definition_without_alerts_is_the_version_that_it_always_was()
    {
        var spec = PipelineYaml.Read(Head, "t", SmallCatalog.Kinds).Spec!;
        Assert.Null(spec.Alerts);
        Assert.DoesNotContain("alerts", spec.ToValue().ToJson());
        Assert.NotEqual(spec.Version(), (spec with { Alerts = [new AlertRule(AlertOn.Failed, ["ops"])] }).Version());
    }

    [Fact]
    public void What_changed_in_them_is_shown()
    {
        var before = new PipelineSpec("p", null, [], [], Alerts: [new AlertRule(AlertOn.Failed, ["ops"])]);
        var after = before with { Alerts = [new AlertRule(AlertOn.Failed, ["team"]), new AlertRule(AlertOn.Stale, ["ops"], Within: TimeSpan.FromDays(1))] };
        Assert.Equal(
            ["~ alert on failed.to: [\"ops\"] → [\"team\"]", "~ alert on stale: (nothing) → {\"on\":\"stale\",\"within\":\"1d\",\"to\":[\"ops\"]}"],
            SpecDiff.Between(before, after));
    }

    [Fact]
    public void A_channel_that_is_not_there_is_said_with_the_nearest() =>
        Assert.StartsWith("Did you mean `ops-team`?", AlertCheck.UnknownChannel("ops_team", ["ops-team", "mail"]).Hint);
}
