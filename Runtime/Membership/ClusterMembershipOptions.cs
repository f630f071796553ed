namespace Orleans.Configuration;

/// <summary>
/// How silos watch one another. The defaults are for silos in one data centre: a killed silo is noticed in well under
/// half a second (its connections break, and new ones are refused), a frozen one in two to three seconds.
/// </summary>
public class ClusterMembershipOptions
{
    /// <summary>
    /// How long a silo may take to answer a probe, and how often it is probed. Long enough for a busy machine and a
    /// collection of garbage; three in a row make the two seconds after which a frozen silo is given up.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromMilliseconds(700);

    /// <summary>How many probes in a row a silo must leave unanswered before this silo votes against it.</summary>
    public int NumMissedProbesLimit { get; set; } = 3;

    /// <summary>How many others each silo probes; up to one more silo than this, all probe all.</summary>
    public int NumProbedSilos { get; set; } = 10;

    /// <summary>How many votes make a silo dead; fewer in a cluster of one or two.</summary>
    public int NumVotesForDeathDeclaration { get; set; } = 2;

    /// <summary>How long a vote counts. Two silos that suspect for one reason do so within a few probes.</summary>
    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a silo renews its lease in the table and reads who is there.</summary>
    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After how many missed renewals the lease has run out. More than probes need: the lease is for silos that are cut
    /// off from the table or that too few are left to vote against, and must outlast a short stall of the database.
    /// </summary>
    public int NumMissedTableIAmAliveLimit { get; set; } = 6;

    /// <summary>How long a silo tries to join before its start fails.</summary>
    public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether silos tell each other of changes, beside reading the table.</summary>
    public bool UseLivenessGossip { get; set; } = true;

    /// <summary>Whether silos declare others dead. False is for debugging.</summary>
    public bool LivenessEnabled { get; set; } = true;

    /// <summary>How long dead silos are kept in the table.</summary>
    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How often they are removed.</summary>
    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromMinutes(10);

    internal TimeSpan Lease => IAmAliveTablePublishTimeout * NumMissedTableIAmAliveLimit;

    // Shorter than it takes others to give a frozen silo up: who has slept that long may be dead without knowing.
    internal TimeSpan StallMax => ProbeTimeout * Math.Max(1, NumMissedProbesLimit - 1);
}
