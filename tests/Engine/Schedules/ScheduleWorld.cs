using System.Collections.Immutable;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

/// <summary>
/// A schedule in a bad world: its owner dies before it appends and after, debts are paid late, twice, or by the next owner, reports are
/// lost and come again, the clock jumps, and for days nobody is there. Only what was appended survives.
/// </summary>
internal sealed class ScheduleWorld(int seed, ScheduleSpec spec, bool withCommands, ScheduleBounds bounds)
{
    private static readonly DateTimeOffset Born = Tell.Moment("2026-03-27T12:00Z");

    private readonly Random _random = new(seed);
    private readonly List<ScheduleEvent> _stored = [];
    private readonly Dictionary<StartKey, bool> _runs = []; // whether it has ended
    private readonly List<ScheduleDebt> _debts = [];
    private Schedule _owner = Schedule.None;
    private int _tokens;

    public DateTimeOffset Now { get; private set; } = Born;
    public IReadOnlyList<ScheduleEvent> Stored => _stored;
    public Schedule Schedule => _stored.Aggregate(Schedule.None, Schedule.Apply);
    public HashSet<StartKey> Runs => [.. _runs.Keys];

    public void Live(int steps)
    {
        while (!_owner.Exists) Hear(schedule => Schedule.Begin(schedule, Diary.Id, spec, Now, bounds));
        for (var step = 0; step < steps; step++) Step();
    }

    /// <summary>Nothing goes wrong any more: everything owed is paid, everything that runs ends, until the clock is where it ever was.</summary>
    public void Heal()
    {
        Now = Now > Schedule.DecidedThrough ? Now : Schedule.DecidedThrough.AddSeconds(1);
        Recover();
        if (Schedule.Spec!.IsPaused) Decide(new ScheduleCommand.Resume(), crashes: false);
        for (var round = 0; round < 100_000; round++)
        {
            Pay(_debts.Count);
            Decide(new ScheduleCommand.Tick(), crashes: false);
            var open = Open();
            if (open.Length == 0 && _owner.Queue.IsEmpty) return;
            foreach (var key in open.Where(_runs.ContainsKey)) Decide(new ScheduleCommand.RunEnded(key, RunStatus.Succeeded), crashes: false);
        }
        throw new BrokenPromise("Broken: it never comes to rest.");
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 8: // it is woken when it asked to be
                if (_owner.NextWake is { } wake && wake > Now) Now = wake.AddSeconds(_random.Next(3));
                Decide(new ScheduleCommand.Tick());
                break;
            case < 11:
                Now = Now.AddSeconds(_random.Next(4_000));
                Decide(new ScheduleCommand.Tick());
                break;
            case 11:
                Now = Now.AddSeconds(_random.Next(-7_200, 7_200)); // the clock is set
                break;
            case 12 when _random.Next(4) == 0:
                Now = Now.AddHours(_random.Next(100)); // nobody is there
                Recover();
                break;
            case < 15:
                Pay(_random.Next(4));
                break;
            case < 18:
                for (var ends = _random.Next(6); ends > 0; ends--) Report();
                break;
            case 18:
                Recover();
                break;
            default:
                if (withCommands) Command();
                break;
        }
    }

    private void Command() => Decide(_random.Next(6) switch
    {
        0 => new ScheduleCommand.Pause(),
        1 or 2 => new ScheduleCommand.Resume(),
        3 => new ScheduleCommand.TriggerNow($"t{(_random.Next(2) == 0 ? _tokens : ++_tokens)}"),
        4 => new ScheduleCommand.Backfill(
            new($"b{_random.Next(8)}"), Now.AddHours(-_random.Next(1, 4)), Now, _random.Next(2) == 0 ? [] : ["x", "y"], _random.Next(1, 4)),
        _ => new ScheduleCommand.CancelBackfill(new($"b{_random.Next(8)}")),
    });

    /// <summary>A run ends, and its end is reported: at once, late, twice or not at all, until it is asked for again.</summary>
    private void Report()
    {
        if (_runs.Count == 0) return;
        var open = Open().Where(_runs.ContainsKey).ToArray();
        var key = open.Length > 0 && _random.Next(4) > 0 ? open[_random.Next(open.Length)] : _runs.Keys.ElementAt(_random.Next(_runs.Count));
        _runs[key] = true;
        if (_random.Next(4) > 0) Decide(new ScheduleCommand.RunEnded(key, (RunStatus)_random.Next(2, 5)));
    }

    /// <summary>Runs that have not ended, as the owner knows.</summary>
    private StartKey[] Open() => [.. _owner.Running.Keys, .. _owner.Backfills.SelectMany(backfill => backfill.Running.Keys)];

    private void Decide(ScheduleCommand command, bool crashes = true) =>
        Hear(schedule => Schedule.Decide(schedule, command, Now, bounds), crashes);

    private void Hear(Func<Schedule, ScheduleDecision> decide, bool crashes = true)
    {
        if (decide(_owner) is not ScheduleDecision.Accepted { Events: { IsEmpty: false } events }) return;
        var crash = crashes ? _random.Next(12) : -1;
        if (crash == 0)
        {
            Recover(); // before the append: it never happened
            return;
        }
        _stored.AddRange(events);
        if (crash == 1)
        {
            Recover(); // after the append, before anything was paid
            return;
        }
        _owner = SchedulePromises.Kept(_owner, events, bounds);
        _debts.AddRange(Schedule.Owed(_owner, events));
    }

    private void Recover()
    {
        _owner = Schedule;
        _debts.Clear();
        _debts.AddRange(Schedule.Owed(_owner));
    }

    private void Pay(int count)
    {
        for (; count > 0 && _debts.Count > 0; count--)
        {
            var debt = _debts[0];
            _debts.RemoveAt(0);
            switch (debt)
            {
                case ScheduleDebt.StartRun start:
                    if (_runs.TryAdd(start.Occasion.Key, false)) break;
                    // It is known: who asks again learns that it has ended.
                    if (_runs[start.Occasion.Key]) Decide(new ScheduleCommand.RunEnded(start.Occasion.Key, RunStatus.Succeeded), crashes: false);
                    break;
                case ScheduleDebt.CancelRun cancel:
                    _runs[cancel.Key] = true;
                    Decide(new ScheduleCommand.RunEnded(cancel.Key, RunStatus.Cancelled), crashes: false);
                    break;
                case ScheduleDebt.Wake: break;
            }
        }
    }
}
