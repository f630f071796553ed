namespace OrleansEtl.Simulation.Tests;

/// <summary>One wall of the system taken down. With any of them the simulation must find a broken promise, or it proves nothing.</summary>
public enum Sabotage
{
    None,
    /// <summary>An append is taken for stored before it is.</summary>
    AnsweredBeforeAppend,
    /// <summary>A report of any attempt is taken for one of the current attempt.</summary>
    OldReportsAreHeard,
    /// <summary>The store takes any append, whatever version it expects.</summary>
    FenceIsOff,
    /// <summary>Nobody wakes the runs of dead silos.</summary>
    NobodyRescues,
    /// <summary>Datasets become visible when success is decided, not with the event.</summary>
    PublishedBeforeCommit,
    /// <summary>A report that gets lost is not offered again.</summary>
    ReportsAreSentOnce,
    /// <summary>A dispatch that was sent is taken for arrived, and nobody looks after it.</summary>
    NothingIsPaidAgain,
}

/// <summary>What goes wrong in a rough world, to be counted.</summary>
internal enum FaultKinds { Letter, Store, StoreAway, Crash, Freeze, Verdict, Cut, Leave, Join, Move, Fenced }
