namespace OrleansEtl.Storage;

/// <summary>What stages gave, to be found by those who have the same work to do. Written with the journal
/// (<see cref="RunAppend.Results"/>), forgotten with the run.</summary>
public interface IStepResults
{
    /// <summary>The newest results of the work of that name; null when there are none, or only older ones.</summary>
    Task<ResultRow?> Find(string reuseKey, DateTimeOffset notBefore, CancellationToken cancellation);
}
