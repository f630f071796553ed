using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Engine.Triggers;

public sealed partial record Trigger
{
    /// <summary>A version counts when no run that succeeded has given it before, and its content is another than that of the last that counted. What was
    /// there when the trigger was made does not count, and is what the first has to differ from.</summary>
    private Trigger HearsOfDataset(EndedRun ended, DateTimeOffset now, TriggerBounds bounds)
    {
        if (ended.Gave is not { } gave) return this; // it did not succeed: nothing of it counts
        var known = (Dataset ?? KnownDataset.None) with { Lack = gave.Lack };
        if (!gave.IsNewAt(ended.EndedAt) || known.HasTakenOn(gave.Version!)) return this with { Dataset = known };
        var version = gave.Version!;
        if (gave.Maker(ended.Run) is not null) known = known.TakingOn(version);
        if (ended.EndedAt < Since || version.ContentHash == known.ContentHash)
            return this with { Dataset = known.After(version, ended.EndedAt, null) };
        var after = (this with { Dataset = known }).StartsFor(ended, $"dataset {version.Ref}",
        [
            new Field("dataset", new SpecValue.Text(version.Ref.Name)),
            new Field("version", new SpecValue.Text(version.Ref.Version)),
            new Field("content_hash", new SpecValue.Text(version.ContentHash)),
            new Field("rows", new SpecValue.Integer(version.Rows)),
        ], now, bounds);
        return IsTooDeep(ended, bounds) ? after : after with { Dataset = known.After(version, ended.EndedAt, EventOf(ended).Run(ended.EndedAt)) };
    }
}

/// <summary>What a run that succeeded gave at one port of one step.</summary>
/// <param name="Version">Null: nothing, perhaps since the step was skipped.</param>
/// <param name="Lack">Why no run of this plan gives anything there; null: it may.</param>
/// <param name="WholeSince">When the earlier run that made it succeeded; null: this run made it, or the one that did never succeeded.</param>
public sealed record GivenDataset(DatasetVersion? Version, Fault? Lack = null, DateTimeOffset? WholeSince = null)
{
    /// <summary>The run that made it, if it is another one.</summary>
    public RunId? Maker(RunId run) =>
        RunId.TryParse(Version?.Ref.Version, out var maker) && maker != run ? maker : null;

    /// <summary>Whether it is given for the first time by the run that succeeded then. A version of a run that failed after it made it counts with the run that
    /// took it on.</summary>
    public bool IsNewAt(DateTimeOffset endedAt) => Version is not null && !(WholeSince <= endedAt);

    public static GivenDataset Of(Run run, DatasetName name, KindCatalog kinds)
    {
        var plan = run.Plan!;
        var version = plan.Positions.TryGetValue(name.Step, out var position) && run.Stages[plan.Steps[position].Stage].HasSucceeded
            ? run.Result(plan.Steps[position])?.Outputs.FirstOrDefault(output => output.Port == name.Port && output.Dataset is not null)?.Dataset
            : null;
        return new GivenDataset(version, version is null ? DatasetCheck.Of(name, plan, kinds) : null);
    }
}

/// <summary>A dataset as a trigger last heard of it.</summary>
/// <param name="ContentHash">Of the version that counted last, or that was there when the trigger was made; null: there was none.</param>
/// <param name="EndedAt">The latest end of a run that gave it as it is.</param>
/// <param name="Started">The run that was started for it.</param>
/// <param name="Lack">Why the last run that succeeded cannot have given it.</param>
/// <param name="TakenOn">Versions that counted with another run than the one that made them, newest last; null: none did.</param>
public sealed record KnownDataset(
    string? ContentHash, string? Version, DateTimeOffset? EndedAt, RunId? Started, Fault? Lack, ImmutableArray<string>? TakenOn = null)
{
    public static readonly KnownDataset None = new(null, null, null, null, null);

    /// <summary>So many versions are remembered: older ones are used again rarely.</summary>
    public const int TakenOnMax = 50;

    public bool HasTakenOn(DatasetVersion version) => TakenOn?.Contains(version.Ref.Version) == true;

    public KnownDataset TakingOn(DatasetVersion version) =>
        this with { TakenOn = [.. (TakenOn ?? []).TakeLast(TakenOnMax - 1), version.Ref.Version] };

    /// <summary>One whose end is heard of after a later one's is not what the next has to differ from.</summary>
    public KnownDataset After(DatasetVersion version, DateTimeOffset endedAt, RunId? started) =>
        endedAt < EndedAt ? this
        : version.ContentHash == ContentHash ? this with { EndedAt = endedAt }
        : this with { ContentHash = version.ContentHash, Version = version.Ref.Version, EndedAt = endedAt, Started = started };

    /// <summary>The run could not be started: the next version counts, also with the same content.</summary>
    public KnownDataset WithoutStart(RunId run) =>
        Started == run ? this with { ContentHash = null, Version = null, Started = null, TakenOn = TakenOn?.Remove(Version!) } : this;
}
