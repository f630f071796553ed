namespace OrleansEtl.Engine.Limits;

/// <summary>How large a limit may be, and how patient it is.</summary>
public static class LimitBounds
{
    /// <summary>Holders at most, and so the largest concurrency: all of them are written together.</summary>
    public const int HoldersMax = 10_000;
    /// <summary>Those in line at most: each is an attempt that asks again and again.</summary>
    public const int WaitingMax = 100_000;
    /// <summary>More a day is no limit.</summary>
    public const int RateMax = 1_000_000;
    public static readonly TimeSpan PerMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan PerMax = TimeSpan.FromDays(1);
    /// <summary>Namespaces with a share of their own.</summary>
    public const int SharesMax = 100;
    public const int ShareMax = 100;
    /// <summary>Acts of people that are remembered.</summary>
    public const int ActsMax = 50;
    /// <summary>A reason, a description, a name of somebody.</summary>
    public const int SaidMax = 500;

    /// <summary>From -100 to 100, as of runs.</summary>
    public const int PriorityMax = RunCommand.Start.PriorityMax;
    /// <summary>What a step of priority is worth in waiting. So who is least important has waited long enough, after ten minutes, that nobody
    /// who comes later is let in before.</summary>
    public static readonly TimeSpan PriorityWorth = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which a holder's run is asked whether it still lives: several renewals. Nothing is taken by time alone.</summary>
    public static readonly TimeSpan HolderPatience = TimeSpan.FromSeconds(6);
    /// <summary>Silence after which somebody in line has given up: several asks.</summary>
    public static readonly TimeSpan WaiterPatience = TimeSpan.FromSeconds(20);
    /// <summary>How often a limit that somebody waits for looks after those who are silent.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
}
