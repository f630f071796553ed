namespace OrleansEtl.Steps.Tests;

/// <summary>Attempts of a stage, as they are dispatched.</summary>
internal static class Work
{
    /// <summary>All steps of a pipeline as one stage.</summary>
    public static StageWork Of(Home home, string yaml, int attempt = 1, params InputBinding[] inputs)
    {
        var plan = Home.Plan(yaml);
        return new StageWork(
            new RunId("run_00000000000000000000000001"), "test", 0, new Attempt(attempt),
            [.. plan.Steps.Select(step => new StepWork(step.Spec.Id, step.Spec.Kind, step.Spec.With, [.. inputs], step.Published))],
            home.Folder, null);
    }
}
