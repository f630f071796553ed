using System.Collections.Immutable;
using Orleans.Runtime;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Engine.Tests;
using OrleansEtl.Shells;
using OrleansEtl.Storage;

namespace OrleansEtl.Simulation.Tests;

/// <summary>Knows what is true (what the store holds) and holds everything that anybody does or says against it, at the moment at
/// which it happens. The first broken promise ends the play.</summary>
internal sealed class Oracle(World world)
{
    /// <summary>Far above a write's time, far below the patience with a silent attempt.</summary>
    private static readonly TimeSpan LongAgo = TimeSpan.FromSeconds(6);

    private readonly Dictionary<RunId, TrueRun> _runs = [];
    private readonly HashSet<(RunId, int, Attempt, int Silo)> _running = [];
    private readonly Dictionary<(RunId, int, Attempt), DateTimeOffset> _finished = [];
    private readonly HashSet<(RunId, StepId)> _published = [];

    private sealed class TrueRun
    {
        public List<Run> History { get; } = [Run.None];
        public List<RunEvent> Events { get; } = [];
        public Run Now => History[^1];
    }

    public string? Broken { get; private set; }
    public bool AllEnded => _runs.Count == world.Scripts.Count && _runs.Values.All(run => run.Now.Status.IsTerminal() && run.Now.Exists);

    public void Break(string words) => Broken ??= $"after {(world.Agenda.Now - World.Start).TotalSeconds:0.000} s: {words}";

    public Run RunOf(RunId run) => _runs.TryGetValue(run, out var known) ? known.Now : Run.None;
    public long VersionOf(RunId run) => RunOf(run).Version;
    public IReadOnlyList<RunEvent> EventsOf(RunId run) => _runs.TryGetValue(run, out var known) ? known.Events : [];

    /// <summary>The store holds an append from now on.</summary>
    public void Stored(RunAppend append)
    {
        if (!_runs.TryGetValue(append.Run, out var run)) _runs[append.Run] = run = new TrueRun();
        try
        {
            ImmutableArray<RunEvent> events = [.. append.Events.Select(bytes => EventCodec.ReadEvent(bytes))];
            Promises.Kept(run.Now, events);
            foreach (var happened in events)
            {
                world.Trace.Note("event", null, Saying.Of(happened), run.Now.Version + 1);
                run.History.Add(Run.Apply(run.Now, happened));
                run.Events.Add(happened);
                Happened(run.Now, happened);
                world.Family.Happened(run.Now, happened);
            }
        }
        catch (Exception broken)
        {
            Break($"the journal of {append.Run} cannot be: {broken.Message}");
        }
        if (append.Row.Status != run.Now.Status) Break($"the row of {append.Run} says {append.Row.Status}, its journal {run.Now.Status}");
        Published(append.Published);
    }

    /// <summary>Datasets can be seen from now on.</summary>
    public void Published(ImmutableArray<DatasetRow> rows)
    {
        foreach (var row in rows)
        {
            var made = EventCodec.ReadManifest(row.Manifest);
            var known = RunOf(row.Run);
            var outputs = known.Exists
                ? known.Stages.All().Where(stage => stage.Status == StepStatus.Succeeded).SelectMany(stage => stage.Results)
                    .Where(result => result.Step == row.Step).SelectMany(result => result.Outputs) : [];
            if (!outputs.Any(output => output.Dataset!.Location == made.Location))
                Break($"{made.Location} is published, but the journal does not say that it was made");
            if (!_published.Add((row.Run, row.Step))) Break($"{row.Step} of {row.Run} is published twice");
        }
    }

    private void Happened(Run run, RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.StageSucceeded e when world.Scripts[run.Id].IsLight(run.Plan!.Stages[e.Stage]):
                break;
            case RunEvent.StageSucceeded e when !_finished.ContainsKey((run.Id, e.Stage, e.Attempt)):
                Break($"stage {e.Stage} of {run.Id} succeeded by attempt {e.Attempt}, which did not finish");
                break;
            case RunEvent.StageLost e when world.Weather.IsGentle && run.Status == RunStatus.Running
                && _finished.TryGetValue((run.Id, e.Stage, e.Attempt), out var at) && at < world.Agenda.Now - LongAgo:
                Break($"attempt {e.Attempt} of stage {e.Stage} of {run.Id} had finished, and is lost because nobody listened");
                break;
        }
    }

    /// <summary>An attempt may run again, when its dispatch was repeated because its silo was taken for dead, or came late; each start
    /// has a folder of its own. On one silo it never runs twice at once.</summary>
    public void Began(StageWork work, SimSilo silo)
    {
        if (!_running.Add((work.Run, work.Stage, work.Attempt, silo.Number)))
            Break($"attempt {work.Attempt} of stage {work.Stage} of {work.Run} runs twice on {silo.Name}");
        Dispatched(work);
    }

    public void Stopped(StageWork work, SimSilo silo) => _running.Remove((work.Run, work.Stage, work.Attempt, silo.Number));

    public void Finished(StageWork work) => _finished.TryAdd((work.Run, work.Stage, work.Attempt), world.Agenda.Now);

    /// <summary>Somebody calls a grain: what is asked for must have been decided durably.</summary>
    public void Called(GrainId target, object?[] arguments)
    {
        if (arguments is [StageWork work]) Dispatched(work);
        if (arguments is [RunCommand.Start start]) world.Family.Started(new RunId(target.Key.ToString()!), start);
    }

    private void Dispatched(StageWork work)
    {
        var run = RunOf(work.Run);
        if (!run.Exists || run.Stages[work.Stage].Attempt.CompareTo(work.Attempt) < 0)
            Break($"attempt {work.Attempt} of stage {work.Stage} of {work.Run} is dispatched, but that is not stored");
    }

    /// <summary>A grain has answered: what it says must be stored, and be what the store says.</summary>
    public void Answered(Letter letter, object? result)
    {
        if (letter.Shape.Name is not ("Tell" or "View" or "Heartbeat")) return;
        var id = new RunId(letter.Target.Key.ToString()!);
        var known = _runs.GetValueOrDefault(id);
        switch (result)
        {
            case Answer.Done done when known is null || known.Now.Version < done.Version:
                Break($"{id} answers with version {done.Version}, stored are {known?.Now.Version ?? 0}");
                break;
            case Answer.Done done when known.History[(int)done.Version].Status != done.Status:
                Break($"{id} answers that it is {done.Status} at version {done.Version}, the store says otherwise");
                break;
            case RunView view when known is null || known.Now.Version < view.Version:
                Break($"{id} shows version {view.Version}, stored are {known?.Now.Version ?? 0}");
                break;
            case RunView view when Words(view) != Words(HeldUpAs(view, known.History[(int)view.Version])):
                Break($"{id} shows\n{Words(view)}\nat version {view.Version}, the store says\n{Words(known.History[(int)view.Version].View())}");
                break;
            case HeartbeatAnswer.Stop when known is not null && letter.Shape.Read(letter.Body) is [Heartbeat beat]
                && known.Now.Status == RunStatus.Running && !Run.IsOutdated(known.Now, beat.Stage, beat.Attempt):
                Break($"attempt {beat.Attempt} of stage {beat.Stage} of {id} is the current one and is told to stop");
                break;
        }
    }

    /// <summary>The stored run with the hindrances of the view, of which the store knows nothing: they can only be of attempts that the
    /// store knows as running.</summary>
    private static RunView HeldUpAs(RunView view, Run run) => run.View(hindrance: (stage, _) =>
        view.Steps.First(step => step.Stage == stage).Wait is { For: WaitFor.Slot or WaitFor.Silo } wait ? wait : null);

    private static string Words(RunView view) => $"{view.Status} {view.Definition} {view.EndedAt:O} {view.Fault?.Code} " + string.Join(' ',
        view.Steps.Select(s => $"{s.Id}:{s.Status}#{s.Attempts} {s.StartedAt:O} {s.EndedAt:O} {s.RowsOut} {s.Fault?.Code} {s.Waiting};"));
}
