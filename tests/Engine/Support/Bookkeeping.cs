using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests;

/// <summary>What a live owner knows of its debts when it hears events only: what each of them newly owed, less what later ones answered.
/// It must always be what <see cref="Run.Owed(Run)"/> says, or an owner that lives would differ from one that recovers.</summary>
internal sealed class Bookkeeping
{
    private readonly HashSet<Debt> _attempts = [];
    private DateTimeOffset? _wake;

    public static Bookkeeping Of(IEnumerable<Debt> debts)
    {
        var books = new Bookkeeping();
        foreach (var debt in debts) books.Enter(debt);
        return books;
    }

    public IEnumerable<string> Open =>
        [.. _attempts.Select(Saying.Of).Order(), .. _wake is { } at ? [Saying.Of(new Debt.Wake(at))] : Array.Empty<string>()];

    /// <summary>Time passed and the owner was woken.</summary>
    public void Woken(DateTimeOffset now)
    {
        if (_wake <= now) _wake = null;
    }

    public void Heard(Run after, ImmutableArray<RunEvent> events)
    {
        foreach (var happened in events) Answer(happened);
        foreach (var debt in Run.Owed(after, events)) Enter(debt);
    }

    private void Close(int stage, Attempt attempt) => _attempts.RemoveWhere(debt =>
        debt is Debt.Dispatch d && d.Stage == stage && d.Attempt == attempt || debt is Debt.Stop s && s.Stage == stage && s.Attempt == attempt);

    private void Enter(Debt debt)
    {
        if (debt is Debt.Stop stop) _attempts.Remove(new Debt.Dispatch(stop.Stage, stop.Attempt));
        if (debt is Debt.StopChild child) _attempts.Remove(new Debt.StartChild(child.Stage, child.Child));
        if (debt is Debt.Wake wake) _wake = wake.At;
        else _attempts.Add(debt);
    }

    private void Answer(RunEvent happened)
    {
        int? stage = happened switch
        {
            RunEvent.StageSucceeded e => e.Stage,
            RunEvent.StageRetryScheduled e => e.Stage,
            RunEvent.StageLost e => e.Stage,
            RunEvent.StageFailed e => e.Stage,
            RunEvent.StageCancelled e => e.Stage,
            RunEvent.StageSkippedByHand e => e.Stage,
            RunEvent.StageSucceededByHand e => e.Stage,
            RunEvent.StageRejoined e => e.Stage,
            _ => null,
        };
        if (happened is RunEvent.ItemsEnded ended) Close(ended.Stage, ended.Attempt);
        if (happened is RunEvent.ItemsLost lost) Close(lost.Stage, lost.Attempt);
        if (happened is RunEvent.ItemsListed listed) Close(listed.Stage, listed.Attempt);
        if (happened is RunEvent.ItemsAwait begun) Close(begun.Stage, begun.Attempt);
        if (happened is RunEvent.ItemRejoined rejoined)
            _attempts.RemoveWhere(debt => (debt as Debt.StartChild)?.Child == rejoined.End.Run || (debt as Debt.StopChild)?.Child == rejoined.End.Run);
        if (happened is RunEvent.ItemsSent or RunEvent.ItemsEnded or RunEvent.ItemsLost or RunEvent.ItemsAwait or RunEvent.ItemRejoined) _wake = null;
        _attempts.RemoveWhere(debt => debt is Debt.Dispatch d && d.Stage == stage || debt is Debt.Stop s && s.Stage == stage
            || debt is Debt.StartChild c && c.Stage == stage || debt is Debt.StopChild p && p.Stage == stage);
        if (happened is RunEvent.RunPaused or RunEvent.RunResumed or RunEvent.RunQuarantined or RunEvent.RunRedriven or RunEvent.CompensationBegan or RunEvent.StageSignalled or RunEvent.StageReviewed or RunEvent.StageExpired
            or RunEvent.StageSkippedByHand or RunEvent.StageSucceededByHand)
            _wake = null; // the one that is owed now is named anew
        if (happened is not (RunEvent.CancelRequested or RunEvent.RunTimedOut or RunEvent.RunEnded)) return;
        _attempts.Clear();
        _wake = null;
    }
}
