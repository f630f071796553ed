using System.Collections.Immutable;
using System.Diagnostics;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Shells;

/// <summary>Paying what a run owes. Paying only starts things: it never throws, and no grain call is awaited within a turn.
/// A payment that gets lost is made good by <see cref="Repay"/>, which asks after every attempt that is silent.</summary>
public sealed partial class PipelineGrain
{
    private void Pay(ImmutableArray<Debt> debts)
    {
        foreach (var debt in debts)
        {
            switch (debt)
            {
                case Debt.Dispatch dispatch: _ = Dispatch(dispatch); break;
                case Debt.Stop stop: _ = StopOrLose(stop.Stage, stop.Attempt); break;
                case Debt.Wake wake: SetWake(wake.At); break;
                default: throw new UnreachableException(debt.GetType().Name);
            }
        }
        if (_run.Status.IsTerminal()) _wake?.Dispose();
    }

    /// <summary>After the process died: attempts that nobody holds any more are lost, the rest is paid again.</summary>
    private void Recover()
    {
        var owed = Run.Owed(_run);
        foreach (var dispatch in owed.OfType<Debt.Dispatch>()) _ = LoseUnlessHeld(dispatch.Stage, dispatch.Attempt);
        Pay([.. owed.Where(debt => debt is not Debt.Dispatch)]);
    }

    private Task Repay()
    {
        var silentSince = desk.Clock.GetUtcNow() - desk.Options.HeartbeatPatience;
        foreach (var debt in Run.Owed(_run))
        {
            switch (debt)
            {
                case Debt.Dispatch d when _heard.GetValueOrDefault(d.Stage) < silentSince: _ = LoseUnlessHeld(d.Stage, d.Attempt); break;
                case Debt.Stop s: _ = StopOrLose(s.Stage, s.Attempt); break;
                case Debt.Wake w: SetWake(w.At); break;
            }
        }
        if (_run.Status.IsTerminal()) DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private IStepGrain Step(int stage) => GrainFactory.GetGrain<IStepGrain>($"{Id}/{stage}");

    private Task Dispatch(Debt.Dispatch debt)
    {
        _heard[debt.Stage] = desk.Clock.GetUtcNow();
        return Quietly(() => Step(debt.Stage).Dispatch(_run.Work(debt.Stage, debt.Attempt)));
    }

    private Task LoseUnlessHeld(int stage, Attempt attempt)
    {
        _heard[stage] = desk.Clock.GetUtcNow();
        return Quietly(async () =>
        {
            if (!await Step(stage).Holds(attempt)) await Tell(new RunCommand.Lose(stage, attempt));
        });
    }

    private Task StopOrLose(int stage, Attempt attempt) => Quietly(async () =>
    {
        if (!await Step(stage).Stop(attempt)) await Tell(new RunCommand.Lose(stage, attempt));
    });

    private void SetWake(DateTimeOffset at)
    {
        var wait = at - desk.Clock.GetUtcNow();
        if (wait < TimeSpan.Zero) wait = TimeSpan.Zero;
        _wake?.Dispose();
        _wake = this.RegisterGrainTimer(_ => Quietly(() => Tell(new RunCommand.Elapse())), new GrainTimerCreationOptions
        {
            DueTime = wait, Period = Timeout.InfiniteTimeSpan, Interleave = true, KeepAlive = true,
        });
    }

    /// <summary>A payment that fails is not lost: the debt stands until an event answers it, and is paid again.</summary>
    private async Task Quietly(Func<Task> pay)
    {
        try
        {
            await pay();
        }
        catch (Exception e)
        {
            LogUnpaid(Id.Value, e.Message);
        }
    }
}
