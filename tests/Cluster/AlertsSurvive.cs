using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Servers;

namespace OrleansEtl.Cluster.Tests;

/// <summary>Whatever silo is killed, every failure is told or counted once, and a message that was not heard is sent again.</summary>
public class AlertsSurvive
{
    private static readonly PipelineSpec Failing = new("failing", null, [],
    [
        new StepSpec(new StepId("rows"), "extract.generate", [], new SpecValue.Map([
            new Field("rows", new SpecValue.Integer(3)),
            new Field("columns", new SpecValue.Map([new Field("id", new SpecValue.Map([new Field("generator", new SpecValue.Text("sequence"))]))])),
        ])),
        new StepSpec(new StepId("sane"), "check.row_count", [new StepId("rows")], new SpecValue.Map([new Field("min", new SpecValue.Integer(100))])),
    ], Alerts: [new AlertRule(AlertOn.Failed, ["ops"], Repeat: TimeSpan.FromDays(1))]);

    [Fact]
    public async Task Failures_are_told_or_counted_once_though_silos_are_killed_while_runs_end_and_while_they_are_told()
    {
        await using var hook = new HookReceiver();
        hook.Answers.Enqueue(0); // who sends first is never answered
        await using var cluster = await ClusterHarness.Start(settings: ("ETL_CONNECTION_OPS", hook.Channel));
        await using var etl = await cluster.Connect();
        var first = Start(etl, 10);
        await hook.Hears(1, Program.Patience);
        await cluster.Silos[0].Kill();
        var runs = (await first).AddRange(await Start(etl, 10));
        await cluster.Silos[0].Start().Ready();
        await cluster.Silos[1].Kill();
        runs = runs.AddRange(await Start(etl, 10));
        using var patience = new CancellationTokenSource(Program.Patience);
        foreach (var run in runs)
            await foreach (var view in etl.Watch(run, patience.Token))
                if (view.Status.IsTerminal()) Assert.Equal(RunStatus.Failed, view.Status);
        ImmutableArray<AlertView> alerts;
        do
        {
            alerts = (await etl.Alerts.List("failing", null, 100, patience.Token)).Items;
            Assert.True(alerts.Sum(alert => alert.Count + alert.More) <= runs.Length);
            await Task.Delay(100, patience.Token);
        }
        while (alerts is not [{ Deliveries: [{ Status: DeliveryStatus.Sent }] }] || alerts[0].Count + alerts[0].More < runs.Length);
        Assert.InRange(hook.Heard.Count, 2, 3);
        Assert.Single(hook.Heard.Select(heard => heard.Key).Distinct());
        await cluster.Run(0, "alerts", "test", "ops");
    }

    private static async Task<ImmutableArray<RunId>> Start(IEtl etl, int count) =>
    [
        .. (await Task.WhenAll(Enumerable.Range(0, count).Select(_ => etl.Start(new StartRequest(Failing, []), default))))
            .Select(begun => Assert.IsType<Begun.Run>(begun).Id),
    ];
}
