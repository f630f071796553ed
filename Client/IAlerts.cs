using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>What pipelines told, or would have. Raised alerts are kept, the last fifty of each pipeline; on a cluster they are sent by
/// themselves, in a home by the processes that drive runs of it.</summary>
/// <remarks>Exceptions are as for <see cref="IEtl"/>.</remarks>
public interface IAlerts
{
    /// <summary>One page by pipeline, of each the newest first.</summary>
    /// <param name="pipeline">Null: of all.</param>
    /// <param name="cursor">From the page before; null: the first page.</param>
    /// <param name="limit">1 to 500.</param>
    Task<Listing<AlertView>> List(string? pipeline, string? cursor, int limit, CancellationToken cancellation);

    /// <summary>Null when there is none, or none any more.</summary>
    /// <param name="id"><c>PIPELINE/NUMBER</c>.</param>
    Task<AlertView?> View(string id, CancellationToken cancellation);

    /// <summary>Sends an alert again under the same key, on the channels where it has not arrived; also one that was silenced.</summary>
    /// <param name="everywhere">On the others too.</param>
    /// <returns>Null: it is under way.</returns>
    Task<Fault?> Resend(string id, bool everywhere, CancellationToken cancellation);

    Task<AlertSilences> Silences(CancellationToken cancellation);

    /// <summary>For so long nothing is told. What happens meanwhile is recorded, and told at the end if it is still so.</summary>
    /// <param name="pipeline">Null: of any.</param>
    /// <param name="reason">Kept, like <paramref name="by"/>: who asks, as they call themselves.</param>
    Task<AlertSilence> Silence(string? pipeline, TimeSpan time, string reason, string? by, CancellationToken cancellation);

    /// <summary>Ends a silence; null when there was none.</summary>
    Task<AlertSilence?> Unsilence(string id, string? by, CancellationToken cancellation);

    /// <summary>What is wrong with the channels that these rules name, where messages are sent from.</summary>
    Task<ImmutableArray<Fault>> Check(ImmutableArray<AlertRule> rules, CancellationToken cancellation);

    /// <summary>Sends a message to a channel that says that nothing has happened. Null: it has arrived.</summary>
    Task<Fault?> Test(string channel, string? by, CancellationToken cancellation);
}
