using System.Collections.Immutable;

namespace OrleansEtl.Engine.Triggers;

public sealed partial record Trigger
{
    /// <summary>The run is started for this end, whoever sees it and however often: its id is made of that of the ended run and of its end.</summary>
    private Trigger Saw(TriggerCommand.RunsSeen seen, DateTimeOffset now, TriggerBounds bounds)
    {
        if (Spec!.On.Upstream() is null) return this;
        var (after, heard) = (this, ImmutableArray.CreateBuilder<RunId>());
        foreach (var ended in seen.Ended.OrderBy(run => run.EndedAt).ThenBy(run => run.Run))
        {
            if (after.Starting.Count >= bounds.StartsMax) break; // the others stay in sight
            heard.Add(ended.Run);
            if (!Runs.Heard.Contains(ended.Run)) after = after.Hears(ended, now, bounds);
        }
        var unheard = seen.Ended.Select(run => run.Run).Except(heard);
        if (Spec.On is TriggerSource.OfDataset) after = after with { Dataset = after.Dataset ?? KnownDataset.None };
        return (after with { Runs = Runs.After(heard, [.. seen.Unfinished, .. unheard], seen.At, bounds) }).Looked(now, bounds.RunsEvery);
    }

    private Trigger Hears(EndedRun ended, DateTimeOffset now, TriggerBounds bounds) => Spec!.On switch
    {
        TriggerSource.OfDataset => HearsOfDataset(ended, now, bounds),
        TriggerSource.OfPipeline source when ended.EndedAt >= Since && Matches(source.Ending, ended.Status) =>
            StartsFor(ended, $"run {ended.Run} {Word(ended.Status)}", [], now, bounds),
        _ => this,
    };

    /// <param name="also">What is told besides the run.</param>
    private Trigger StartsFor(EndedRun ended, string what, ImmutableArray<Field> also, DateTimeOffset now, TriggerBounds bounds) =>
        IsTooDeep(ended, bounds) ? Refuses(now, $"run {ended.Run}", TooDeep(ended.Run, bounds)) : Starts(
            EventOf(ended), ended.EndedAt, now, what, new SpecValue.Map(
            [
                new Field("run", new SpecValue.Text(ended.Run.Value)),
                new Field("pipeline", new SpecValue.Text(Spec!.On.Upstream()!)),
                new Field("status", new SpecValue.Text(Word(ended.Status))),
                new Field("ended_at", new SpecValue.Text(Moment(ended.EndedAt))),
                .. also,
            ]), ended.Depth + 1);

    private EventKey EventOf(EndedRun ended) => EventKey.Of(Id, $"run/{ended.Run}");

    private static bool IsTooDeep(EndedRun ended, TriggerBounds bounds) => ended.Depth >= bounds.DepthMax;

    private static bool Matches(RunEnding wanted, RunStatus status) => wanted switch
    {
        RunEnding.Succeeded => status == RunStatus.Succeeded,
        RunEnding.Failed => status == RunStatus.Failed,
        _ => true,
    };

    private Fault TooDeep(RunId run, TriggerBounds bounds) => new(FaultKind.Denied, TriggerCodes.TooDeep,
        $"Run {run} is the last of {bounds.DepthMax} runs that started one another, and trigger {Id} starts no further one.", null,
        "Look for pipelines that start each other: etl triggers list");

    private static string Word(RunStatus status) => status.ToString().ToLowerInvariant();
}

/// <summary>The runs of another pipeline that a trigger has in sight.</summary>
/// <param name="Open">Not known to have ended.</param>
/// <param name="Heard">Known to have ended, as long as a look may find them again.</param>
/// <param name="Through">When it was begun to look the last time; null: not yet.</param>
public sealed record KnownRuns(ImmutableHashSet<RunId> Open, ImmutableHashSet<RunId> Heard, DateTimeOffset? Through)
{
    public static readonly KnownRuns None = new([], [], null);

    public KnownRuns After(IEnumerable<RunId> heard, ImmutableArray<RunId> unfinished, DateTimeOffset at, TriggerBounds bounds)
    {
        var through = at > Through || Through is null ? at : Through.Value;
        var all = Heard.Union(heard);
        return new KnownRuns(
            [.. unfinished.Where(run => !all.Contains(run)).Take(bounds.RunsMax)],
            // With twice the time no clock that is a little off makes one new; and it would be the same run.
            [.. all.Where(run => run.StartedAt() >= through - 2 * bounds.LateMax).OrderDescending().Take(bounds.RunsMax)],
            through);
    }
}
