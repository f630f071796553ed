using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>The kinds of steps that a process knows: those of <see cref="StepCatalog"/>, and those that its host adds. All silos of a
/// cluster are started with the same.</summary>
public sealed class StepKinds
{
    public static readonly StepKinds BuiltIn = new(StepCatalog.All);

    private readonly Dictionary<string, StepKind> _byName;

    private StepKinds(ImmutableArray<StepKind> all)
    {
        _byName = all.ToDictionary(kind => kind.Name);
        Specs = new KindCatalog(all.Select(kind => kind.Spec));
    }

    /// <summary>What can be said of them, to be looked up.</summary>
    public KindCatalog Specs { get; }

    /// <exception cref="FaultException">ETL6604: one has a name that is taken, or that is no name of a kind.</exception>
    public static StepKinds With(IEnumerable<StepKind> own)
    {
        var (all, names) = (StepCatalog.All, new HashSet<string>(StepCatalog.Specs.Kinds.SelectMany(kind => kind.Aliases.Add(kind.Name))));
        foreach (var kind in own)
        {
            foreach (var name in kind.Spec.Aliases.Add(kind.Name))
                if (!IsName(name) || !names.Add(name)) throw Refused(name);
            all = all.Add(kind with { Spec = kind.Spec with { IsPure = false } }); // nobody can name the code that it calls
        }
        return all.Length == StepCatalog.All.Length ? BuiltIn : new StepKinds(all);
    }

    /// <summary>The kind of that name or older name; null when there is none.</summary>
    public StepKind? Find(string name) => Specs.FindOlder(name) is { } spec ? _byName[spec.Name] : null;

    /// <summary>The outcome of a stage that needs neither engine nor slot and has no effect; null: it has to be run.</summary>
    public StageOutcome? AtOnce(StageWork work)
    {
        if (work.Items is not null) return null;
        foreach (var step in work.Steps)
            if (Find(step.Kind)?.Behaviour is not StepBehaviour.IsDone) return null;
        return new StageOutcome.Succeeded(
            [.. work.Steps.Select(step => new StepResult(step.Id, null, null, null, [], []))]);
    }

    /// <summary>Two words with a dot between them, of small letters, digits and underscores.</summary>
    private static bool IsName(string name) => name.Split('.') is [{ Length: > 0 }, { Length: > 0 }]
        && char.IsAsciiLetterLower(name[0]) && name.All(c => c is '.' or '_' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    private static FaultException Refused(string name) => new(new Fault(
        FaultKind.Invalid, StepCodes.OwnKindInvalid, $"A kind of step cannot be called '{Printable.Of(name)}': expected two words such as "
        + "shop.geocode, in small letters, that no other kind has."));
}
