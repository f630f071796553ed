using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>An activation that drives the run: decides all that waits, appends once, applies, answers, pays. It may die or freeze
/// between any two of these, and another may live beside it.</summary>
internal sealed class Owner
{
    private const double RepayEverySeconds = 5;
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(20);

    private readonly World _world;
    private readonly Queue<(RunCommand Command, Action<Decision> Answer)> _inbox = new();
    private readonly Dictionary<Debt, DateTimeOffset> _owedSince = [];
    private readonly Dictionary<(int, Attempt), DateTimeOffset> _heard = [];
    private DateTimeOffset _frozenUntil;
    private bool _writing;

    public Owner(World world)
    {
        _world = world;
        Run = Run.None;
        Read();
        if (world.Sabotage == Sabotage.NothingIsPaidAgain) return;
        world.Agenda.Every(RepayEverySeconds, () =>
        {
            Do(Repay);
            return !IsDead && !Run.Status.IsTerminal();
        });
    }

    public Run Run { get; private set; }
    public bool IsDead { get; private set; }
    public bool IsFrozen => _world.Agenda.Now < _frozenUntil;

    public void Die() => IsDead = true;
    public void Freeze(double seconds) => _frozenUntil = _world.Agenda.Now.AddSeconds(seconds);

    public void Tell(RunCommand command, Action<Decision> answer) => Do(() =>
    {
        _inbox.Enqueue((command, answer));
        Pump();
    });

    /// <summary>Somebody has found that the run's time has come, or that nobody drives it.</summary>
    public void Wake() => Do(() =>
    {
        if (!_writing && Run.IsIdle(Run)) Read();
        Tell(new RunCommand.Elapse(), _ => { });
    });

    /// <summary>Says whether the attempt should stop. Of a newer attempt than it knows an owner knows nothing.</summary>
    public void Heartbeat(int stage, Attempt attempt, Action stop) => Do(() =>
    {
        if (!Run.Exists) return; // read before the run began: whoever wrote since is the owner
        _heard[(stage, attempt)] = _world.Agenda.Now;
        if (Run.IsOutdated(Run, stage, attempt)) stop();
    });

    private void Do(Action turn)
    {
        if (IsDead) return;
        if (IsFrozen) _world.Agenda.At(_frozenUntil, () => Do(turn));
        else turn();
    }

    private void Read()
    {
        Run = _world.Store.Read();
        if (_world.Sabotage != Sabotage.NothingIsPaidAgain) Pay(Run.Owed(Run));
    }

    private void Pump()
    {
        if (_writing || _inbox.Count == 0) return;
        if (_inbox.Any(asked => Run.IsBehind(Run, asked.Command))) Read();
        var draft = Run;
        var events = ImmutableArray.CreateBuilder<RunEvent>();
        var answers = new List<Action>();
        while (_inbox.TryDequeue(out var asked))
        {
            var decision = Decide(draft, asked.Command);
            answers.Add(() => asked.Answer(decision));
            if (decision is not Decision.Accepted accepted) continue;
            events.AddRange(accepted.Events);
            draft = accepted.Events.Aggregate(draft, Run.Apply);
        }
        var write = new Write(_world.NextId(), Run, draft, events.DrainToImmutable(), answers);
        if (write.Events.IsEmpty)
        {
            foreach (var answer in answers) answer();
            return;
        }
        _writing = true;
        if (_world.Sabotage == Sabotage.VisibleBeforeAppend) Show(write);
        if (_world.Sabotage == Sabotage.PublishedBeforeCommit) _world.Store.Publish(write.Events);
        if (_world.Crashes()) Die(); // before the append
        Offer(write);
    }

    private Decision Decide(Run run, RunCommand command)
    {
        var now = _world.Agenda.Now;
        if (command is RunCommand.Start start) return Run.Begin(run, Given.Id, _world.Plan, start, now);
        if (_world.Sabotage == Sabotage.StaleReportsAreHeard && run.Exists && command is RunCommand.Report stale)
            command = stale with { Attempt = run.Stages[stale.Stage].Attempt };
        if (_world.Sabotage == Sabotage.PausesAreForgotten && run.Status == RunStatus.Paused && command is RunCommand.Report)
            run = Run.Of(run.State() with { Status = RunStatus.Running, Pause = null });
        if (_world.Sabotage == Sabotage.KeysAreForgotten && command is RunCommand.Signal signal) command = signal with { Key = null };
        return Run.Decide(run, command, now);
    }

    private void Offer(Write write) => Do(() =>
    {
        _world.Agenda.After(_world.Delay(), () =>
        {
            var stored = _world.Store.Append(write.Id, write.Before.Version, write.Events, write.After.NextWake);
            if (stored && _world.Store.Journal.Count == write.After.Version) _world.Driver = this;
            if (!_world.Loses()) _world.Agenda.After(_world.Delay(), () => Do(() => Settle(write, stored)));
        });
        if (_world.Crashes()) Die(); // the append is on its way
        _world.Agenda.After(3, () => Do(() =>
        {
            if (!write.Settled) Offer(write);
        }));
    });

    private void Settle(Write write, bool stored)
    {
        if (write.Settled) return;
        write.Settled = true;
        if (!stored || _world.Crashes())
        {
            Die(); // fenced: another owns the run; or dead after the append, with nothing answered and nothing paid
            return;
        }
        _writing = false;
        if (_world.Sabotage != Sabotage.VisibleBeforeAppend) Show(write);
        Pay(Run.Owed(Run, write.Events));
        if (_world.Crashes()) Die(); // after paying
        Pump();
    }

    private void Show(Write write)
    {
        Run = write.After;
        _world.Answered.AddRange(write.Events);
        foreach (var answer in write.Answers) answer();
    }

    private void Pay(ImmutableArray<Debt> debts)
    {
        foreach (var debt in debts)
        {
            _owedSince.TryAdd(debt, _world.Agenda.Now);
            switch (debt)
            {
                case Debt.Dispatch d:
                    var task = Task(d.Stage, d.Attempt);
                    _world.Send(() => _world.Workers.Dispatch(task));
                    break;
                case Debt.Stop s: _world.Send(() => _world.Workers.Stop(s.Stage, s.Attempt)); break;
                case Debt.StartChild c when _world.Sabotage == Sabotage.ChildrenGetNewIds:
                    var made = RunId.New(_world.Agenda.Now, BitConverter.GetBytes(_world.NextId()).Concat(new byte[2]).ToArray());
                    _world.Send(() => _world.Children.Start(c.Stage, made, fault => Ended(c.Stage, c.Child, fault)));
                    break;
                case Debt.StartChild c: _world.Send(() => _world.Children.Start(c.Stage, c.Child, fault => Ended(c.Stage, c.Child, fault))); break;
                case Debt.StopChild c: _world.Send(() => _world.Children.Stop(c.Stage, c.Child, fault => Ended(c.Stage, c.Child, fault))); break;
                case Debt.Wake w: _world.Agenda.At(w.At, () => Tell(new RunCommand.Elapse(), _ => { })); break;
            }
        }
    }

    private void Ended(int stage, RunId child, Fault? fault) => _world.Send(() => _world.Owner().Tell(
        new RunCommand.ChildEnded(new StepId(Run.FirstOf(_world.Plan.Stages[stage])), child, fault, []), _ => { }));

    private Task Task(int stage, Attempt attempt)
    {
        var state = Run.Stages[stage];
        var work = Run.Plan!.Steps[Run.Plan.Stages[stage].Steps[0]].Spec.ForEach is null ? null : Run.Work(stage, attempt).Items;
        return new Task(stage, attempt, state.Items?.Find(attempt)?.Tries ?? state.Retried, work, Run.Work(stage, attempt).IsSuspect);
    }

    /// <summary>Pays again what no heartbeat has answered; an attempt that was long silent is lost.</summary>
    private void Repay()
    {
        foreach (var debt in Run.Owed(Run))
        {
            (int Stage, Attempt Attempt)? about = debt switch
            {
                Debt.Dispatch d => (d.Stage, d.Attempt),
                Debt.Stop s => (s.Stage, s.Attempt),
                _ => null,
            };
            if (debt is Debt.StartChild or Debt.StopChild) Pay([debt]);
            if (about is not { } of) continue;
            var since = _owedSince.TryGetValue(debt, out var owed) ? owed : _owedSince[debt] = _world.Agenda.Now;
            var last = _heard.GetValueOrDefault(of) is var heard && heard > since ? heard : since;
            if (_world.Agenda.Now - last > SilenceMax) Tell(new RunCommand.Lose(of.Stage, of.Attempt, Died: true), _ => { });
            else if (debt is Debt.Stop || last == since) Pay([debt]);
        }
    }

    private sealed record Write(long Id, Run Before, Run After, ImmutableArray<RunEvent> Events, List<Action> Answers)
    {
        public bool Settled { get; set; }
    }
}
