using Orleans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>
/// Runs that steps of this one wait for, or items of them. Whoever owns the run starts each and stays with it until it has ended: so nobody has to
/// tell, and after a crash the next owner asks. Of the items of a step only those have a run that may go on at once. The start may be paid by
/// several owners, and is one run; a stop is paid after a start, since a start that is still under way could come after it.
/// </summary>
public sealed partial class PipelineGrain
{
    /// <summary>Of one question for the end of a child; shorter than a call may take.</summary>
    private static readonly TimeSpan ChildPatience = TimeSpan.FromSeconds(5);

    /// <summary>Children that somebody stays with.</summary>
    private readonly HashSet<RunId> _attended = [];

    private void Attend(int stage, RunId child)
    {
        if (_attended.Add(child)) _ = Attending(stage, child);
    }

    private async Task Attending(int stage, RunId id)
    {
        var isStarted = false;
        var wait = desk.Options.PayAgain;
        while (!_leaving && _run.ChildOf(stage, id) is { } child)
        {
            try
            {
                var refused = isStarted ? null : await StartChild(stage, child);
                isStarted = true;
                if (refused is null && _run.Stops(stage, child)) await StopChild(child);
                var view = refused is null ? await desk.Children!.Ended(child.Run, ChildPatience) : null;
                if (refused is null && view is null) throw new InvalidOperationException($"run {child.Run} has begun and is not there");
                if (_run.ChildOf(stage, id) is null) break;
                if (refused is not null) await Tell(_run.Unstarted(stage, child, refused));
                else if (view!.Status.IsTerminal()) await Tell(_run.EndOf(stage, view));
                else if (view.Status.IsAtRest()) await Task.Delay(ChildPatience, desk.Clock); // until somebody redrives it
                wait = desk.Options.PayAgain;
            }
            catch (Exception e) // its silo or the store is away
            {
                LogUnpaid(Id.Value, stage, e.Message);
                await Task.Delay(wait, desk.Clock);
                wait = wait * 2 < desk.Options.RepayEvery ? wait * 2 : desk.Options.RepayEvery;
            }
        }
        _attended.Remove(id);
    }

    /// <returns>Why it can never begin; null: it has begun.</returns>
    private async Task<Fault?> StartChild(int stage, ChildRun child)
    {
        Fault? fault = null;
        try
        {
            if (desk.Children is not { } children) return Unstartable();
            var start = _run.StartOf(stage, child, await children.Find(child.Pipeline, child.Version, CancellationToken.None));
            if (await children.Start(child.Run, start) is Answer.Refused { Faults: [var first, ..] }) fault = first;
        }
        catch (FaultException e) when (e.Fault.Kind is FaultKind.Invalid or FaultKind.NotFound or FaultKind.Denied or FaultKind.Conflict)
        {
            fault = e.Fault;
        }
        if (fault is null) return null;
        if (fault.IsTransient) throw new FaultException(fault);
        // Only this run starts one of this id: an earlier try was heard, and the pipeline has changed since.
        return await desk.Journal.Read(child.Run, CancellationToken.None) is null ? fault : null;
    }

    private Task StopChild(ChildRun child) => desk.Children!.Cancel(child.Run,
        _run.Status == RunStatus.Cancelling ? $"run {Id}, which started it, is stopped" : $"run {Id}, which started it, has failed for another item");

    /// <summary>At once, beside the question for its end; when this is lost, the next question brings it again.</summary>
    private async Task StopChildNow(int stage, RunId id)
    {
        if (_run.ChildOf(stage, id) is not { } child) return;
        try
        {
            await StopChild(child);
        }
        catch (Exception) // its silo is away, or it has not begun
        {
        }
    }

    private static Fault Unstartable() => new(FaultKind.Invalid, "ETL6834", "This process starts no runs of other pipelines.");
}
