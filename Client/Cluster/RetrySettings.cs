namespace OrleansEtl.Client;

/// <summary>How long a client goes on asking a cluster that does not answer: silos that die, are restarted or lose their store for a
/// while are noticed by the calls that take longer, and by nothing else.</summary>
public sealed record RetrySettings
{
    /// <summary>The longest time from the first try to the last answer; then the call fails with ETL4601. Default: a minute, which
    /// outlives the restart of a silo and of Postgres.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);
    /// <summary>The wait before the second try; doubled from try to try, and each time a part of it by chance.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMilliseconds(50);
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(2);
}
