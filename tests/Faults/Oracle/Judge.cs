using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>
/// Compares what happened with what was promised; every breach is one sentence. It judges values only, so that wrong ones can be made by
/// hand: see <see cref="JudgeTests"/>.
/// </summary>
internal static class Judge
{
    public static ImmutableArray<string> Of(Evidence evidence) =>
    [
        .. EveryRunEndsAsAnUndisturbedOne(evidence), .. AKeyNamesOneRun(evidence), .. TerminalStatesStay(evidence),
        .. evidence.Chronicles.SelectMany(HistoryLaws.Of), .. EveryDatasetHasItsRun(evidence),
        .. EveryEffectHappenedOnce(evidence), .. NoCallHung(evidence), .. ProcessesBehaved(evidence),
    ];

    private static IEnumerable<string> EveryRunEndsAsAnUndisturbedOne(Evidence evidence)
    {
        var chronicles = evidence.Chronicles.ToDictionary(c => c.Row.Id);
        foreach (var asked in evidence.Asked)
        {
            if (asked.Runs.IsEmpty) yield return $"{asked.Key}: no start was ever answered";
            foreach (var run in asked.Runs.Distinct())
            {
                if (!chronicles.TryGetValue(run, out var chronicle)) yield return $"{asked.Key}: run {run} was answered and is not stored";
                else if (Ending.Of(chronicle, asked.Expected.Effects) is var found && found != asked.Expected)
                    yield return $"{asked.Key}: run {run} ended otherwise than an undisturbed one:\n    expected {asked.Expected}\n    found    {found}";
            }
        }
        foreach (var open in evidence.Chronicles.Where(c => !c.Row.Status.IsTerminal()))
            yield return $"run {open.Row.Id} ({open.Row.Pipeline}) has not ended: {open.Row.Status.Word()}, driver {open.Row.Driver}";
    }

    private static IEnumerable<string> AKeyNamesOneRun(Evidence evidence)
    {
        foreach (var asked in evidence.Asked.Where(a => a.Runs.Distinct().Count() > 1))
            yield return $"{asked.Key}: starts were answered with several runs: {string.Join(", ", asked.Runs.Distinct())}";
        var byKey = evidence.Chronicles.Select(c => (Key: KeyOf(c), c.Row.Id)).Where(c => c.Key is not null).GroupBy(c => c.Key!);
        foreach (var twice in byKey.Where(g => g.Count() > 1))
            yield return $"{twice.Key}: several runs are stored: {string.Join(", ", twice.Select(c => c.Id))}";
    }

    internal static string? KeyOf(Chronicle chronicle) =>
        chronicle.Events.OfType<RunEvent.RunStarted>().FirstOrDefault()?.Params.FirstOrDefault(p => p.Name == "key")?.Value is SpecValue.Text key
            ? key.Value
            : null;

    private static IEnumerable<string> TerminalStatesStay(Evidence evidence)
    {
        var rows = evidence.Chronicles.ToDictionary(c => c.Row.Id);
        foreach (var run in evidence.Sightings.GroupBy(s => s.Run))
        {
            var end = run.FirstOrDefault(s => s.Status.IsTerminal());
            if (end is null) continue;
            foreach (var later in run.SkipWhile(s => s != end).Where(s => s != end))
                yield return $"run {run.Key} was shown as {Words(end)}, then as {Words(later)}";
            if (rows.TryGetValue(run.Key, out var stored)
                && (stored.Row.Status, stored.Version, stored.Row.FaultCode) != (end.Status, end.Version, end.FaultCode))
            {
                yield return $"run {run.Key} was shown as {Words(end)} and is stored as "
                    + $"{stored.Row.Status.Word()} with {stored.Version} events {stored.Row.FaultCode}";
            }
        }
    }

    private static string Words(Sighting seen) => $"{seen.Status.Word()} with {seen.Version} events {seen.FaultCode}".TrimEnd();

    private static IEnumerable<string> EveryDatasetHasItsRun(Evidence evidence)
    {
        var runs = evidence.Chronicles.Select(c => c.Row.Id).ToHashSet();
        foreach (var orphan in evidence.Datasets.Where(d => !runs.Contains(d.Run)))
            yield return $"dataset {orphan.Name}@{orphan.Version} is of run {orphan.Run}, which is not stored";
        foreach (var twice in evidence.Datasets.GroupBy(d => (d.Name, d.Version)).Where(g => g.Count() > 1))
            yield return $"dataset {twice.Key.Name}@{twice.Key.Version} is published {twice.Count()} times";
    }

    private static IEnumerable<string> EveryEffectHappenedOnce(Evidence evidence)
    {
        var found = evidence.Effects.ToLookup(e => (e.Key, e.Step));
        var expected = evidence.Asked.SelectMany(a => a.Expected.Effects.Select(e => (Of: (a.Key, e.Step), e.Items)))
            .ToDictionary(e => e.Of, e => e.Items);
        foreach (var (of, items) in expected)
        {
            var missing = Enumerable.Range(0, items).Select(i => (long)i).Except(found[of].Select(e => e.Item)).Count();
            if (missing > 0) yield return $"{of.Key}/{of.Step}: {missing} of {items} rows of its effect are missing";
        }
        foreach (var effect in evidence.Effects)
        {
            if (effect.Times != 1) yield return $"{effect.Key}/{effect.Step}: row {effect.Item} of its effect was written {effect.Times} times";
            if (!expected.TryGetValue((effect.Key, effect.Step), out var items) || effect.Item < 0 || effect.Item >= items)
                yield return $"{effect.Key}/{effect.Step}: row {effect.Item} of its effect should not be there";
        }
    }

    private static IEnumerable<string> NoCallHung(Evidence evidence) =>
        from call in evidence.Calls
        where call.Took > call.Bound
        select $"{call.Verb} took {call.Took.TotalSeconds:0.0} s; its bound is {call.Bound.TotalSeconds:0.0} s";

    private static IEnumerable<string> ProcessesBehaved(Evidence evidence)
    {
        foreach (var life in evidence.Lives)
        {
            foreach (var line in life.Said.Where(IsStackTrace).Take(3)) yield return $"{life.Name} shows people a stack trace: {line.Trim()}";
            if (life.PeakBytes > life.PeakBytesMax)
                yield return $"{life.Name} took {life.PeakBytes / 1e6:0} MB of memory; its bound is {life.PeakBytesMax / 1e6:0} MB";
            if (life.Ended is not { WasKilled: false } end) continue;
            if (end.Took > end.Bound) yield return $"{life.Name} took {end.Took.TotalSeconds:0.0} s to end; its bound is {end.Bound.TotalSeconds:0.0} s";
            if (end.ExitCode is not (Left or DeclaredDead) && (end.TookCalls || end.ExitCode is not (CouldNotStart or Interrupted or Terminated)))
                yield return $"{life.Name} ended with code {end.ExitCode}; it said: {string.Join(" | ", life.Said.TakeLast(3))}";
        }
    }

    /// <summary>Exit codes of a silo that may be.</summary>
    private const int Left = 0, DeclaredDead = 9;

    /// <summary>And of one that had not started yet: the database was away, or it was told to go meanwhile.</summary>
    private const int CouldNotStart = 1, Interrupted = 130, Terminated = 143;

    private static bool IsStackTrace(string line) =>
        line.StartsWith("   at ", StringComparison.Ordinal) || line.Contains("Unhandled exception", StringComparison.Ordinal)
        || line.Contains("--- End of ", StringComparison.Ordinal);
}
