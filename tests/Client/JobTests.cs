using OrleansEtl.Clusters;
using OrleansEtl.Silo.Embedded;

namespace OrleansEtl.Client.Tests;

/// <summary>Single steps of work: the same in a home and on a cluster.</summary>
public abstract class JobTests : IAsyncLifetime
{
    protected abstract IEtl Etl { get; }

    /// <summary>Where jobs look for files, and how they name it.</summary>
    protected abstract (string Path, string Name) Files { get; }

    public abstract ValueTask InitializeAsync();
    public abstract ValueTask DisposeAsync();

    protected static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    protected static JobRequest Rows(int rows = 3) =>
        JobRequest.Of("extract.generate", new { rows, columns = new { id = new { generator = "sequence" } } });

    protected async Task<RunId> Submitted(JobRequest job) =>
        Assert.IsType<Begun.Run>(await Etl.Submit(job with { Folder = Files.Name }, Patience)).Id;

    private async Task<Fault[]> Refused(JobRequest job) => [.. Assert.IsType<Begun.Refused>(await Etl.Submit(job, Patience)).Faults];

    protected Task<RunView> Ended(RunId run) => Etl.End(run, Patience);

    [Fact]
    public async Task A_job_is_done_once_however_often_it_is_submitted_with_its_key()
    {
        var job = Rows() with { Queue = "rows", IdempotencyKey = "monday" };
        var first = await Submitted(job);
        var ended = await Ended(first);
        Assert.Equal((RunStatus.Succeeded, "jobs.rows", 3L), (ended.Status, ended.Pipeline, ended.Steps.Single().RowsOut));
        Assert.Equal(first, await Submitted(job));
        Assert.Equal("ETL4602", Assert.Single(await Refused(job with { With = Rows(4).With })).Code);
        Assert.Single((await Etl.Runs(new RunFilter("jobs.rows"), Patience)).Items);
    }

    [Fact]
    public async Task The_first_job_makes_its_queue_and_one_that_is_set_stays_as_it_is()
    {
        Assert.Null(await Etl.TellLimit("jobs.narrow", new LimitOrder.Set(new LimitSpec(1, null, LimitOf.Steps, []), "ann"), Patience));
        await Ended(await Submitted(Rows() with { Queue = "narrow" }));
        await Ended(await Submitted(Rows()));
        Assert.Equal(1, (await Etl.Limit("jobs.narrow", Patience))!.Spec!.Concurrency);
        Assert.Equal(JobQueue.ConcurrencyDefault, (await Etl.Limit("jobs.default", Patience))!.Spec!.Concurrency);
    }

    [Fact]
    public async Task A_job_waits_while_its_queue_is_paused_and_says_so()
    {
        await Ended(await Submitted(Rows() with { Queue = "held" }));
        Assert.Null(await Etl.TellLimit("jobs.held", new LimitOrder.Pause("lunch", "ann"), Patience));
        var run = await Submitted(Rows() with { Queue = "held" });
        await foreach (var view in Etl.Watch(run, Patience))
            if (view.Steps[0].Wait is { For: WaitFor.Limit } wait)
            {
                Assert.Contains("jobs.held", wait.Text);
                break;
            }
        Assert.Null(await Etl.TellLimit("jobs.held", new LimitOrder.Resume("ann"), Patience));
        Assert.Equal(RunStatus.Succeeded, (await Ended(run)).Status);
    }

    [Fact]
    public async Task A_job_with_a_delay_waits_for_its_time()
    {
        foreach (var job in (JobRequest[])[Rows() with { Delay = TimeSpan.FromHours(1) }, Rows() with { NotBefore = DateTimeOffset.UtcNow.AddHours(1) }])
        {
            var run = await Submitted(job);
            await foreach (var view in Etl.Watch(run, Patience))
                if (view.Wait is { For: WaitFor.Time }) break;
            await Etl.Cancel(run, "no more", null, Patience);
            Assert.Equal(RunStatus.Cancelled, (await Ended(run)).Status);
        }
        Assert.Equal(RunStatus.Succeeded, (await Ended(await Submitted(Rows() with { NotBefore = DateTimeOffset.UnixEpoch }))).Status);
    }

    [Fact]
    public async Task What_fails_for_good_stays_in_its_queue_and_can_be_run_again()
    {
        var run = await Submitted(JobRequest.Of("extract.csv", new { path = "orders.csv" }) with { Queue = "dead", Retry = RetrySpec.Default with { Max = 0 } });
        Assert.Equal(RunStatus.Failed, (await Ended(run)).Status);
        var dead = Assert.Single((await Etl.Runs(new RunFilter("jobs.dead", Status: RunStatus.Failed), Patience)).Items);
        Assert.Equal(run, dead.Id);
        await File.WriteAllTextAsync(Path.Combine(Files.Path, "orders.csv"), "id\n1\n", Patience);
        var again = Assert.IsType<Begun.Run>(await Etl.Rerun(new RerunRequest(run, null, []), Patience)).Id;
        Assert.Equal(RunStatus.Succeeded, (await Ended(again)).Status);
    }

    [Fact]
    public async Task What_is_wrong_with_a_job_is_told_with_its_own_places_and_makes_none()
    {
        Assert.Equal("ETL6850", Assert.Single(await Refused(Rows() with { Queue = "a b" })).Code);
        Assert.Equal(("ETL2001", "kind"), Told(Assert.Single(await Refused(JobRequest.Of("extract.generat")))));
        Assert.Equal(("ETL2006", "depends_on"), Told(Assert.Single(await Refused(JobRequest.Of("transform.filter", new { where = "true" })))));
        var wrong = JobRequest.Of("extract.generate", new { row = 3 }) with { Delay = TimeSpan.FromHours(1) };
        Assert.Contains(("ETL1007", "with.row"), (await Refused(wrong)).Select(Told));
        Assert.Empty((await Etl.Runs(new RunFilter(), Patience)).Items);
        Assert.Empty((await Etl.Limits(null, 500, Patience)).Items); // nor a queue

        static (string, string?) Told(Fault fault) => (fault.Code, fault.Path);
    }
}

public sealed class Jobs_of_a_home : JobTests
{
    private readonly string _home = Directory.CreateTempSubdirectory("etl-home-").FullName;
    private readonly CancellationTokenSource _stopped = new();
    private IHome? _submits, _drives;
    private Task _driving = Task.CompletedTask;

    protected override IEtl Etl => _submits!;
    protected override (string Path, string Name) Files => (_home, _home);

    public override ValueTask InitializeAsync()
    {
        var options = new EmbeddedOptions(Path.Combine(_home, ".etl")) { MemoryBytes = 256 << 20, Threads = 1 };
        (_submits, _drives) = (EmbeddedEtl.Open(options, TimeProvider.System), EmbeddedEtl.Open(options, TimeProvider.System));
        _driving = _drives.Drive(_ => { }, _stopped.Token);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _driving);
        await _drives!.DisposeAsync();
        await _submits!.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task Who_submits_a_job_does_nothing_of_it()
    {
        await _stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _driving);
        await _drives!.DisposeAsync();
        var run = await Submitted(Rows());
        var view = (await Etl.View(run, Patience))!;
        Assert.Equal((RunStatus.Paused, WaitFor.Driver, 0), (view.Status, view.Wait!.For, view.Steps[0].Attempts));
        Assert.IsType<Begun.Run>(await Etl.Resume(run, Patience));
        Assert.Equal(RunStatus.Succeeded, (await Ended(run)).Status);
    }
}

public sealed class Jobs_of_a_cluster : JobTests
{
    private SmallCluster? _cluster;
    private IEtl? _etl;

    protected override IEtl Etl => _etl!;
    protected override (string Path, string Name) Files => (_cluster!.Files, "");

    public override async ValueTask InitializeAsync()
    {
        _cluster = await SmallCluster.Start();
        _etl = _cluster.Connect();
    }

    public override ValueTask DisposeAsync() => _cluster!.DisposeAsync();
}
