using OrleansEtl.Shells;
using OrleansEtl.Storage;

namespace OrleansEtl.Simulation.Tests;

/// <summary>The whole control path in one process on one thread: real grains on simulated silos, a store, a network, people, and all
/// that can go wrong. After a while the world calms down, since only then a run can be asked to end.</summary>
internal sealed class World
{
    /// <summary>The longest way of a letter or of a write, but for those that are held up on purpose.</summary>
    public const double LatestSeconds = 3;
    /// <summary>A run ends by itself within this time after the last fault: a response timeout, the patience with a silent attempt,
    /// the longest wait of a report, and the rest of its work.</summary>
    public const double PatienceSeconds = 150;
    /// <summary>After the end the world goes on for a while: nothing that is still under way may change anything.</summary>
    private const double AfterwardsSeconds = 15;

    public static readonly DateTimeOffset Start = Engine.Tests.Given.Noon;
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(30);

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly int[] _faults = new int[Enum.GetValues<FaultKinds>().Length];
    private int _ids;
    private DateTimeOffset? _ended;

    public World(int seed, Sabotage sabotage, bool isWritten = false)
    {
        (Undoes, RunsOthers) = (seed % 2 == 0, seed % 4 == 0);
        (Sabotage, Chance, Agenda) = (sabotage, new Chance(seed), new Agenda(Start));
        Trace = new Trace(Agenda, isWritten);
        Weather = Weather.Of(Chance);
        Calm = Start + TimeSpan.FromSeconds(Weather.RoughSeconds);
        Options = new ShellOptions
        {
            HeartbeatEvery = TimeSpan.FromSeconds(1),
            RepayEvery = sabotage == Sabotage.NothingIsPaidAgain ? TimeSpan.FromDays(1) : TimeSpan.FromSeconds(2),
        };
        (Oracle, Family, Network, Membership) = (new Oracle(this), new Family(this), new Network(this), new Membership(this));
        People = new People(this);
    }

    public Sabotage Sabotage { get; }
    /// <summary>In every other world steps undo others.</summary>
    public bool Undoes { get; }
    /// <summary>In every fourth world steps run other pipelines.</summary>
    public bool RunsOthers { get; }
    public Chance Chance { get; }
    public Agenda Agenda { get; }
    public Trace Trace { get; }
    public Weather Weather { get; }
    public ShellOptions Options { get; }
    public MemoryStore Store { get; } = new(new Liveness("simulated", _ => null));
    public Oracle Oracle { get; }
    public Family Family { get; }
    public Network Network { get; }
    public Membership Membership { get; }
    public People People { get; }
    public Dictionary<RunId, Script> Scripts { get; } = [];
    public DateTimeOffset Calm { get; }
    public DateTimeOffset StoreIsAwayUntil { get; set; }
    public IReadOnlyList<int> FaultCounts => _faults;

    public bool IsRough => Agenda.Now < Calm;

    /// <summary>False, and the play is over, when something has left the simulation by way of the thread pool.</summary>
    public bool IsOnItsThread
    {
        get
        {
            if (Environment.CurrentManagedThreadId == _thread) return true;
            Oracle.Break($"something runs on another thread than the simulation: {new System.Diagnostics.StackTrace()}");
            return false;
        }
    }

    public World Play()
    {
        for (var i = 0; i < Weather.Silos; i++) Membership.Join();
        People.Begin();
        new Disturber(this).Begin();
        while (Oracle.Broken is null && !IsOver() && Agenda.Step()) { }
        if (Oracle.Broken is null) Judgement.Of(this);
        return this;
    }

    public bool Count(FaultKinds kind)
    {
        _faults[(int)kind]++;
        return true;
    }

    public Guid NextId() => new(++_ids, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public Fate StoreFate()
    {
        if (Agenda.Now < StoreIsAwayUntil) return Fate.Away;
        if (!IsRough || !Chance.OneIn(Weather.OneRequestFailsIn)) return Fate.Held;
        Count(FaultKinds.Store);
        return Chance.Of([Fate.Away, Fate.AnswerLost, Fate.Limbo]);
    }

    public TimeSpan StoreLatency() =>
        Chance.Moment() + TimeSpan.FromMilliseconds(0.3) + (IsRough ? Chance.Long(LatestSeconds) : TimeSpan.Zero);

    /// <summary>The arguments of a call as its grain gets them.</summary>
    public byte[] Sabotaged(Letter letter)
    {
        if (Sabotage != Sabotage.OldReportsAreHeard || letter.Shape.Read(letter.Body) is not [RunCommand.Report report]) return letter.Body;
        var run = Oracle.RunOf(new RunId(letter.Target.Key.ToString()!));
        return run.Exists ? letter.Shape.Write([report with { Attempt = run.Stages[report.Stage].Attempt }]) : letter.Body;
    }

    private bool IsOver()
    {
        if (Agenda.Now > Calm.AddSeconds(PatienceSeconds)) return true;
        if (!Oracle.AllEnded) return false;
        _ended ??= Agenda.Now;
        return !IsRough && Agenda.Now > (_ended > Calm ? _ended : Calm)?.AddSeconds(AfterwardsSeconds);
    }
}
