using System.Collections.Immutable;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Tests.Support;

/// <summary>A journal that can be away, before an append is stored or after: then its answer is lost.</summary>
internal sealed class FlakyJournal(IRunJournal inner) : IRunJournal
{
    private int _failBefore;
    private int _failAfter;

    public void FailBefore(int appends) => Interlocked.Exchange(ref _failBefore, appends);
    public void FailAfter(int appends) => Interlocked.Exchange(ref _failAfter, appends);

    public async Task<AppendOutcome> Append(RunAppend append, CancellationToken cancellation)
    {
        if (Interlocked.Decrement(ref _failBefore) >= 0) throw Away();
        var outcome = await inner.Append(append, cancellation);
        return Interlocked.Decrement(ref _failAfter) >= 0 ? throw Away() : outcome;
    }

    public Task<StoredRun?> Read(RunId run, CancellationToken cancellation) => inner.Read(run, cancellation);

    public Task<ImmutableArray<byte[]>> History(RunId run, long after, int countMax, CancellationToken cancellation) =>
        inner.History(run, after, countMax, cancellation);

    private static FaultException Away() => new(new Fault(FaultKind.Unavailable, "ETL4110", "The store is away."));
}
