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
    /// <summary>How often a run looks for debts that nobody answered.</summary>
    public TimeSpan RepayEvery { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>The wait between two offers of a report, doubled up to <see cref="ReportWaitMax"/>.</summary>
    public TimeSpan ReportWait { get; init; } = TimeSpan.FromMilliseconds(50);
    public TimeSpan ReportWaitMax { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How long a silo that leaves waits for its attempts to stop and to be heard; what is not heard is found by its
    /// silence.</summary>
    public TimeSpan LeavePatience { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>The longest time that a run may be given: a year, beyond which a schedule is meant.</summary>
    public TimeSpan RunTimeoutMax { get; init; } = TimeSpan.FromDays(366);
    /// <summary>Stages that run at once in this process. Each query uses all threads by itself; a second one fills the gaps.</summary>
    public int StagesAtOnce { get; init; } = 2;
    /// <summary>Memory of all running stages together, in bytes.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;
}
