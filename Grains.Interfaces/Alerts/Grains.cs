using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Metadata;

namespace OrleansEtl;

/// <summary>What is watched of one pipeline; the key is its name.</summary>
[Alias("etl.IAlertGrain"), DefaultGrainType("alerts")]
public interface IAlertGrain : IDueGrain
{
    /// <summary>A run is about to begin. Durable when it answers, and so before the run is: what becomes of it is asked for, whoever
    /// dies. The same run again changes nothing.</summary>
    /// <param name="lateAt">When it is late; null: never.</param>
    [Alias("Begins")]
    Task Begins(RunId run, DateTimeOffset? lateAt);

    /// <summary>A run has ended. A run whose end is never told is found by asking.</summary>
    [Alias("Ended")]
    Task Ended(RunId run);

    /// <summary>Sends an alert again, on the channels where it has not arrived.</summary>
    /// <param name="everywhere">On the others too.</param>
    /// <returns>Null: it is under way.</returns>
    [Alias("Resend")]
    Task<Fault?> Resend(long number, bool everywhere);
}

/// <summary>Reads and changes what is stored about alerts. The key means nothing: any silo answers any of them from the store.</summary>
[Alias("etl.IAlertCatalogGrain"), DefaultGrainType("alert-catalog")]
public interface IAlertCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>One page by pipeline, of each the newest first.</summary>
    /// <param name="pipeline">Null: of all.</param>
    [Alias("List"), ReadOnly]
    Task<Listing<AlertView>> List(string? pipeline, string? cursor, int limit);

    /// <summary>Null when there is none, or none any more.</summary>
    [Alias("View"), ReadOnly]
    Task<AlertView?> View(string id);

    [Alias("Silences"), ReadOnly]
    Task<AlertSilences> Silences();

    /// <param name="token">Of the caller's choice: the same one twice is one silence.</param>
    /// <exception cref="FaultException">Invalid: the time or the reason. Exhausted: too many.</exception>
    [Alias("Silence")]
    Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, string token);

    /// <summary>Ends a silence; null when there was none.</summary>
    [Alias("Unsilence")]
    Task<AlertSilence?> Unsilence(string id, string? by);

    /// <summary>What is wrong with the channels that these rules name: they are unknown where messages are sent, or wrongly defined.</summary>
    [Alias("Check"), ReadOnly]
    Task<ImmutableArray<Fault>> Check(ImmutableArray<AlertRule> rules);

    /// <summary>Sends a message to a channel, once. Null: it has arrived.</summary>
    [Alias("Test")]
    Task<Fault?> Test(string channel, string? by);
}
