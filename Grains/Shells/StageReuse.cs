using System.Collections.Immutable;
using OrleansEtl.Steps;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>
/// Does the work of a stage, unless it asks for what others gave for the same work and such results are there. Two attempts that do the
/// same at once do not know of each other. Whatever is in doubt is done: a store that is away, a dataset that is damaged, a file that was
/// changed while it was read.
/// </summary>
public sealed class StageReuse(IStageRunner runner, IStepResults results, TimeProvider clock)
{
    public async Task<StageOutcome> Run(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation)
    {
        if (work.Reuse is not { } age || await runner.ReuseKey(work, cancellation) is not { } key)
            return await runner.Run(work, progress, cancellation);
        if (!work.Refresh && await Find(key, age, cancellation) is { } found) return found;
        var outcome = await runner.Run(work, progress, cancellation);
        return outcome is StageOutcome.Succeeded done && await IsStill(key, work, cancellation) ? done with { ReuseKey = key } : outcome;
    }

    private async Task<StageOutcome.Succeeded?> Find(string key, TimeSpan age, CancellationToken cancellation)
    {
        try
        {
            if (await results.Find(key, clock.GetUtcNow() - age, cancellation) is not { } row) return null;
            var given = EventCodec.ReadResults(row.Results);
            return runner.AreThere(given) ? new StageOutcome.Succeeded(given, key, row.Run) : null;
        }
        catch (FaultException e) when (e.Fault.Kind == FaultKind.Unavailable)
        {
            return null;
        }
    }

    private async Task<bool> IsStill(string key, StageWork work, CancellationToken cancellation)
    {
        try
        {
            return await runner.ReuseKey(work, cancellation) == key;
        }
        catch (OperationCanceledException) // what has been done is done
        {
            return false;
        }
    }
}
