namespace OrleansEtl.Shells;

/// <summary>Numbers of the grains. Each bound has its reason.</summary>
public sealed record ShellOptions
{
    /// <summary>Commands that may wait in one run's inbox; a fan-out of 100,000 reports in thousands, so callers try again.</summary>
    public int InboxMax { get; init; } = 4096;
    /// <summary>Commands decided and appended together.</summary>
    public int BatchMax { get; init; } = 512;
    /// <summary>How often a running attempt says that it is alive and how far it is.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromMilliseconds(250);
    /// <summary>Silence after which an attempt is asked after: forty missed heartbeats, far above a pause of the collector.</summary>
    public TimeSpan HeartbeatPatience { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>How often a run looks after attempts that are silent.</summary>
    public TimeSpan RepayEvery { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>The wait before a payment that failed is tried again, doubled up to <see cref="RepayEvery"/>.</summary>
    public TimeSpan PayAgain { get; init; } = TimeSpan.FromMilliseconds(20);
    /// <summary>How often a silo looks for runs that nobody drives; it also looks as soon as a silo goes.</summary>
    public TimeSpan RescueEvery { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>How soon a run that goes on without an append, and so looks as if nobody drove it, is woken again.</summary>
    public TimeSpan RescueAgain { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>How late a wake may be before somebody else than the run itself sees to it.</summary>
    public TimeSpan DuePatience { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>How often a silo looks for states that fall due: one indexed read each time.</summary>
    public TimeSpan DueEvery { get; init; } = TimeSpan.FromMilliseconds(100);
    /// <summary>Grains with a due state that one silo wakes at once: enough to fill the batches of group commit.</summary>
    public int DueAtOnce { get; init; } = 256;
    /// <summary>How often a silo reads which pipelines are paused: so long may their runs still start something.</summary>
    public TimeSpan PausesEvery { get; init; } = TimeSpan.FromMilliseconds(250);
    /// <summary>How soon a grain is woken again whose state is still due after it was woken.</summary>
    public TimeSpan DueAgain { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>Runs that one silo wakes at once: each reads its journal.</summary>
    public int WakesAtOnce { get; init; } = 64;
    /// <summary>How long a start waits for a store that is away; below the time after which callers give up by themselves.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(20);
    /// <summary>The time after which an append that is not answered is told to those who look: a store that is well takes a tenth.</summary>
    public TimeSpan StoreSlow { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>An append whose outcome is not known after this time is not offered again: the caller would not wait for it.</summary>
    public TimeSpan OfferAgainWithin { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>The fewest events between two snapshots of a run; a run with more stages waits for that many.</summary>
    public int SnapshotEvents { get; init; } = 200;
    /// <summary>The wait between two offers of a report, doubled up to <see cref="ReportWaitMax"/>.</summary>
    public TimeSpan ReportWait { get; init; } = TimeSpan.FromMilliseconds(50);
    public TimeSpan ReportWaitMax { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How long a silo that leaves waits for its attempts to stop and to be heard; what is not heard is found by its
    /// silence.</summary>
    public TimeSpan LeavePatience { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>The longest time that a run may be given: a year, beyond which a schedule is meant.</summary>
    public TimeSpan RunTimeoutMax { get; init; } = TimeSpan.FromDays(366);
    /// <summary>Whether other processes write the states of grains too, as in a home: who waits then reads them now and then.</summary>
    public bool StatesAreShared { get; init; }
    /// <summary>Stages that run at once in this process. Each query uses all threads by itself; a second one fills the gaps.</summary>
    public int StagesAtOnce { get; init; } = 2;
    /// <summary>Memory of all running stages together, in bytes.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;
}
