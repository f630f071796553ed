using OrleansEtl.Clusters;
using OrleansEtl.Silo.Embedded;
using OrleansEtl.Steps;

namespace OrleansEtl.Client.Tests;

/// <summary>Starts that mind other runs: the same on a home that two processes drive and on a cluster of two silos.</summary>
public abstract class StartRuleTests : IAsyncLifetime
{
    private const int Many = 8;

    protected abstract IEtl One { get; }
    protected abstract IEtl Other { get; }

    public abstract ValueTask InitializeAsync();
    public abstract ValueTask DisposeAsync();

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    /// <summary>Waits until somebody sends the signal, or cancels it.</summary>
    private static PipelineSpec Waiting { get; } =
        Pipeline.Named("waiting").Step("uploaded", "flow.signal", new { name = "uploaded" }).Build(StepCatalog.Specs);

    private static PipelineSpec Checked { get; } = Pipeline.Named("checked").Param("least", 1)
        .Step("raw", "extract.generate", new { rows = 3, columns = new { id = new { generator = "sequence" } } })
        .Step("enough", "check.row_count", new { min = "{{ params.least }}" }).After("raw").Build(StepCatalog.Specs);

    private static StartRequest Wait(OnConflict? rule, string? key = null) => new(Waiting, [], RunKey: key, OnConflict: rule);

    private static StartRequest Check(int least, OnEnded rule, string? key = "monday") =>
        new(Checked, [new Field("least", new SpecValue.Integer(least))], RunKey: key, OnEnded: rule);

    private async Task<Begun.Run> Begins(IEtl etl, StartRequest request) => Assert.IsType<Begun.Run>(await etl.Start(request, Patience));

    private static string Code(Begun begun) => Assert.Single(Assert.IsType<Begun.Refused>(begun).Faults).Code;

    private Task<RunView> Ended(RunId run) => One.End(run, Patience);

    [Fact]
    public async Task A_start_is_refused_while_another_run_goes_on_and_not_after()
    {
        var first = await Begins(One, Wait(OnConflict.Reject));
        var refused = Assert.IsType<Begun.Refused>(await Other.Start(Wait(OnConflict.Reject), Patience)).Faults[0];
        Assert.Equal(("ETL6511", FaultKind.Conflict), (refused.Code, refused.Kind));
        Assert.Contains(first.Id.Value, refused.Message);
        await Other.Signal(first.Id, "uploaded", [], null, Patience);
        Assert.Equal(RunStatus.Succeeded, (await Ended(first.Id)).Status);
        Assert.NotEqual(first.Id, (await Begins(Other, Wait(OnConflict.Reject))).Id);
    }

    [Fact]
    public async Task Of_many_that_start_at_once_exactly_one_does()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, Many).Select(i =>
            Task.Run(() => (i % 2 == 0 ? One : Other).Start(Wait(OnConflict.Reject, "monday"), Patience))));
        Assert.Single(begun.OfType<Begun.Run>());
        Assert.All(begun.OfType<Begun.Refused>(), refused => Assert.Equal("ETL6511", Code(refused)));
        Assert.Single((await One.Runs(new RunFilter("waiting"), Patience)).Items);
    }

    [Fact]
    public async Task Many_that_use_what_goes_on_share_one_run()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, Many).Select(i =>
            Task.Run(() => (i % 2 == 0 ? One : Other).Start(Wait(OnConflict.UseExisting), Patience))));
        Assert.Single(begun.Cast<Begun.Run>().Select(run => run.Id).Distinct());
        Assert.Single(begun.Cast<Begun.Run>(), run => !run.IsExisting);
    }

    [Fact]
    public async Task Who_takes_the_place_of_another_starts_when_that_has_ended()
    {
        var (first, beside) = (await Begins(One, Wait(OnConflict.Allow, "monday")), await Begins(One, Wait(OnConflict.Allow, "tuesday")));
        var second = await Begins(Other, Wait(OnConflict.CancelOther, "monday"));
        var cancelled = (await One.View(first.Id, Patience))!;
        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.True(cancelled.EndedAt <= (await One.View(second.Id, Patience))!.StartedAt);
        Assert.Equal(RunStatus.Running, (await One.View(beside.Id, Patience))!.Status);
        Assert.Equal("monday", (await One.View(second.Id, Patience))!.RunKey);
        Assert.Equal([second.Id, first.Id], (await One.Runs(new RunFilter("waiting", RunKey: "monday"), Patience)).Items.Select(run => run.Id));
    }

    [Fact]
    public async Task Without_a_rule_runs_go_on_beside_each_other_unless_the_pipeline_says_otherwise()
    {
        await Begins(One, Wait(null));
        await Begins(Other, Wait(null));
        var strict = Wait(null) with { Spec = Waiting with { OnConflict = OnConflict.Reject } };
        Assert.Equal("ETL6511", Code(await Other.Start(strict, Patience)));
        await Begins(Other, strict with { OnConflict = OnConflict.Allow });
    }

    [Fact]
    public async Task What_has_ended_is_done_once_more_only_as_the_rule_says()
    {
        Assert.Equal(RunStatus.Failed, (await Ended((await Begins(One, Check(5, OnEnded.Reject))).Id)).Status);
        Assert.Equal("ETL6512", Code(await Other.Start(Check(1, OnEnded.Reject), Patience)));
        Assert.Equal(RunStatus.Succeeded, (await Ended((await Begins(Other, Check(1, OnEnded.OnlyIfFailed))).Id)).Status);
        Assert.Equal("ETL6512", Code(await One.Start(Check(1, OnEnded.OnlyIfFailed), Patience)));
        await Begins(One, Check(1, OnEnded.Reject, "tuesday"));
        await Ended((await Begins(One, Check(1, OnEnded.Allow))).Id);
        Assert.Equal("ETL6515", Code(await One.Start(Check(1, OnEnded.Reject, null), Patience)));
        Assert.Equal("ETL6514", Code(await One.Start(Check(1, OnEnded.Allow, ""), Patience)));
    }

    [Fact]
    public async Task A_start_that_cannot_begin_cancels_nobody()
    {
        var first = await Begins(One, Wait(OnConflict.Allow));
        var faulty = Wait(OnConflict.CancelOther) with { Params = [new Field("nothing", new SpecValue.Integer(1))] };
        Assert.Equal("ETL2021", Code(await Other.Start(faulty, Patience)));
        Assert.Equal(RunStatus.Running, (await One.View(first.Id, Patience))!.Status);
    }

    [Fact]
    public async Task An_idempotency_key_answers_with_its_run_before_any_rule_is_asked()
    {
        var request = Wait(OnConflict.Reject) with { IdempotencyKey = "once" };
        var first = await Begins(One, request);
        Assert.Equal(first.Id, (await Begins(One, request)).Id);
    }
}

public sealed class Start_rules_of_a_home : StartRuleTests
{
    private readonly string _home = Directory.CreateTempSubdirectory("etl-home-").FullName;
    private IEtl? _one, _other;

    protected override IEtl One => _one!;
    protected override IEtl Other => _other!;

    public override ValueTask InitializeAsync()
    {
        var options = new EmbeddedOptions(_home) { MemoryBytes = 256 << 20, Threads = 1 };
        (_one, _other) = (EmbeddedEtl.Open(options, TimeProvider.System), EmbeddedEtl.Open(options, TimeProvider.System));
        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }
}

public sealed class Start_rules_of_a_cluster : StartRuleTests
{
    private SmallCluster? _cluster;
    private IEtl? _one, _other;

    protected override IEtl One => _one!;
    protected override IEtl Other => _other!;

    public override async ValueTask InitializeAsync()
    {
        _cluster = await SmallCluster.Start();
        (_one, _other) = (_cluster.Connect(), _cluster.Connect());
    }

    public override ValueTask DisposeAsync() => _cluster!.DisposeAsync();
}
