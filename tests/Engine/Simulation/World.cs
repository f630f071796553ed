using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>One run in a world where messages are lost, doubled, late and out of order, where owners and workers die and freeze and
/// two may own at once. After a while the world calms down, since only then a run can be asked to end.</summary>
internal sealed class World
{
    private const double ChaosSeconds = 60;
    private const double PatienceSeconds = 2_000;
    /// <summary>After the end the world goes on for a while: nothing that is still under way may change anything.</summary>
    private const double AfterwardsSeconds = 60;

    private readonly List<Owner> _owners = [];
    private long _ids;

    public World(int seed, Sabotage sabotage)
    {
        (Random, Sabotage, Store) = (new Random(seed), sabotage, new Store(sabotage));
        Plan = PlanOf.Random(Random, stagesMax: 6, retriesMax: 2, waits: true, undoes: true);
        if (Plan.Steps[0].Awaits is null && Random.Next(2) == 0) Plan = Random.Next(3) == 0 ? Plan.ForEachRun(Random.Next(1, 6)) : Plan.ForEach(Random.Next(1, 4));
        Script = new Script(Plan, Random);
        Workers = new Workers(this);
        Children = new Children(this);
        People = new People(this);
        IsCancelled = Random.Next(6) == 0;
    }

    public Random Random { get; }
    public Sabotage Sabotage { get; }
    public Agenda Agenda { get; } = new();
    public Store Store { get; }
    public Workers Workers { get; }
    public Children Children { get; }
    public People People { get; }
    public Plan Plan { get; }
    public Script Script { get; }
    public bool IsCancelled { get; }
    /// <summary>Who has written last, as the store knows it.</summary>
    public Owner? Driver { get; set; }

    /// <summary>Events that somebody was told of.</summary>
    public List<RunEvent> Answered { get; } = [];
    /// <summary>What readers saw: the run, in words, at a version.</summary>
    public HashSet<(long Version, string Run)> Seen { get; } = [];

    private bool IsCalm => (Agenda.Now - Given.Noon).TotalSeconds > ChaosSeconds;

    public void Play()
    {
        Ask(new RunCommand.Start(Plan.Spec, [], "/folder", null, null));
        if (IsCancelled) Agenda.After(Random.NextDouble() * 60, () => Ask(Words.Cancel()));
        People.Begin();
        Agenda.Every(2, () => Do(Disturb, !IsCalm));
        Agenda.Every(1.5, () => Do(Look, true));
        Agenda.Every(10, () => Do(Sweep, true));
        if (Random.Next(6) == 0) Agenda.Every(3, () => Do(Die, !IsCalm));
        DateTimeOffset? ended = null;
        while (Agenda.Step() && (Agenda.Now - Given.Noon).TotalSeconds < PatienceSeconds)
        {
            if (Store.Ended) ended ??= Agenda.Now;
            if (IsCalm && (Agenda.Now - ended)?.TotalSeconds > AfterwardsSeconds) break;
        }
    }

    /// <summary>Whoever is found to own the run: the newest activation, sometimes an older one, and a new one when there is none.</summary>
    public Owner Owner()
    {
        _owners.RemoveAll(owner => owner.IsDead);
        if (_owners.Count == 0) _owners.Add(new Owner(this));
        return !IsCalm && Random.Next(5) == 0 ? _owners[Random.Next(_owners.Count)] : _owners[^1];
    }

    public void Send(Action message)
    {
        if (Loses()) return;
        Agenda.After(Delay(), message);
        if (!IsCalm && Random.Next(8) == 0) Agenda.After(Delay() * 10, message);
    }

    public double Delay() => IsCalm ? 0.01 : Math.Pow(Random.NextDouble(), 4) * 8;
    public bool Loses() => !IsCalm && Random.Next(8) == 0;
    public bool Crashes() => !IsCalm && Random.Next(25) == 0;
    public long NextId() => _ids++;

    /// <summary>A client that asks until it is answered.</summary>
    public void Ask(RunCommand command, Action? then = null)
    {
        var answered = false;
        Repeat();
        Agenda.Every(5, Repeat);

        bool Repeat()
        {
            if (!answered) Send(() => Owner().Tell(command, _ => Send(Heard)));
            return !answered;
        }

        void Heard()
        {
            if (!answered) then?.Invoke();
            answered = true;
        }
    }

    private void Disturb()
    {
        _owners.RemoveAll(owner => owner.IsDead);
        switch (Random.Next(12))
        {
            case 0 when _owners.Count > 0: _owners[Random.Next(_owners.Count)].Die(); break;
            case 1 when _owners.Count > 0: _owners[Random.Next(_owners.Count)].Freeze(Random.Next(5, 40)); break;
            case 2 or 3 when _owners.Count < 3: _owners.Add(new Owner(this)); break;
            case 4 or 5: Workers.Kill(Random.Next(Plan.Stages.Length)); break;
        }
    }

    private void Look()
    {
        foreach (var owner in _owners)
            if (owner is { IsDead: false, IsFrozen: false, Run.Exists: true })
                Seen.Add((owner.Run.Version, Saying.Of(owner.Run)));
    }

    /// <summary>Wakes are stored; somebody always looks for those that are due, and for runs that nobody drives.</summary>
    private void Sweep()
    {
        if (!Store.Ended && (Store.WakeAt <= Agenda.Now || Driver is null or { IsDead: true }))
            Owner().Wake();
    }

    /// <summary>Of whoever drives the run it is said that it died, without end: what is said of the run need not be fair.</summary>
    private void Die() => Owner().Tell(Words.Rescue($"p{NextId()}"), _ => { });

    private static bool Do(Action action, bool again)
    {
        action();
        return again;
    }
}
