using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>Reads for people, on the silo that they happen to ask: every silo has the store, so no read crosses to another. Looking at
/// a run that has ended, or that never was, wakes nobody.</summary>
[StatelessWorker, GrainType("run-catalog")]
public sealed class RunCatalogGrain(IRunJournal journal, IRunCatalog catalog, RunHistory history, RunDesk desk) : Grain, IRunCatalogGrain
{
    /// <summary>How long a start waits for those that make room for it: well below the time after which its caller gives up.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    public async Task<Listing<RunSummary>> Runs(RunFilter filter) =>
        Rows.Summaries(await catalog.Runs(Rows.Query(filter), CancellationToken.None));

    public async Task<RunView?> View(RunId run)
    {
        if (await catalog.Run(run, CancellationToken.None) is not { } row) return null;
        return row.Status.IsAtRest() ? (await Past(run))?.View() : await Pipeline(run).View();
    }

    public Task<HistoryPage?> History(HistoryFilter filter) => history.Read(filter, CancellationToken.None);

    public async Task<ItemPage?> Items(ItemFilter filter) => await Past(filter.Run) is not { } run ? null
        : await ItemPages.Read(run, filter, items => Gathered(items, filter));

    public async Task<PipelineSpec?> Definition(RunId run) => (await Past(run))?.Plan!.Spec;

    public Task<ImmutableArray<Fault>> Check(PipelineSpec spec) =>
        Task.FromResult(desk.Check(spec) is PlanResult.Faulty faulty ? faulty.Faults : []);

    public Task<StartAnswer> Start(RunId run, RunCommand.Start start, StartRules rules) =>
        new RunStarter(catalog, desk, (id, command) => Pipeline(id).Tell(command), End).Start(run, start, rules, CancellationToken.None);

    private async Task<bool> End(RunId other)
    {
        await Pipeline(other).Tell(new RunCommand.Cancel("another run takes its place"));
        return await Pipeline(other).Ended(EndPatience, CancellationToken.None) is not { Status: var status } || status.IsTerminal();
    }

    public async Task<Answer> Rerun(RunId run, RerunRequest request)
    {
        if (await Past(request.Of) is not { } past) return Refused(Unknown(request.Of));
        var plan = RerunPlan.Of(past, request.From, request.Params, request.Items);
        var fault = plan.Fault ?? await NamedItems.Fault(plan.Command!, Gathered);
        return fault is not null ? Refused(fault) : await Pipeline(run).Tell(plan.Command!);
    }

    public async Task<Answer> Resume(RunId run)
    {
        if (await catalog.Run(run, CancellationToken.None) is not { } row) return Refused(Unknown(run));
        if (row.Status.IsTerminal())
            return Refused(new Fault(FaultKind.Conflict, "ETL4203",
                $"Run {run} has ended: {row.Status.Word()}.", null, $"Run it again with: etl rerun {run}"));
        if (row.Status is RunStatus.Paused or RunStatus.Quarantined) return await Pipeline(run).Tell(new RunCommand.Resume());
        await Pipeline(run).Wake();
        return new Answer.Done(row.Status, 0);
    }

    private Task<ImmutableArray<ItemView>> Gathered(DatasetVersion items, ItemFilter filter) =>
        GrainFactory.GetGrain<IPreviewGrain>(items.Ref.Name).Items(items, filter);

    private Task<Run?> Past(RunId run) => PastRun.Read(journal, run, CancellationToken.None);

    private IPipelineGrain Pipeline(RunId run) => GrainFactory.GetGrain<IPipelineGrain>(run.Value);

    private static Answer.Refused Refused(Fault fault) => new([fault]);

    private static Fault Unknown(RunId run) =>
        new(FaultKind.NotFound, "ETL4201", $"There is no run {run}.", null, "List runs with: etl runs list");
}
