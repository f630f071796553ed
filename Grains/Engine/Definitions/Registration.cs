using System.Collections.Immutable;

namespace OrleansEtl.Engine.Definitions;

/// <summary>
/// The registered versions of one pipeline as a value: <see cref="Decide"/> says what a command makes happen, <see cref="Apply"/> lets one
/// event happen.
///
/// Promised here: a number means one content for ever and is never given twice; what is registered again as it is changes nothing; the
/// active version and the newest one are always kept; who changed what stands here, as far back as <see cref="ChangesMax"/> goes.
/// Not promised here: that an old version is kept. Runs do not need it: each holds the definition that it started with.
/// </summary>
/// <param name="Newest">The highest number that was given; 0: none.</param>
/// <param name="Active">The version that runs are started with; null: none, it is retired or was never registered.</param>
/// <param name="Versions">Oldest first.</param>
/// <param name="Changes">Oldest first.</param>
public sealed partial record Registration(
    string Name, int Newest, int? Active, ImmutableArray<PipelineVersion> Versions, ImmutableArray<PipelineChange> Changes)
{
    /// <summary>Versions that are kept: months of daily changes.</summary>
    public const int VersionsMax = 200;

    /// <summary>Characters of one definition as JSON; people write a hundredth of it.</summary>
    public const int CharactersMax = 1_000_000;

    /// <summary>Characters of all versions that are kept: they are read and written as one.</summary>
    public const int AllCharactersMax = 3_000_000;

    /// <summary>Changes that are remembered, since rolling back and forth gives no new versions.</summary>
    public const int ChangesMax = 500;

    public const int CommentMax = 1_000;
    public const int ByMax = 200;

    public static Registration None(string name) => new(name, 0, null, [], []);

    public bool Exists() => Newest > 0;

    public PipelineVersion? Find(int number) => Versions.FirstOrDefault(version => version.Number == number);

    /// <param name="number">Null: the active one.</param>
    public Outcome<PipelineVersion> Version(int? number) =>
        !Exists() ? DefinitionFaults.Unknown(Name)
        : (number ?? Active) is not { } wanted ? DefinitionFaults.Retired(Name, Versions[^1].Number)
        : Find(wanted) is { } version ? version
        : DefinitionFaults.NoVersion(this, wanted);

    public PipelineView View() => new(Summary(), Active is { } active ? Find(active) : null, [.. Changes.Reverse()]);

    public PipelineSummary Summary()
    {
        var (last, shown) = (Changes[^1], Find(Active ?? Newest)!);
        return new PipelineSummary(Name, Active, Newest, shown.Spec.Description, last.At, last.By);
    }

    public VersionSummary Summary(PipelineVersion version) => new(
        version.Number, version.Definition, version.Number == Active, version.Spec.Steps.Length, version.Folder, version.RegisteredAt,
        version.By, version.Comment);
}
