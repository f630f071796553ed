using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>A run as its journal tells it, for those who only look.</summary>
public static class PastRun
{
    /// <returns>Null when there is no such run.</returns>
    public static async Task<Run?> Read(IRunJournal journal, RunId run, CancellationToken cancellation) =>
        (await journal.Read(run, cancellation))?.Replay();
}
