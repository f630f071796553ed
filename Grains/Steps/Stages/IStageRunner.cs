using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>Does the work of a stage.</summary>
public interface IStageRunner
{
    /// <summary>Runs one attempt to its end, elsewhere than in the caller's turn: it returns at once. What goes wrong is in the
    /// outcome; only a broken runner throws.</summary>
    /// <param name="progress">Told some times a second how far the steps are; from another thread, and not any more
    /// once this returns.</param>
    Task<StageOutcome> Run(
        StageWork work, Action<ImmutableArray<StepProgress>> progress, CancellationToken cancellation);
}
