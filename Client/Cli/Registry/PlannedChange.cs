using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Definitions;
using OrleansEtl.Engine.Definitions;

namespace OrleansEtl.Cli.Registry;

internal enum ChangeKind { Create, Change, Unchanged, Retire }

/// <summary>What applying a file would do to the registry, or what becomes of a pipeline that no file has.</summary>
/// <param name="File">Null: no file has it.</param>
/// <param name="Now">As it is registered; null: it is not.</param>
/// <param name="Diff">What differs from the active version and its schedules and triggers, in lines for people.</param>
/// <param name="IsNewVersion">False: the definition is the active one, or none is to be.</param>
internal sealed record PlannedChange(
    ChangeKind Kind, string Pipeline, CheckedPipeline? File, string Folder, PipelineView? Now, ImmutableArray<string> Diff, bool IsNewVersion)
{
    /// <summary>Why applying it would be refused; null: nothing speaks against it.</summary>
    public Fault? Refusal => Now?.Version is { } active && File?.Spec is { } spec && IsNewVersion ? DefinitionFaults.ChangedTemplate(active, spec) : null;

    /// <summary>The version that is active before; null: none.</summary>
    public int? From => Now?.Version?.Number;

    /// <summary>The number of the version that is active after; null: none.</summary>
    public int? To => IsNewVersion ? (Now?.Summary.Newest ?? 0) + 1 : Kind == ChangeKind.Retire ? null : From;

    /// <summary><c>create</c>, <c>change</c>, <c>unchanged</c>, <c>retire</c></summary>
    public string Word => Kind.ToString().ToLowerInvariant();
}

/// <summary>Compares files with the registry. Changes nothing.</summary>
internal static class RegistryPlan
{
    /// <param name="etl">Null: there is nothing yet.</param>
    /// <param name="folderOf">Where the relative paths of a file start.</param>
    /// <param name="prunes">Whether active pipelines that no file has are to be retired.</param>
    public static async Task<ImmutableArray<PlannedChange>> Make(
        IEtl? etl, ImmutableArray<CheckedPipeline> files, Func<CheckedPipeline, string> folderOf, bool prunes, CancellationToken cancellation)
    {
        var changes = ImmutableArray.CreateBuilder<PlannedChange>();
        foreach (var file in WantedDatasets.GiversFirst(files))
            changes.Add(Of(
                file, folderOf(file), etl is null ? null : await etl.Pipeline(file.Spec!.Name, cancellation),
                etl is null
                    ? [.. file.Schedules.Select(schedule => $"+ schedule {schedule.Id}"), .. file.Triggers.Select(trigger => $"+ trigger {trigger.Id}")]
                    : await Starters(etl, file.Spec!.Name, file, cancellation)));
        if (!prunes || etl is null) return changes.ToImmutable();
        var names = files.Select(file => file.Spec!.Name).ToHashSet();
        string? cursor = null;
        do
        {
            var page = await etl.Pipelines(cursor, 100, cancellation);
            foreach (var one in page.Items.Where(one => one.Active is not null && !names.Contains(one.Name)))
                changes.Add(new PlannedChange(
                    ChangeKind.Retire, one.Name, null, "", await etl.Pipeline(one.Name, cancellation),
                    await Starters(etl, one.Name, null, cancellation), IsNewVersion: false));
            cursor = page.Next;
        }
        while (cursor is not null);
        return changes.ToImmutable();
    }

    /// <summary>What differs in what starts it, which is no part of a version.</summary>
    private static async Task<ImmutableArray<string>> Starters(IEtl etl, string pipeline, CheckedPipeline? file, CancellationToken cancellation) =>
    [
        .. await etl.Schedules.Differences(pipeline, file?.Schedules ?? [], cancellation),
        .. await etl.Triggers.Differences(pipeline, file?.Triggers ?? [], cancellation),
    ];

    /// <param name="starters">What differs in its schedules and triggers.</param>
    private static PlannedChange Of(CheckedPipeline file, string folder, PipelineView? now, ImmutableArray<string> starters)
    {
        var spec = file.Spec!;
        if (now?.Version is not { } active) return new PlannedChange(ChangeKind.Create, spec.Name, file, folder, now, starters, IsNewVersion: true);
        var isSame = active.Definition == spec.Version() && active.Folder == folder;
        return new PlannedChange(
            isSame && starters.IsEmpty ? ChangeKind.Unchanged : ChangeKind.Change, spec.Name, file, folder, now,
            [.. Diff(active, spec, folder), .. starters], IsNewVersion: !isSame);
    }

    /// <summary>What differs from a registered version, in lines for people.</summary>
    public static ImmutableArray<string> Diff(PipelineVersion before, PipelineSpec spec, string folder)
    {
        var lines = SpecDiff.Between(before.Spec, spec);
        return before.Folder == folder ? lines : lines.Add($"~ folder: {Shown(before.Folder)} → {Shown(folder)}");

        static string Shown(string folder) => folder.Length == 0 ? "files/" : folder;
    }
}
