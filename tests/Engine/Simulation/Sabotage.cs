namespace OrleansEtl.Engine.Tests.Simulation;

/// <summary>One wall of the system taken down. With any of them the simulation must find a broken promise, or it proves nothing.</summary>
internal enum Sabotage
{
    None,
    /// <summary>The store takes any append, whatever version it expects.</summary>
    AppendIgnoresVersion,
    /// <summary>A report of any attempt is taken for one of the current attempt.</summary>
    StaleReportsAreHeard,
    /// <summary>Outputs are published when success is decided, not with the event.</summary>
    PublishedBeforeCommit,
    /// <summary>The owner shows and answers what it has decided before it is stored.</summary>
    VisibleBeforeAppend,
    /// <summary>A paused run decides as if it ran.</summary>
    PausesAreForgotten,
    /// <summary>A signal counts however often it is sent.</summary>
    KeysAreForgotten,
    /// <summary>Whoever starts a child thinks of an id for it.</summary>
    ChildrenGetNewIds,
    /// <summary>Debts are paid when events make them, and neither by a new owner nor on a timer.</summary>
    NothingIsPaidAgain,
}
