namespace OrleansEtl.Storage;

/// <summary>Forgets what people no longer want to see. Nothing is ever forgotten without a call; runs that have not ended are never
/// touched, and the datasets that a run published stay.</summary>
public interface IRunRetention
{
    /// <summary>Forgets, oldest first, at most <paramref name="limit"/> runs that ended before <paramref name="endedBefore"/>, with
    /// their journals, steps and letters. Returns how many; fewer than the limit means that none are left.</summary>
    /// <param name="limit">1 to <see cref="Paging.LimitMax"/>: one pass is one transaction, which others wait for.</param>
    Task<int> Forget(DateTimeOffset endedBefore, int limit, CancellationToken cancellation);
}
