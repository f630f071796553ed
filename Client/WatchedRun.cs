namespace OrleansEtl.Client;

/// <summary>Which views of a run are worth showing to those who watch it.</summary>
public static class WatchedRun
{
    /// <summary>Whether a view says something that the one before did not.</summary>
    /// <param name="before">Null: nothing was shown.</param>
    public static bool IsNewsAfter(this RunView view, RunView? before) =>
        before is null || view.Version != before.Version || view.Wait != before.Wait
        || view.Steps.Any(step => step.Progress is not null)
        || !view.Steps.Select(step => step.Wait).SequenceEqual(before.Steps.Select(step => step.Wait));
}
