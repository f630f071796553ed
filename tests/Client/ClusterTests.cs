using Orleans.Runtime;
using OrleansEtl.Clusters;
using OrleansEtl.Steps;

namespace OrleansEtl.Client.Tests;

public sealed class ClusterTests : IAsyncLifetime
{
    private SmallCluster _cluster = null!;
    private ClusterEtl _etl = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await SmallCluster.Start();
        _etl = _cluster.Connect();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token;

    private static PipelineSpec Orders { get; } = Pipeline.Named("orders").Param("rows", 10)
        .Step("raw", "extract.generate", new { rows = "{{ params.rows }}", columns = new { id = new { generator = "sequence" } } })
        .To("kept", Parquet.Dataset("marts/orders"))
        .To("out", Parquet.At("out/orders.parquet"))
        .Build(StepCatalog.Specs);

    private static StartRequest Request(int rows = 10, string? key = null) =>
        new(Orders, [new Field("rows", new SpecValue.Integer(rows))], IdempotencyKey: key);

    [Fact]
    public async Task A_run_is_watched_to_its_end_and_everything_can_be_looked_at()
    {
        var run = await Started(Request());
        var last = await Ended(run);
        Assert.Equal(RunStatus.Succeeded, last.Status);
        Assert.True(File.Exists(Path.Combine(_cluster.Files, "out", "orders.parquet")));
        Assert.Equal(Orders.Version(), (await _etl.Definition(run, Patience))!.Version());
        Assert.Equal(run, Assert.Single((await _etl.Runs(new RunFilter("orders"), Patience)).Items).Id);
        Assert.Equal(last.Version, (await _etl.View(run, Patience))!.Version);
        Assert.Contains((await _etl.Datasets("marts/", null, 10, Patience)).Items, dataset => dataset.Name == "marts/orders");
        Assert.Equal(run.Value, Assert.Single((await _etl.Versions("marts/orders", null, 10, Patience)).Items).Version);
        var history = (await _etl.History(new HistoryFilter(run, Limit: 500), Patience))!;
        Assert.Equal((true, last.Version, 0L), (history.IsLast, history.Next, history.Missing));
        Assert.Equal("run_ended", history.Entries[^1].What);
        var preview = await _etl.Preview("marts/orders", null, 3, Patience);
        Assert.Equal(3, preview!.Rows.Length);
        Assert.False(preview.IsWhole);
    }

    [Fact]
    public async Task The_same_key_and_request_is_the_same_run()
    {
        var first = await Started(Request(key: "daily"));
        Assert.Equal(first, await Started(Request(key: "daily")));
        Assert.NotEqual(first, await Started(Request(key: "weekly")));
        Assert.Equal(2, (await _etl.Runs(new RunFilter("orders"), Patience)).Items.Length);
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused_and_says_what_differs()
    {
        var first = await Started(Request(key: "daily"));
        var refused = Assert.IsType<Begun.Refused>(await _etl.Start(Request(rows: 11, key: "daily"), Patience));
        var fault = Assert.Single(refused.Faults);
        Assert.Equal("ETL4602", fault.Code);
        Assert.Contains("parameters", fault.Message);
        Assert.DoesNotContain("definition", fault.Message);
        Assert.Contains(first.Value, fault.Message);
    }

    [Fact]
    public async Task A_key_that_was_claimed_by_a_client_that_died_before_its_start_starts_that_very_run()
    {
        var claimed = RunId.New(TimeProvider.System.GetUtcNow().AddDays(-1), [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
        await _cluster.Grains.GetGrain<IStartKeyGrain>("orders/daily").Claim(StartChecks.Claim(Request(), claimed));
        Assert.Equal(claimed, await Started(Request(key: "daily")));
        Assert.Equal(RunStatus.Succeeded, (await Ended(claimed)).Status);
    }

    [Fact]
    public async Task A_folder_of_the_clients_machine_is_refused()
    {
        var refused = Assert.IsType<Begun.Refused>(await _etl.Start(Request() with { Folder = "/home/me" }, Patience));
        Assert.Equal("ETL4603", Assert.Single(refused.Faults).Code);
        refused = Assert.IsType<Begun.Refused>(await _etl.Start(Request() with { Folder = "a/../../b" }, Patience));
        Assert.Equal("ETL4603", Assert.Single(refused.Faults).Code);
    }

    [Fact]
    public async Task An_ended_run_is_repeated_and_cannot_be_resumed_or_cancelled()
    {
        var run = await Started(Request());
        await Ended(run);
        var again = Assert.IsType<Begun.Run>(await _etl.Rerun(new RerunRequest(run, new StepId("out"), []), Patience)).Id;
        var view = await Ended(again);
        Assert.Equal(run, view.RerunOf);
        Assert.Equal("ETL4203", Assert.Single(Assert.IsType<Begun.Refused>(await _etl.Resume(run, Patience)).Faults).Code);
        Assert.IsType<Answer.Refused>(await _etl.Cancel(run, "late", null, Patience));
    }

    [Fact]
    public async Task An_unknown_run_is_not_found_and_wakes_nobody()
    {
        var nobody = RunId.New(DateTimeOffset.UnixEpoch, new byte[10]);
        Assert.Null(await _etl.View(nobody, Patience));
        Assert.Null(await _etl.Definition(nobody, Patience));
        Assert.Null(await _etl.History(new HistoryFilter(nobody), Patience));
        await foreach (var view in _etl.Watch(nobody, Patience)) Assert.Fail($"{view}");
        Assert.Equal("ETL4201", Assert.Single(Assert.IsType<Answer.Refused>(await _etl.Cancel(nobody, "", null, Patience)).Faults).Code);
        Assert.Equal("ETL4201", Assert.Single(Assert.IsType<Begun.Refused>(await _etl.Resume(nobody, Patience)).Faults).Code);
        var pipeline = _cluster.Grains.GetGrain<IPipelineGrain>(nobody.Value);
        Assert.Null(await _cluster.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(pipeline));
    }

    [Fact]
    public async Task A_list_that_cannot_be_is_refused_and_the_fault_names_the_call()
    {
        using var _ = Correlation.Use("job-17");
        var refused = await Assert.ThrowsAsync<FaultException>(() => _etl.Runs(new RunFilter(Limit: 1000), Patience));
        Assert.Equal("job-17", refused.Fault.Correlation);
        Assert.Equal(FaultKind.Invalid, refused.Fault.Kind);
    }

    [Fact]
    public async Task Every_silo_says_what_it_is_and_which_calls_it_answers()
    {
        var silos = await _etl.Silos.List(Patience);
        Assert.Equal(2, silos.Length);
        Assert.All(silos, silo => Assert.True(silo.IsHealthy && silo.Status == "active", silo.ToString()));
        Assert.Equal(["Silo_0", "Silo_1"], silos.Select(silo => silo.Report!.Name).Order());
        Assert.Equal(["control", "data"], silos[0].Report!.Roles);

        await _etl.Silos.Calls(Patience); // the first look opens the books
        await Ended(await Started(Request()));
        var calls = (await _etl.Silos.Calls(Patience)).SelectMany(silo => silo.Report.Calls).ToArray();
        Assert.Contains(calls, call => call is { Grain: "pipeline", Method: "Tell", Count: > 0, Errors: 0 } && call.P99 >= call.P50);
    }

    [Fact]
    public async Task A_run_that_is_watched_ends_although_a_silo_is_killed()
    {
        var slow = Request(rows: 3_000_000);
        var run = await Started(slow);
        await _cluster.Silos.KillSiloAsync(_cluster.Silos.Silos[1]);
        Assert.Equal(RunStatus.Succeeded, (await Ended(run)).Status);
        Assert.Single(await _etl.Silos.List(Patience), silo => silo.IsHealthy);
    }

    private async Task<RunId> Started(StartRequest request)
    {
        var begun = await _etl.Start(request, Patience);
        return begun is Begun.Run run ? run.Id : throw new InvalidOperationException($"{((Begun.Refused)begun).Faults[0]}");
    }

    private Task<RunView> Ended(RunId run) => _etl.End(run, Patience);
}
