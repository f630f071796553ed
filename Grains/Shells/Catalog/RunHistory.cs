using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Catalog;

/// <summary>What happened to runs, out of the store: nobody who drives a run is asked or waited for, and no more than a page of a
/// journal is held. Journals may have lost their older events to a snapshot; what is missing is counted, never passed over.</summary>
public sealed class RunHistory(IRunJournal journal)
{
    /// <summary>Events that one page looks at while it seeks those of one step: some hundred milliseconds of reading.</summary>
    public int LookedAtMax { get; init; } = 5_000;

    /// <summary>Runs whose steps are remembered between pages; those of ten thousand steps are a megabyte each.</summary>
    private const int RunsMax = 16;

    private readonly ConcurrentDictionary<RunId, ImmutableArray<ImmutableArray<StepId>>> _steps = [];

    /// <returns>Null when there is no such run.</returns>
    /// <exception cref="FaultException">ETL4113: the limit. ETL4224: the run has no such step.</exception>
    public async Task<HistoryPage?> Read(HistoryFilter filter, CancellationToken cancellation)
    {
        Paging.Checked(filter.Limit);
        if (await StepsOf(filter.Run, cancellation) is not { } steps) return null;
        if (filter.Step is { } step && !steps.Any(stage => stage.Contains(step))) throw NoStep(filter.Run, step);

        var entries = ImmutableArray.CreateBuilder<HistoryEntry>();
        var (next, missing, atOnce) = (Math.Max(0, filter.After), 0L, filter.Step is null ? filter.Limit : Math.Min(Paging.LimitMax, LookedAtMax));
        for (var lookedAt = 0; lookedAt < LookedAtMax; lookedAt += atOnce)
        {
            var events = await journal.History(filter.Run, next, atOnce, cancellation);
            foreach (var one in events)
            {
                missing += one.Number - next - 1;
                next = one.Number;
                var entry = History.Entry(one.Number, EventCodec.ReadEvent(one.Bytes), steps);
                if (filter.Step is { } wanted && !entry.Steps.Contains(wanted)) continue;
                entries.Add(entry);
                if (entries.Count == filter.Limit) return Page(isLast: false);
            }
            if (events.Length == atOnce) continue;
            if (events.IsEmpty) await PassOverWhatIsFolded();
            return Page(isLast: true);
        }
        return Page(isLast: false);

        HistoryPage Page(bool isLast) => new(entries.ToImmutable(), next, isLast, missing);

        // Nothing is kept after this number; where nothing is kept at all, more may have happened.
        async Task PassOverWhatIsFolded()
        {
            if (!(await journal.History(filter.Run, 0, 1, cancellation)).IsEmpty) return;
            if (await journal.Read(filter.Run, cancellation) is not { } stored || stored.Version <= next || !stored.Events.IsEmpty) return;
            missing += stored.Version - next;
            next = stored.Version;
        }
    }

    /// <summary>The first of the steps that run as one query with a step.</summary>
    /// <exception cref="FaultException">ETL4224: the run has no such step.</exception>
    public async Task<StepId> FirstOfStage(RunId run, StepId step, CancellationToken cancellation) =>
        await StepsOf(run, cancellation) is { } steps && steps.FirstOrDefault(stage => stage.Contains(step)) is { IsDefault: false } stage
            ? stage[0] : throw NoStep(run, step);

    /// <summary>From the run's first event; from its snapshot where that is gone.</summary>
    private async Task<ImmutableArray<ImmutableArray<StepId>>?> StepsOf(RunId run, CancellationToken cancellation)
    {
        if (_steps.TryGetValue(run, out var known)) return known;
        var first = await journal.History(run, 0, 1, cancellation);
        var plan = first is [{ Number: 1, Bytes: var bytes }]
            ? ((RunEvent.RunStarted)EventCodec.ReadEvent(bytes)).Plan
            : (await PastRun.Read(journal, run, cancellation))?.Plan;
        if (plan is null) return null;
        if (_steps.Count >= RunsMax) _steps.Clear();
        return _steps[run] = History.StepsOf(plan);
    }

    private static FaultException NoStep(RunId run, StepId step) => new(new Fault(
        FaultKind.NotFound, "ETL4224", $"Run {run} has no step {step}.", null, $"See its steps with: etl runs show {run}"));
}
