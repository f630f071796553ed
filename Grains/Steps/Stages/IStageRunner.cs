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

    /// <summary>Names the work by all that its outcome depends on, files and datasets by their content: whoever has work of the same name
    /// may take its results. Null: it has no name, and has to be done.</summary>
    Task<string?> ReuseKey(StageWork work, CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <summary>Whether the datasets of these results are still there, whole.</summary>
    bool AreThere(ImmutableArray<StepResult> results) => true;
}
