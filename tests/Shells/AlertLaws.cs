using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Tests.Support;
using OrleansEtl.Steps;
using OrleansEtl.Storage;
using Xunit;

namespace OrleansEtl.Shells.Tests;

public class AlertLaws
{
    private static readonly AlertRule OnFailed = new(AlertOn.Failed, ["ops"], Resolved: true);
    private static readonly AlertRule OnLate = new(AlertOn.Late, ["ops"], After: TimeSpan.FromMinutes(10), Resolved: true);
    private static readonly AlertRule OnStale = new(AlertOn.Stale, ["ops"], Within: TimeSpan.FromHours(26));
    private static readonly Fault Away = new(FaultKind.Unavailable, "ETL6761", "The webhook was not reached.");
    private static readonly Fault Broken = new(FaultKind.Invalid, "ETL5040", "The check failed.", "with.columns", "Look at the report.");

    private static Task<StageOutcome> Fail(StageWork work, CancellationToken cancellation) =>
        Task.FromResult<StageOutcome>(new StageOutcome.Failed(work.Steps[0].Id, Broken, []));

    [Fact]
    public async Task A_run_that_fails_is_told_once_with_all_that_helps()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
        await house.Cluster.Ended(Given.Run);
        var alert = Assert.Single(await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Sent }] }]));
        Assert.Equal(($"test/failed/{Given.Run}", "a", "ETL5040"), (alert.Key, alert.Step!.Value.Value, alert.Fault!.Code));
        var (channel, message) = Assert.Single(house.Hooks.Sent);
        Assert.Equal(("ops", alert.Key), (channel, message.Key));
        var body = JsonDocument.Parse(message.Json).RootElement;
        Assert.Equal((1, "firing", "failed", "test"), (
            body.GetProperty("version").GetInt32(), body.GetProperty("status").GetString(), body.GetProperty("on").GetString(),
            body.GetProperty("pipeline").GetString()));
        Assert.Equal("etl explain ETL5040", body.GetProperty("fault").GetProperty("explain").GetString());
        Assert.Equal($"etl runs show {Given.Run}", body.GetProperty("run").GetProperty("show").GetString());
        foreach (var part in new[] { "step:     a (test.step)", "place:    steps[0].with.columns", "remedy:   Look at the report.", $"etl runs show {Given.Run}" })
            Assert.Contains(part, message.Text);
    }

    [Fact]
    public async Task A_run_whose_end_nobody_could_tell_is_asked_for_by_whoever_comes_next()
    {
        var store = new MemoryStore();
        await using (var house = await AlertHouse.Open(store, AlertHouse.Noon))
        {
            house.Cluster.Runner.On("a", async (work, _) =>
            {
                house.States.FailBefore(int.MaxValue); // the run is stored elsewhere; its end is heard of by nobody
                return await Fail(work, default);
            });
            await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
            await house.Cluster.Ended(Given.Run);
            Assert.Empty(await house.Alerts());
        }
        await using var next = await AlertHouse.Open(store, AlertHouse.Noon + AlertBounds.Default.LookEvery);
        Assert.True(await next.WakeIfDue());
        var alert = Assert.Single(await next.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Sent }] }]));
        Assert.Equal($"test/failed/{Given.Run}", alert.Key);
        next.Clock.Now += TimeSpan.FromHours(3);
        await next.WakeIfDue();
        Assert.Single(next.Hooks.Sent);
    }

    [Fact]
    public async Task A_run_does_not_begin_before_it_is_stored_that_it_is_watched()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.States.FailBefore(1);
        var start = AlertHouse.Start([OnFailed], "a");
        await Assert.ThrowsAsync<FaultException>(() => house.Cluster.Run(Given.Run).Tell(start));
        Assert.Null(await house.Cluster.Store.Catalog.Run(Given.Run, default));
        Assert.IsType<Answer.Done>(await house.Cluster.Run(Given.Run).Tell(start)); // and the same start again is heard
        await house.Cluster.Ended(Given.Run);
    }

    [Fact]
    public async Task A_start_that_is_repeated_long_after_its_run_has_failed_tells_nothing_again()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
        await house.Until(alerts => alerts.Length == 1);
        var kept = new KeptWatch(house.Desk, "test");
        for (var i = 0; i < AlertBounds.Default.EndedMax + 1; i++) // so many runs later it is not remembered any more
            await kept.Hear(new News.Ended(Given.Other(i), RunStatus.Succeeded, house.Clock.Now));
        await house.Watch.Begins(Given.Run, null);
        Assert.Empty((await kept.Read()).Open);
        house.Clock.Now += TimeSpan.FromHours(3);
        await house.Watch.Wake();
        Assert.DoesNotContain(await house.Alerts(), alert => alert.Id != "test/1" && !alert.IsResolved);
    }

    [Fact]
    public async Task A_process_that_dies_while_it_sends_has_the_next_one_send_again_under_the_same_key()
    {
        var store = new MemoryStore();
        var reached = new TaskCompletionSource();
        string key;
        await using (var house = await AlertHouse.Open(store, AlertHouse.Noon))
        {
            house.Hooks.Answer = async (_, _) =>
            {
                reached.TrySetResult();
                await Task.Delay(Timeout.Infinite); // it is never heard what came of it
                return null;
            };
            house.Cluster.Runner.On("a", Fail);
            await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(60));
            key = Assert.Single(house.Hooks.Sent).Message.Key;
        }
        await using var next = await AlertHouse.Open(store, AlertHouse.Noon + AlertBounds.Default.UnheardAfter);
        Assert.True(await next.WakeIfDue());
        await next.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Sent, Tries: 2 }] }]);
        Assert.Equal(key, Assert.Single(next.Hooks.Sent).Message.Key);
    }

    [Fact]
    public async Task What_cannot_be_sent_is_tried_again_and_then_kept_as_a_dead_letter_that_can_be_sent()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.Hooks.Answer = (_, _) => Task.FromResult<Fault?>(Away);
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
        for (var tries = 1; tries < AlertBounds.Default.TriesMax; tries++)
        {
            var waits = (await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Waiting } one] }] && one.Tries == tries))[0].Deliveries[0];
            house.Clock.Now = waits.NextAt!.Value;
            Assert.True(await house.WakeIfDue());
        }
        var dead = await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Dead }] }]);
        Assert.Equal("ETL6761", dead[0].Deliveries[0].Fault!.Code);
        Assert.InRange(house.Clock.Now - AlertHouse.Noon, TimeSpan.FromHours(20), TimeSpan.FromHours(30));
        house.Hooks.Answer = (_, _) => Task.FromResult<Fault?>(null);
        Assert.Null(await house.Watch.Resend(1, everywhere: false));
        await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Sent }] }]);
        Assert.Single(house.Hooks.Sent.Select(sent => sent.Message.Key).Distinct());
        Assert.Equal("ETL6753", (await house.Watch.Resend(7, everywhere: false))!.Code);
    }

    [Fact]
    public async Task A_channel_that_stalls_holds_up_neither_runs_nor_other_channels()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        var over = new TaskCompletionSource<Fault?>();
        house.Hooks.Answer = (channel, _) => channel == "ops" ? over.Task : Task.FromResult<Fault?>(null);
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed with { To = ["ops", "team"] }], "a"));
        await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Sending }, { Status: DeliveryStatus.Sent }] }]);
        Assert.IsType<Answer.Done>(await house.Cluster.Run(Given.Other(1)).Tell(AlertHouse.Start([OnFailed], "b")));
        Assert.Equal(RunStatus.Succeeded, (await house.Cluster.Ended(Given.Other(1))).Status);
        over.SetResult(null);
        await house.Until(alerts => alerts.All(alert => alert.Deliveries.All(one => one.Status == DeliveryStatus.Sent)));
    }

    [Fact]
    public async Task A_channel_that_is_no_more_is_a_fault_that_may_heal()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed with { To = ["opz"] }], "a"));
        var alert = Assert.Single(await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Waiting, Tries: 1 }] }]));
        Assert.Equal("ETL6751", alert.Deliveries[0].Fault!.Code);
        Assert.StartsWith("Did you mean `ops`?", alert.Deliveries[0].Fault!.Hint);
    }

    [Fact]
    public async Task What_follows_a_failure_is_told_to_be_over()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
        await house.Until(alerts => alerts.Length == 1);
        await house.Cluster.Run(Given.Other(1)).Tell(AlertHouse.Start([OnFailed], "b"));
        var alerts = await house.Until(alerts => alerts.Length == 2 && alerts[0].Deliveries[0].Status == DeliveryStatus.Sent);
        Assert.Equal((true, $"test/failed/{Given.Run}/resolved"), (alerts[0].IsResolved, alerts[0].Key));
    }

    [Fact]
    public async Task A_run_that_is_late_says_what_it_waits_for_and_one_that_waits_for_people_only_if_the_rule_says_so()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnLate], "ask"));
        house.Clock.Now += TimeSpan.FromMinutes(10);
        Assert.True(await house.WakeIfDue());
        Assert.Empty(await house.Alerts());
        await house.Cluster.Run(Given.Other(1)).Tell(AlertHouse.Start([OnLate with { WhileWaiting = true }], "ask"));
        house.Clock.Now += TimeSpan.FromMinutes(10);
        Assert.True(await house.WakeIfDue());
        var alert = Assert.Single(await house.Until(alerts => alerts.Length > 0));
        Assert.Equal(Given.Other(1), alert.Run);
        Assert.Contains("has not ended 10m after its start: it waits for approval", alert.Text);
        Assert.Equal("waits for approval: May I?", alert.Waits);
    }

    [Fact]
    public async Task A_run_that_is_paused_is_not_late_and_goes_on_with_the_time_that_was_left()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        var over = new TaskCompletionSource<StageOutcome>();
        house.Cluster.Runner.On("a", (_, _) => over.Task);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnLate], "a", "b: a"));
        house.Clock.Now += TimeSpan.FromMinutes(4);
        await house.Cluster.Run(Given.Run).Tell(new RunCommand.Pause("lunch"));
        for (var minute = 0; minute < 30; minute++)
        {
            house.Clock.Now += TimeSpan.FromMinutes(1);
            await house.WakeIfDue();
        }
        Assert.Empty(await house.Alerts());
        await house.Cluster.Run(Given.Run).Tell(new RunCommand.Resume());
        var resumed = house.Clock.Now;
        while ((await house.Alerts()).IsEmpty)
        {
            house.Clock.Now += TimeSpan.FromMinutes(1);
            await house.WakeIfDue();
            Assert.True(house.Clock.Now - resumed < TimeSpan.FromMinutes(20));
        }
        Assert.InRange(house.Clock.Now - resumed, TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(9));
        over.SetCanceled();
    }

    [Fact]
    public async Task A_registered_pipeline_is_stale_also_if_it_never_ran_and_not_while_it_is_paused()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        var spec = Given.Pipeline("a").Spec with { Alerts = [OnStale] };
        await house.Desk.Registering("test", new DefinitionCommand.Register(spec, "/tmp"));
        house.Registered = spec; // who registered it died before it could say so
        house.Clock.Now += TimeSpan.FromMinutes(2);
        Assert.True(await house.WakeIfDue());
        await house.Desk.Pauses.Pause("test", "holidays", null, default);
        house.Clock.Now += TimeSpan.FromHours(26);
        Assert.True(await house.WakeIfDue());
        Assert.Empty(await house.Alerts());
        await house.Desk.Pauses.Resume("test", default);
        house.Clock.Now += TimeSpan.FromHours(25);
        Assert.False(await house.WakeIfDue());
        house.Clock.Now += TimeSpan.FromHours(1);
        Assert.True(await house.WakeIfDue());
        Assert.Contains("no run has succeeded since", Assert.Single(await house.Until(alerts => alerts.Length > 0)).Text);
    }

    [Fact]
    public async Task A_pipeline_whose_schedules_are_all_paused_is_not_stale()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        house.Registered = Given.Pipeline("a").Spec with { Alerts = [OnStale] };
        var nightly = new ScheduleSpec(new Recurrence.OfCron("@daily"), Pipeline: "test", IsPaused: true);
        var kept = new Schedules.KeptSchedule(house.Desk.Schedules, "nightly");
        await house.Desk.Schedules.Put(kept, nightly, keepsPause: false);
        Assert.Equal(new News.Registered(OnStale, true), await house.Desk.Registered("test"));
        await house.Desk.Schedules.Put(kept, nightly with { IsPaused = false }, keepsPause: false);
        Assert.Equal(new News.Registered(OnStale, false), await house.Desk.Registered("test"));
    }

    [Fact]
    public async Task What_is_silenced_is_recorded_and_who_did_it_too()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        await house.Desk.Silences.Silence("test", TimeSpan.FromHours(2), "lunch", "ann", "sil_1", default);
        await house.Desk.Silences.Silence("test", TimeSpan.FromHours(2), "lunch", "ann", "sil_1", default); // its answer was lost
        house.Cluster.Runner.On("a", Fail);
        await house.Cluster.Run(Given.Run).Tell(AlertHouse.Start([OnFailed], "a"));
        var alert = Assert.Single(await house.Until(alerts => alerts.Length > 0));
        Assert.Equal(("ann", "lunch"), (alert.Silenced!.By, alert.Silenced.Reason));
        Assert.Empty(house.Hooks.Sent);
        Assert.Equal("test", (await house.Desk.Silences.Unsilence("sil_1", "bob", default))!.Pipeline);
        var silences = (await house.Desk.Silences.Read(default)).View(house.Clock.Now);
        Assert.Empty(silences.Active);
        Assert.Equal(["bob: ended the silence sil_1 of test", "ann: silenced test for 2h: lunch"], silences.Acts.Select(act => $"{act.By}: {act.What}"));
        house.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.True(await house.WakeIfDue());
        await house.Until(alerts => alerts is [{ Deliveries: [{ Status: DeliveryStatus.Sent }] }, _]);
    }

    [Fact]
    public async Task A_page_of_alerts_goes_on_where_the_last_one_ended()
    {
        await using var house = await AlertHouse.Open(new MemoryStore(), AlertHouse.Noon);
        foreach (var pipeline in new[] { "a", "b", "c" })
        {
            var kept = new KeptWatch(house.Desk, pipeline);
            for (var number = 0; number < 3; number++)
            {
                house.Clock.Now += TimeSpan.FromHours(2);
                var run = RunId.New(house.Clock.Now, new byte[10]);
                await kept.Hear(new News.Ended(run, RunStatus.Failed, house.Clock.Now, OnFailed, new AlertCause("failed", run)));
            }
        }
        var all = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = await house.Desk.List(null, cursor, 2, default);
            all.AddRange(page.Items.Select(alert => alert.Id));
            if ((cursor = page.Next) is null) break;
        }
        Assert.Equal(["a/3", "a/2", "a/1", "b/3", "b/2", "b/1", "c/3", "c/2", "c/1"], all);
        Assert.Equal(["b/3", "b/2"], (await house.Desk.List("b", null, 2, default)).Items.Select(alert => alert.Id));
        Assert.Equal(["b/1"], (await house.Desk.List("b", "b/2", 2, default)).Items.Select(alert => alert.Id));
    }

    [Fact]
    public void What_this_version_stores_every_later_one_reads()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Journals", "alerts-form-1.json");
        var watch = AlertCodec.Read(File.ReadAllBytes(file));
        Assert.Equal(("shop", 2L, AlertHouse.Noon.AddMinutes(5)), (watch.Pipeline, watch.Number, watch.NextWake));
        Assert.Equal(DeliveryStatus.Sending, watch.Find(1)!.To("ops")!.Status);
        Assert.Equal("lunch", watch.Find(2)!.Silenced!.Reason);
        Assert.Equal([AlertOn.Failed, AlertOn.Late], watch.Incidents.Keys);
        Assert.Equal(JsonNode.Parse(File.ReadAllText(file))!.ToJsonString(), JsonNode.Parse(AlertCodec.Write(watch))!.ToJsonString());
    }

    [Fact]
    public void What_is_stored_is_read_as_it_was()
    {
        var run = Given.Run;
        var watch = new Watch("test");
        foreach (var news in new News[]
        {
            new News.Begins(run, AlertHouse.Noon), new News.Begins(Given.Other(1), null), new News.Registered(OnStale, false),
            new News.Ended(run, RunStatus.Failed, AlertHouse.Noon, OnFailed, new AlertCause("failed", run, Step: new StepId("a"), StepKind: "x", Fault: Broken)),
            new News.Sends(1, "ops"), new News.Registering(),
        }) watch = watch.Hear(news, AlertHouse.Noon, null, AlertBounds.Default);
        var bytes = AlertCodec.Write(watch);
        Assert.Equal(bytes, AlertCodec.Write(AlertCodec.Read(bytes)));
        Assert.Equal(watch.NextWake, AlertCodec.Read(bytes).NextWake);
        Assert.DoesNotContain("tell_at", System.Text.Encoding.UTF8.GetString(bytes));
    }
}
