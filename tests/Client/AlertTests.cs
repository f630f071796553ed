using System.Collections.Immutable;
using OrleansEtl.Clusters;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Servers;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Client.Tests;

/// <summary>Alerts of a home and of a cluster, to a receiver on this machine.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly HookReceiver _hook = new();
    private readonly string _channel = $"hook-{Guid.NewGuid():n}";
    private readonly string _home = Directory.CreateTempSubdirectory("etl-home-").FullName;

    private string Variable => "ETL_CONNECTION_" + _channel.ToUpperInvariant().Replace('-', '_');

    public ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable(Variable, _hook.Channel);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable(Variable, null);
        await _hook.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task In_a_home_what_fails_is_told_before_the_process_ends()
    {
        await using (var home = Open()) await Ended(home, await Started(home, Failing));
        await _hook.Hears(1, Patience);
        await using var other = Open();
        var alert = Assert.Single((await other.Alerts.List(null, null, 10, default)).Items);
        Assert.Equal((DeliveryStatus.Sent, 1), (alert.Deliveries[0].Status, alert.Deliveries[0].Tries));
        var (key, body) = Assert.Single(_hook.Heard);
        Assert.Equal((alert.Key, "p/1", "ETL5040"), (key, body.GetProperty("alert").GetString(), body.GetProperty("fault").GetProperty("code").GetString()));
        Assert.DoesNotContain("hush", body.GetRawText());
    }

    [Fact]
    public async Task What_a_process_could_not_deliver_the_next_process_of_the_home_does()
    {
        _hook.Answers.Enqueue(0); // it stalls
        await using (var home = Open())
        {
            await Ended(home, await Started(home, Failing));
            await _hook.Hears(1, Patience);
        }
        await using (var next = Open())
        {
            Assert.Equal(DeliveryStatus.Sending, (await next.Alerts.View("p/1", default))!.Deliveries[0].Status);
            await Ended(next, await Started(next, Fine)); // any run: whoever is there tells what is to be told
            await _hook.Hears(2, Patience);
        }
        Assert.Single(_hook.Heard.Select(heard => heard.Key).Distinct());
        await using var last = Open();
        var told = (await last.Alerts.View("p/1", default))!.Deliveries[0];
        Assert.Equal((DeliveryStatus.Sent, 2), (told.Status, told.Tries));
    }

    [Fact]
    public async Task A_channel_that_nobody_knows_is_refused_at_the_start_and_when_it_is_registered()
    {
        await using var home = Open();
        var wrong = Failing with { Alerts = [new AlertRule(AlertOn.Failed, [_channel[..^1]])] };
        var fault = Assert.Single(Assert.IsType<Begun.Refused>(await home.Start(new StartRequest(wrong, [], _home), default)).Faults);
        Assert.Equal(("ETL6751", "alerts[0].to[0]"), (fault.Code, fault.Path));
        Assert.Equal("ETL6751", Assert.IsType<DefinitionAnswer.Refused>(
            await home.Register(new DefinitionCommand.Register(wrong, _home), default)).Faults[0].Code);
        Assert.Equal("ETL6751", (await home.Alerts.Test("nobody", null, default))!.Code);
        Assert.Null(await home.Alerts.Test(_channel, "ann", default));
        Assert.Equal("test", _hook.Heard.Single().Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_was_silenced_can_be_sent_again_from_a_home_that_nobody_drives()
    {
        await using (var home = Open())
        {
            await home.Alerts.Silence("p", TimeSpan.FromHours(1), "lunch", "ann", default);
            await Ended(home, await Started(home, Failing));
        }
        await using var next = Open();
        var alert = (await next.Alerts.View("p/1", default))!;
        Assert.Equal(("lunch", 0), (alert.Silenced!.Reason, alert.Deliveries.Length));
        Assert.Empty(_hook.Heard);
        Assert.Null(await next.Alerts.Resend("p/1", everywhere: false, default));
        Assert.Equal(alert.Key, Assert.Single(_hook.Heard).Key);
        Assert.Equal("ETL6753", (await next.Alerts.Resend("p/7", false, default))!.Code);
        Assert.Equal("ETL6753", (await next.Alerts.Resend("p", false, default))!.Code);
    }

    [Fact]
    public async Task A_driven_home_tells_that_a_pipeline_is_stale()
    {
        await using var home = Open();
        var stale = Fine with { Alerts = [new AlertRule(AlertOn.Stale, [_channel], Within: TimeSpan.FromSeconds(1))] };
        Assert.IsType<DefinitionAnswer.Done>(await home.Register(new DefinitionCommand.Register(stale, _home), default));
        await Ended(home, await Started(home, stale));
        await using var driven = Open();
        using var stop = new CancellationTokenSource();
        var driving = driven.Drive(_ => { }, stop.Token);
        await Task.WhenAny(driving, _hook.Hears(1, Patience));
        Assert.Equal("stale", Assert.Single(_hook.Heard).Body.GetProperty("on").GetString());
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driving);
    }

    [Fact]
    public async Task A_run_that_is_left_to_others_is_told_of_too()
    {
        RunId run;
        await using (var home = Open())
            run = Assert.IsType<Begun.Run>(await home.Start(new StartRequest(Failing, [], _home) { IsDetached = true }, default)).Id;
        await using var driven = Open();
        using var stop = new CancellationTokenSource();
        var driving = driven.Drive(_ => { }, stop.Token);
        await Task.WhenAny(driving, _hook.Hears(1, Patience));
        Assert.Equal($"p/failed/{run}", Assert.Single(_hook.Heard).Key);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driving);
    }

    [Fact]
    public async Task On_a_cluster_it_is_told_listed_silenced_and_sent_again()
    {
        await using var cluster = await SmallCluster.Start();
        await using var etl = cluster.Connect();
        _hook.Answers.Enqueue(500);
        await Ended(etl, await Started(etl, Failing, ""));
        await _hook.Hears(1, Patience);
        await Until(async () => (await etl.Alerts.View("p/1", default)) is { Deliveries: [{ Status: DeliveryStatus.Waiting, Fault.Code: "ETL6763" }] });
        Assert.Null(await etl.Alerts.Resend("p/1", everywhere: false, default));
        await _hook.Hears(2, Patience);
        await Until(async () => (await etl.Alerts.List("p", null, 10, default)).Items is [{ Deliveries: [{ Status: DeliveryStatus.Sent }] }]);
        var silence = await etl.Alerts.Silence(null, TimeSpan.FromHours(2), "the move", "ann", default);
        Assert.Equal(silence, Assert.Single((await etl.Alerts.Silences(default)).Active));
        Assert.Equal(silence, await etl.Alerts.Unsilence(silence.Id, "bob", default));
        Assert.Null(await etl.Alerts.Unsilence(silence.Id, "bob", default));
        Assert.Null(await etl.Alerts.Test(_channel, "ann", default));
        Assert.Equal("ETL6753", (await etl.Alerts.Resend("p/9", false, default))!.Code);
        var wrong = Failing with { Alerts = [new AlertRule(AlertOn.Failed, ["nobody"])] };
        Assert.Equal("ETL6751", Assert.IsType<Begun.Refused>(await etl.Start(new StartRequest(wrong, []), default)).Faults[0].Code);
    }

    private PipelineSpec Failing => Fine with
    {
        Params = [new ParamSpec("password", ValueType.Text, new SpecValue.Text("hush"), null)],
        Steps =
        [
            .. Fine.Steps,
            new StepSpec(new StepId("sane"), "check.row_count", [new StepId("rows")], new SpecValue.Map([new Field("min", new SpecValue.Integer(100))])),
        ],
    };

    private PipelineSpec Fine => new("p", null, [],
    [
        new StepSpec(new StepId("rows"), "extract.generate", [], new SpecValue.Map([
            new Field("rows", new SpecValue.Integer(3)),
            new Field("columns", new SpecValue.Map([new Field("id", new SpecValue.Map([new Field("generator", new SpecValue.Text("sequence"))]))])),
        ])),
    ], Alerts: [new AlertRule(AlertOn.Failed, [_channel])]);

    private IHome Open() => EmbeddedEtl.Open(
        new EmbeddedOptions(_home)
        {
            MemoryBytes = 256 << 20, Threads = 1, AlertPatience = TimeSpan.FromSeconds(2),
            Alerts = AlertBounds.Default with { UnheardAfter = TimeSpan.FromSeconds(5), HeldEvery = TimeSpan.FromSeconds(1) },
        }, TimeProvider.System);

    private async Task<RunId> Started(IEtl etl, PipelineSpec spec, string? folder = null) =>
        Assert.IsType<Begun.Run>(await etl.Start(new StartRequest(spec, [], folder ?? _home), default)).Id;

    private static async Task Ended(IEtl etl, RunId run)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var view in etl.Watch(run, patience.Token))
            if (view.Status.IsTerminal()) return;
    }

    /// <summary>The silo stores what came of a message after it was heard, and says so to nobody.</summary>
    private static async Task Until(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo()) await Task.Delay(20, patience.Token);
    }
}
