namespace OrleansEtl.Engine.Definitions;

/// <summary>What the registry of pipelines refuses, in words.</summary>
public static class DefinitionFaults
{
    public static Fault Unknown(string name) => new(
        FaultKind.NotFound, "ETL6100", $"No pipeline `{name}` is registered.", null,
        "See what is with: etl pipelines list; register one with: etl apply FILE");

    public static Fault NoVersion(Registration pipeline, int number) => new(
        FaultKind.NotFound, "ETL6101",
        number > 0 && number <= pipeline.Newest
            ? $"Version {number} of `{pipeline.Name}` is not kept any more; {pipeline.Versions[0].Number} to {pipeline.Newest} are."
            : $"`{pipeline.Name}` has no version {number}; its newest is {pipeline.Newest}.",
        null, $"See its versions with: etl pipelines versions {pipeline.Name}");

    public static Fault Stale(Registration pipeline, int expected) => new(
        FaultKind.Conflict, "ETL6102",
        $"Of `{pipeline.Name}` {Version(pipeline.Active ?? 0)} is active; expected was {Version(expected)}: somebody else changed it.",
        null, $"Look at it and decide again: etl pipelines show {pipeline.Name}");

    public static Fault Retired(string name, int newest) => new(
        FaultKind.Conflict, "ETL6103", $"The pipeline `{name}` is retired: no run of it is started by its name.", null,
        $"Bring a version back with: etl pipelines rollback {name} {newest}");

    public static Fault TooLarge(string what, int found, int most) => new(
        FaultKind.Invalid, "ETL6104", $"{what} has {found} characters; at most {most} are kept.", null, "Make it shorter.");

    public static Fault Contended(string name, int tries) => new(
        FaultKind.Unavailable, "ETL6105", $"`{name}` was changed by others {tries} times while this change was made.", null, "Try again.");

    /// <summary>Why a definition cannot take the place of the active one: a template that both were made from says something else under one
    /// version. Null: none does.</summary>
    public static Fault? ChangedTemplate(PipelineVersion active, PipelineSpec spec)
    {
        var changed = from now in spec.Templates ?? []
                      from before in active.Spec.Templates ?? []
                      where now.Name == before.Name && now.Version == before.Version && now.Content != before.Content
                      select now;
        return changed.FirstOrDefault() is not { } template ? null : new Fault(
            FaultKind.Conflict, "ETL6812",
            $"The template `{template}` was changed without a new version: version {active.Number} of `{spec.Name}` was made from it as it was.", null,
            $"Give the changed template `version: {template.Version + 1}`, and use that.");
    }

    private static string Version(int number) => number == 0 ? "no version" : $"version {number}";
}
