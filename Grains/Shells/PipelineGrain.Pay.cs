using System.Collections.Immutable;
using System.Diagnostics;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>Paying what a run owes. Paying only starts things: it never throws, and no grain call is awaited within a turn.
/// A payment that fails is tried again for as long as it is owed; one that gets lost is made good by <see cref="LookAfter"/>, which
/// asks after every attempt that is silent. A stage that is done at once needs no other grain: its outcome is the next command.</summary>
public sealed partial class PipelineGrain
{
    /// <summary>Within the reach of timers, which is 49 days.</summary>
    private static readonly TimeSpan WakeWithin = TimeSpan.FromDays(1);

    private enum Payment { Dispatch, Ask, Stop }

    private void Pay(ImmutableArray<Debt> debts)
    {
        foreach (var debt in debts)
        {
            switch (debt)
            {
                case Debt.Dispatch dispatch: Dispatch(dispatch); break;
                case Debt.Stop stop: _ = StopOrLose(stop.Stage, stop.Attempt); break;
                case Debt.Wake wake: SetWake(wake.At); break;
                case Debt.StartChild child: Attend(child.Stage, child.Child); break;
                case Debt.StopChild child:
                    Attend(child.Stage, child.Child);
                    _ = StopChildNow(child.Stage, child.Child);
                    break;
                default: throw new UnreachableException(debt.GetType().Name);
            }
        }
        if (_run.Status.IsAtRest()) _wake?.Dispose();
    }

    /// <summary>Once, and nobody waits for it: a schedule that was not told asks.</summary>
    private void TellSchedule()
    {
        if (_run.Occasion?.Schedule is { } schedule)
            _ = Telling(GrainFactory.GetGrain<IScheduleGrain>(schedule), new ScheduleEnd(Id, _run.Status, _run.Plan!.Version, _run.Fault));

        static async Task Telling(IScheduleGrain schedule, ScheduleEnd end)
        {
            try
            {
                await schedule.RunEnded(end);
            }
            catch (Exception) // its silo or the store is away
            {
            }
        }
    }

    /// <summary>After the process died: attempts that nobody holds any more are lost, the rest is paid again.</summary>
    private void Recover()
    {
        foreach (var debt in Run.Owed(_run))
        {
            if (debt is Debt.Dispatch dispatch && !IsDoneAtOnce(dispatch)) _ = LoseUnlessHeld(dispatch.Stage, dispatch.Attempt, _isHeir);
            else if (debt is not Debt.Dispatch) Pay([debt]);
        }
    }

    /// <inheritdoc/>
    public Task LookAfter(bool silentOnly) => Task.Factory.StartNew(
        () => Look(silentOnly), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();

    private Task Look(bool silentOnly)
    {
        AnswerSlowStarts();
        if (_leaving) return Task.CompletedTask;
        var asked = new List<Task>();
        var silentSince = desk.Clock.GetUtcNow() - desk.Options.HeartbeatPatience;
        var owed = Run.Owed(_run);
        Forget(owed);
        foreach (var debt in owed)
        {
            switch (debt)
            {
                case Debt.Dispatch d when !silentOnly || _heard.GetValueOrDefault((d.Stage, d.Attempt)) < silentSince:
                    asked.Add(LoseUnlessHeld(d.Stage, d.Attempt, died: true));
                    break;
                case Debt.Stop s: asked.Add(StopOrLose(s.Stage, s.Attempt)); break;
                case Debt.Wake w: SetWake(w.At); break;
                case Debt.StartChild or Debt.StopChild: Pay([debt]); break;
            }
        }
        if (!_pumping && (_run.Status.IsAtRest() || !_run.Exists)) DeactivateOnIdle();
        return Task.WhenAll(asked);
    }

    /// <summary>Attempts that nothing is owed to any more are not heard of again: a stage of many items has many of them.</summary>
    private void Forget(ImmutableArray<Debt> owed)
    {
        if (_heard.Count <= owed.Length) return;
        var alive = owed.OfType<Debt.Dispatch>().Select(debt => (debt.Stage, debt.Attempt)).ToHashSet();
        foreach (var attempt in _heard.Keys.Where(attempt => !alive.Contains(attempt)).ToArray()) _heard.Remove(attempt);
    }

    /// <summary>Who runs the stage, or one of the many attempts of a stage that runs for each item.</summary>
    private IStepGrain Step(int stage, Attempt attempt) =>
        GrainFactory.GetGrain<IStepGrain>(_run.IsForEach(stage) ? $"{Id}/{stage}/{attempt}" : $"{Id}/{stage}");

    private void Dispatch(Debt.Dispatch debt)
    {
        if (IsDoneAtOnce(debt)) return;
        _heard[(debt.Stage, debt.Attempt)] = desk.Clock.GetUtcNow();
        _ = Paying(Payment.Dispatch, debt.Stage, debt.Attempt, Send(_run.Work(debt.Stage, debt.Attempt)));
    }

    /// <summary>One that could not be sent off may have arrived all the same, and may have killed its silo: where one has died since, it is
    /// not offered again.</summary>
    private Func<Task> Send(StageWork work)
    {
        var (step, deaths, isOffered) = (Step(work.Stage, work.Attempt), rescuer.Deaths, false);
        return async () =>
        {
            if (isOffered && await step.Holds(work.Attempt)) return;
            if (rescuer.Deaths != deaths) await Tell(new RunCommand.Lose(work.Stage, work.Attempt, Died: true));
            else
            {
                isOffered = true;
                await step.Dispatch(work);
            }
        };
    }

    /// <summary>An activation that ends leaves such a stage to the next one: having no effect, it may be done twice.</summary>
    private bool IsDoneAtOnce(Debt.Dispatch debt)
    {
        if (_run.IsForEach(debt.Stage)) return false;
        var work = _run.Work(debt.Stage, debt.Attempt);
        if (!work.IsUnlimited() || desk.AtOnce(work) is not { } outcome) return false;
        if (!_leaving) Put(new Letter(new RunCommand.Report(debt.Stage, debt.Attempt, outcome), null, default));
        return true;
    }

    /// <param name="died">Who leaves in good order reports that its attempts have stopped: what nobody holds then has died with its process.
    /// Not so where this activation began because the one before it left: those reports may still be on their way.</param>
    private Task LoseUnlessHeld(int stage, Attempt attempt, bool died)
    {
        // What has not arrived yet cannot be held; that it fails would be heard.
        if (_paying.Contains((Payment.Dispatch, stage, attempt))) return Task.CompletedTask;
        _heard[(stage, attempt)] = desk.Clock.GetUtcNow();
        return Paying(Payment.Ask, stage, attempt, async () =>
        {
            if (!await Step(stage, attempt).Holds(attempt)) await Tell(new RunCommand.Lose(stage, attempt, died));
        });
    }

    private Task StopOrLose(int stage, Attempt attempt) => Paying(Payment.Stop, stage, attempt, async () =>
    {
        if (!await Step(stage, attempt).Stop(attempt)) await Tell(new RunCommand.Lose(stage, attempt));
    });

    private void SetWake(DateTimeOffset at)
    {
        var wait = at - desk.Clock.GetUtcNow();
        if (wait < TimeSpan.Zero) wait = TimeSpan.Zero;
        if (wait > WakeWithin) wait = WakeWithin;
        _wake?.Dispose();
        _wake = this.RegisterGrainTimer(_ => Elapse(), new GrainTimerCreationOptions
        {
            DueTime = wait, Period = Timeout.InfiniteTimeSpan, Interleave = true, KeepAlive = true,
        });
    }

    /// <summary>A timer may ring early, by the grain of its clock or by <see cref="WakeWithin"/>: then it is set anew.</summary>
    private Task Elapse()
    {
        if (_leaving) return Task.CompletedTask;
        if (_run.NextWake is { } at && at > desk.Clock.GetUtcNow()) SetWake(at);
        else Put(new Letter(new RunCommand.Elapse(), null, default));
        return Task.CompletedTask;
    }

    /// <summary>Until it is paid, or is not owed any more: the silo that it concerns may have died, or none of the role be there.</summary>
    private async Task Paying(Payment what, int stage, Attempt attempt, Func<Task> pay)
    {
        if (!_paying.Add((what, stage, attempt))) return;
        try
        {
            await PayUntilDone(stage, attempt, pay);
        }
        finally
        {
            _paying.Remove((what, stage, attempt));
        }
    }

    private async Task PayUntilDone(int stage, Attempt attempt, Func<Task> pay)
    {
        DateTimeOffset? failing = null;
        for (var wait = desk.Options.PayAgain; ; wait = wait * 2 < desk.Options.RepayEvery ? wait * 2 : desk.Options.RepayEvery)
        {
            try
            {
                await pay();
                if (failing is not null && IsHeldUp(stage, attempt, null)) Changed();
                return;
            }
            catch (Exception e)
            {
                LogUnpaid(Id.Value, stage, e.Message);
                if (IsHeldUp(stage, attempt, SiloWait(e, failing ??= desk.Clock.GetUtcNow()))) Changed();
            }
            await Task.Delay(wait, desk.Clock);
            if (_leaving || Run.IsOutdated(_run, stage, attempt)) return;
        }
    }
}
