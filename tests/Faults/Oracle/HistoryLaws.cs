using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells;
using OrleansEtl.Storage;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>What the stored history of one run must be, and that the rows that people list say the same.</summary>
internal static class HistoryLaws
{
    public static IEnumerable<string> Of(Chronicle chronicle) =>
        Faults(chronicle).Select(fault => $"run {chronicle.Row.Id} ({chronicle.Row.Pipeline}): {fault}");

    private static IEnumerable<string> Faults(Chronicle chronicle)
    {
        if (chronicle.Version != chronicle.Events.Length)
            yield return $"its journal has {chronicle.Events.Length} events, its head says {chronicle.Version}";
        if (chronicle.Events is not [RunEvent.RunStarted started, ..])
        {
            yield return "its history does not begin with its start";
            yield break;
        }
        var impossible = Sequence(chronicle).ToArray();
        foreach (var fault in impossible) yield return fault;
        if (impossible.Length > 0) yield break; // the engine reads only histories that it could have written
        var run = chronicle.Events.Aggregate(Run.None, Run.Apply);
        if (started.Id != chronicle.Row.Id) yield return $"its history is that of {started.Id}";
        foreach (var fault in Projected(chronicle, run)) yield return fault;
        foreach (var fault in Published(chronicle)) yield return fault;
    }

    /// <summary>One start, one end and nothing after it; attempts count from 1 without a gap; a stage ends once, by its current attempt.</summary>
    private static IEnumerable<string> Sequence(Chronicle chronicle)
    {
        var current = new Dictionary<int, Attempt>();
        var (ended, heard) = (new HashSet<int>(), new HashSet<(int, Attempt)>());
        for (var i = 0; i < chronicle.Events.Length; i++)
        {
            var happened = chronicle.Events[i];
            if (happened is RunEvent.RunStarted && i > 0) yield return $"event {i} starts the run again";
            if (happened is RunEvent.RunEnded && i < chronicle.Events.Length - 1) yield return $"event {i} ends the run and is not the last";
            if (StageOf(happened) is not { } stage) continue;
            if (ended.Contains(stage)) yield return $"event {i} ({happened.GetType().Name}) is of stage {stage}, which had ended";
            if (happened is RunEvent.StageDispatched dispatched)
            {
                if (dispatched.Attempt != current.GetValueOrDefault(stage, Attempt.None).Next())
                    yield return $"event {i} dispatches attempt {dispatched.Attempt} of stage {stage} after {current.GetValueOrDefault(stage)}";
                current[stage] = dispatched.Attempt;
            }
            else if (AttemptOf(happened) is { } attempt && attempt != current.GetValueOrDefault(stage, Attempt.None))
            {
                yield return $"event {i} hears attempt {attempt} of stage {stage}; {current.GetValueOrDefault(stage)} is current";
            }
            // A stage that was lost too often fails at once, by the same attempt.
            else if (AttemptOf(happened) is { } once && !heard.Add((stage, once)) && happened is not RunEvent.StageFailed)
            {
                yield return $"event {i} hears attempt {once} of stage {stage} a second time";
            }
            if (happened is RunEvent.StageSucceeded or RunEvent.StageFailed or RunEvent.StageSkipped or RunEvent.StageCancelled or RunEvent.StageReused)
                ended.Add(stage);
        }
    }

    private static IEnumerable<string> Projected(Chronicle chronicle, Run run)
    {
        var (view, row) = (run.View(), chronicle.Row);
        if (row.Status != view.Status) yield return $"it is listed as {row.Status.Word()}; its history says {view.Status.Word()}";
        if (row.FaultCode != view.Fault?.Code) yield return $"it is listed with the fault {row.FaultCode}; its history says {view.Fault?.Code}";
        if (row.EndedAt.HasValue != view.EndedAt.HasValue) yield return $"it is listed as ended at {row.EndedAt}; its history says {view.EndedAt}";
        if (row.Pipeline != view.Pipeline || row.Definition != view.Definition) yield return "its row names another definition than its history";
        var done = view.Steps.Count(s => s.Status.IsTerminal());
        if ((row.StepsDone, row.StepsTotal) != (done, view.Steps.Length))
            yield return $"it is listed with {row.StepsDone} of {row.StepsTotal} steps done; its history says {done} of {view.Steps.Length}";
        if (row.Status.IsTerminal() && row.Driver is not null) yield return $"it has ended and still has the driver {row.Driver}";
        foreach (var fault in ProjectedSteps(chronicle, view)) yield return fault;
    }

    private static IEnumerable<string> ProjectedSteps(Chronicle chronicle, RunView view)
    {
        var listed = chronicle.Steps.GroupBy(s => s.Id).ToDictionary(g => g.Key, g => g.ToArray());
        foreach (var twice in listed.Where(s => s.Value.Length > 1)) yield return $"step {twice.Key} is listed {twice.Value.Length} times";
        foreach (var step in view.Steps)
        {
            if (!listed.TryGetValue(step.Id, out var rows)) yield return $"step {step.Id} is not listed";
            else if (Words(rows[0]) != Words(step)) yield return $"step {step.Id} is listed as {Words(rows[0])}; its history says {Words(step)}";
        }
        foreach (var stranger in listed.Keys.Except(view.Steps.Select(s => s.Id))) yield return $"step {stranger} is listed and not of this run";
    }

    private static string Words(StepRow s) => $"{s.Status.Word()} {s.Attempts} {s.RowsIn}/{s.RowsOut}/{s.RowsRejected} {s.FaultCode}";
    private static string Words(StepView s) => $"{s.Status.Word()} {s.Attempts} {s.RowsIn}/{s.RowsOut}/{s.RowsRejected} {s.Fault?.Code}";

    /// <summary>What is published is what stages that ended gave, each once, with the manifest that the history holds.</summary>
    private static IEnumerable<string> Published(Chronicle chronicle)
    {
        var made = chronicle.Events
            .SelectMany(e => e switch
            {
                RunEvent.StageSucceeded s => s.Results,
                RunEvent.StageFailed f => f.Results,
                _ => [],
            })
            .SelectMany(r => r.Outputs).Select(o => o.Dataset).OfType<DatasetVersion>()
            .Where(d => d.Ref.Version == chronicle.Row.Id.Value).DistinctBy(d => d.Ref).ToDictionary(d => d.Ref);
        var listed = chronicle.Datasets.ToLookup(d => new DatasetRef(d.Name, d.Version));
        foreach (var missing in made.Keys.Where(d => !listed.Contains(d))) yield return $"dataset {missing} is in its history and not listed";
        foreach (var rows in listed)
        {
            if (!made.TryGetValue(rows.Key, out var dataset)) yield return $"dataset {rows.Key} is listed and not in its history";
            else if (EventCodec.ReadManifest(rows.First().Manifest).ContentHash != dataset.ContentHash)
                yield return $"dataset {rows.Key} is listed with another content than its history says";
            if (rows.Count() > 1) yield return $"dataset {rows.Key} is listed {rows.Count()} times";
        }
    }

    private static int? StageOf(RunEvent happened) => happened switch
    {
        RunEvent.StageReused e => e.Stage,
        RunEvent.StageDispatched e => e.Stage,
        RunEvent.StageSucceeded e => e.Stage,
        RunEvent.StageRetryScheduled e => e.Stage,
        RunEvent.StageLost e => e.Stage,
        RunEvent.StageFailed e => e.Stage,
        RunEvent.StageSkipped e => e.Stage,
        RunEvent.StageCancelled e => e.Stage,
        _ => null,
    };

    private static Attempt? AttemptOf(RunEvent happened) => happened switch
    {
        RunEvent.StageSucceeded e => e.Attempt,
        RunEvent.StageRetryScheduled e => e.Attempt,
        RunEvent.StageLost e => e.Attempt,
        RunEvent.StageFailed e => e.Attempt,
        _ => null,
    };
}
