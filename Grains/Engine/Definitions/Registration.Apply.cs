using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Engine.Definitions;

/// <summary>All that can happen to a registered pipeline.</summary>
public abstract record DefinitionEvent
{
    private DefinitionEvent() { }

    /// <summary>The version is the active one from now on.</summary>
    public sealed record Registered(PipelineVersion Version) : DefinitionEvent;
    public sealed record RolledBack(DateTimeOffset At, int Number, string? By, string? Comment) : DefinitionEvent;
    public sealed record Retired(DateTimeOffset At, string? By, string? Comment) : DefinitionEvent;
}

public sealed partial record Registration
{
    /// <summary>The pipeline after the event. Total over every history that <see cref="Decide"/> can write; it decides nothing.</summary>
    public static Registration Apply(Registration pipeline, DefinitionEvent happened) => happened switch
    {
        DefinitionEvent.Registered { Version: var version } => (pipeline with
        {
            Newest = version.Number, Active = version.Number, Versions = Kept(pipeline.Versions.Add(version)),
        }).With(new PipelineChange(version.RegisteredAt, PipelineChangeKind.Registered, version.Number, version.By, version.Comment)),
        DefinitionEvent.RolledBack e => (pipeline with { Active = e.Number })
            .With(new PipelineChange(e.At, PipelineChangeKind.RolledBack, e.Number, e.By, e.Comment)),
        DefinitionEvent.Retired e => (pipeline with { Active = null })
            .With(new PipelineChange(e.At, PipelineChangeKind.Retired, pipeline.Active!.Value, e.By, e.Comment)),
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    private Registration With(PipelineChange change) => this with { Changes = [.. Changes.TakeLast(ChangesMax - 1), change] };

    /// <summary>The newest ones within the bounds. The last one, which has just become active, is always among them.</summary>
    private static ImmutableArray<PipelineVersion> Kept(ImmutableArray<PipelineVersion> versions)
    {
        var (first, characters) = (versions.Length - 1, Characters(versions[^1].Spec));
        while (first > 0 && versions.Length - first < VersionsMax)
        {
            characters += Characters(versions[first - 1].Spec);
            if (characters > AllCharactersMax) break;
            first--;
        }
        return versions[first..];
    }
}
