using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells.Limits;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells;

/// <summary>
/// One run. Commands wait in an inbox; one pump decides all that waits, appends once, applies, answers, pays: so a thousand reports
/// are a few commits. Nothing is answered or paid before it is durable. A lost fence or an append of unknown outcome ends the
/// activation: the next one reads what is true. Grain calls are never awaited within the pump, so two grains cannot wait for
/// each other. The journal is read when it is first needed, and a start does not need it: the fence says whether the run was there.
/// An unfinished run whose activation ends is left to the rescuer.
/// </summary>
[GrainType("pipeline"), Role(SiloRoles.Control)]
public sealed partial class PipelineGrain(RunDesk desk, Pulse pulse, Rescuer rescuer, LimitReturns limits, ILogger<PipelineGrain> log)
    : Grain, IPipelineGrain, ILiveRun
{
    private readonly Queue<Letter> _inbox = [];
    private readonly Dictionary<StepId, StepProgress> _progress = [];
    private readonly Dictionary<(int Stage, Attempt), DateTimeOffset> _heard = [];
    /// <summary>Payments under way: each is tried again by itself, so that nobody begins it a second time.</summary>
    private readonly HashSet<(Payment, int Stage, Attempt)> _paying = [];
    private TaskScheduler _turns = TaskScheduler.Default;
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource? _ended;
    private Run _run = Run.None;
    private long _snapshotVersion;
    private IGrainTimer? _wake;
    private Task _pump = Task.CompletedTask;
    private List<Letter> _batch = [];
    private bool _pumping;
    private bool _leaving;
    /// <summary>Even a run that it never saw may be stored.</summary>
    private bool _isUnsure;
    private bool _isAnothers;

    private bool _isRead;
    /// <summary>Whether nobody handed the run over: the process of the last activation died, or lives and has lost it to this one.</summary>
    private bool _isHeir;

    /// <param name="Command">Null: the journal is to be read, no more.</param>
    /// <param name="Answer">Null: nobody waits for it.</param>
    private sealed record Letter(RunCommand? Command, TaskCompletionSource<Answer>? Answer, DateTimeOffset At);

    RunId ILiveRun.Id => Id;

    private RunId Id => new(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        pulse.Enter(this);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _leaving = true;
        pulse.Leave(this);
        await _pump;
        if ((_isUnsure || _run.Exists) && !_run.Status.IsAtRest()) rescuer.LetGo(Id, _isAnothers);
    }

    public Task<Answer> Tell(RunCommand command) => IsToBeWatched(command) ? Watched((RunCommand.Start)command) : Offer(command);

    private Task<Answer> Offer(RunCommand? command)
    {
        if (_inbox.Count >= desk.Options.InboxMax) throw Busy();
        var letter = new Letter(
            command, new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously), desk.Clock.GetUtcNow());
        Put(letter);
        return letter.Answer!.Task;
    }

    /// <summary>Done when the run has been read.</summary>
    private Task Known() => _isRead ? Task.CompletedTask : Offer(null);

    public async Task<RunView?> View()
    {
        await Known();
        return Seen();
    }

    private RunView? Seen() => _run.Exists ? _run.View(_progress, HindranceOf, StoreWait()) : null;

    public async Task<RunView?> Watch(long version, TimeSpan patience, CancellationToken cancellation)
    {
        await Known();
        if (_run.Version <= version && !_run.Status.IsAtRest()) await Within(patience, _changed.Task, cancellation);
        return Seen();
    }

    public async Task<RunView?> Ended(TimeSpan patience, CancellationToken cancellation)
    {
        await Known();
        if (!_run.Status.IsAtRest()) await Within(patience, (_ended ??= NewSignal()).Task, cancellation);
        return Seen();
    }

    private async Task Within(TimeSpan patience, Task signal, CancellationToken cancellation)
    {
        using var heard = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(signal, Task.Delay(patience, desk.Clock, heard.Token));
        heard.Cancel();
    }

    /// <summary>Being read is what it takes.</summary>
    public Task Wake() => _isRead && (_run.Status.IsAtRest() || !Run.IsIdle(_run)) ? Task.CompletedTask : Offer(null);

    public async Task<HeartbeatAnswer> Heartbeat(Heartbeat heartbeat)
    {
        await Known();
        if (Run.HasNotMade(_run, heartbeat.Stage, heartbeat.Attempt)) return HeartbeatAnswer.Continue;
        if (Run.IsOutdated(_run, heartbeat.Stage, heartbeat.Attempt)) return HeartbeatAnswer.Stop;
        _heard[(heartbeat.Stage, heartbeat.Attempt)] = desk.Clock.GetUtcNow();
        if (Run.HandsBack(_run, heartbeat) is { } command) Put(new Letter(command, null, default));
        foreach (var progress in heartbeat.Progress) _progress[progress.Step] = progress;
        if (IsHeldUp(heartbeat.Stage, heartbeat.Attempt, heartbeat.Limit?.Wait() ?? heartbeat.Slot?.Wait()) || heartbeat.Progress.Length > 0) Changed();
        var isInLine = heartbeat.Slot is not null || heartbeat.Limit is not null; // and would begin while the run is paused
        return _run.Status == RunStatus.Cancelling || _run.Status == RunStatus.Paused && isInLine
            ? HeartbeatAnswer.Stop : HeartbeatAnswer.Continue;
    }

    public async Task<bool> IsAtWork(int? stage, Attempt attempt)
    {
        await Known();
        return Run.IsAtWork(_run, stage, attempt);
    }

    private void Put(Letter letter)
    {
        _inbox.Enqueue(letter);
        if (!_pumping) _pump = Pump();
    }

    private async Task Pump()
    {
        _pumping = true;
        try
        {
            while (_inbox.Count > 0)
            {
                _batch = TakeBatch();
                await Turn(_batch);
            }
        }
        finally
        {
            _batch = [];
            _pumping = false;
        }
    }

    private List<Letter> TakeBatch()
    {
        var batch = new List<Letter>(Math.Min(_inbox.Count, desk.Options.BatchMax));
        while (batch.Count < desk.Options.BatchMax && _inbox.TryDequeue(out var letter)) batch.Add(letter);
        return batch;
    }

    /// <summary>Decides each letter on the run as the letters before left it, appends all that happens in one act, then lets it
    /// be seen.</summary>
    private async Task Turn(List<Letter> batch)
    {
        Draft draft;
        try
        {
            if (batch.Exists(NeedsReading)) await Read(batch);
            draft = Decide(batch);
            if (!await Append(draft))
            {
                await Read(batch); // the run was there before this activation
                draft = Decide(batch);
                await Append(draft);
            }
        }
        catch (FaultException e) when (e.Fault.Code == RunDesk.Overtaken) // nothing was stored: there is no such run
        {
            foreach (var letter in batch) letter.Answer?.TrySetResult(new Answer.Refused([e.Fault]));
            return;
        }
        catch (Exception e)
        {
            GiveUp(batch, e);
            return;
        }
        _run = draft.Run;
        for (var i = 0; i < batch.Count; i++) batch[i].Answer?.TrySetResult(draft.Answers[i]);
        if (draft.Events.IsEmpty) return;
        LogEvents(draft.Events);
        Pay(Run.Owed(_run, draft.Events));
        if (_run.Status.IsTerminal()) TellWatch();
        Changed();
        if (!_run.Status.IsAtRest()) return;
        if (_run.Status.IsTerminal()) TellSchedule();
        End();
    }

    /// <summary>Who waits until nobody drives it any more hears of it, and seldom asks again; an ended run that nobody waits for
    /// stays until the next look, for who started it is about to ask.</summary>
    private void End()
    {
        foreach (var use in _run.Plan!.Spec.Takes()) limits.GiveBack(use.Name, LimitTicket.Of(Id));
        if (_ended is null) return;
        _ended.TrySetResult();
        _ended = null;
        DeactivateOnIdle();
    }

    /// <param name="Run">As it is when the events are stored.</param>
    private readonly record struct Draft(
        Run Run, ImmutableArray<RunEvent> Events, Answer[] Answers, DateTimeOffset At, StartFence? Fence);

    private Draft Decide(List<Letter> batch)
    {
        var events = ImmutableArray.CreateBuilder<RunEvent>();
        var answers = new Answer[batch.Count];
        var (after, now, fence) = (_run, desk.Clock.GetUtcNow(), (StartFence?)null);
        for (var i = 0; i < answers.Length; i++)
        {
            var decision = batch[i].Command switch
            {
                null => Decision.Nothing,
                RunCommand.Start start => desk.Begin(after, Id, start, now),
                RunCommand.Redrive redrive => desk.Redrive(after, redrive, now),
                var command => Run.Decide(after, command, now),
            };
            if (decision is Decision.Accepted accepted)
            {
                if (!after.Exists && batch[i].Command is RunCommand.Start { Follows: { } follows } start)
                    fence = new StartFence(RunStarter.StartKey(start), follows.Last);
                foreach (var happened in accepted.Events) after = Run.Apply(after, happened);
                events.AddRange(accepted.Events);
            }
            answers[i] = decision is Decision.Refused refused
                ? new Answer.Refused(refused.Faults)
                : new Answer.Done(after.Status, after.Version);
        }
        return new Draft(after, events.DrainToImmutable(), answers, now, fence);
    }

    /// <summary>False: the run was never read, and turns out to be there.</summary>
    private async Task<bool> Append(Draft draft)
    {
        if (draft.Events.IsEmpty) return true;
        _appendingSince = draft.At;
        try
        {
            _snapshotVersion = await desk.Append(_run, draft.Run, draft.Events, _snapshotVersion, draft.At, draft.Fence);
            return _isRead = true;
        }
        catch (FaultException e) when (e.Fault.Kind == FaultKind.Fenced && !_isRead)
        {
            return false;
        }
        finally
        {
            _appendingSince = null;
        }
    }

    private bool NeedsReading(Letter letter) =>
        letter.Command is not { } command || command is not RunCommand.Start && (!_isRead || Run.IsBehind(_run, command));

    /// <param name="batch">Gets a letter before the others where the run came from a dead process.</param>
    private async Task Read(List<Letter> batch)
    {
        var stored = await desk.Journal.Read(Id, CancellationToken.None);
        if (_isRead && (stored?.Version ?? 0) == _run.Version) return;
        if (stored is not null) (_run, _snapshotVersion) = (stored.Replay(), stored.SnapshotVersion);
        var last = _isRead || _run.Status.IsAtRest() ? null : await rescuer.LastDriver(Id);
        if (last is (var dead, true)) batch.Insert(0, new Letter(new RunCommand.Rescue(dead), null, desk.Clock.GetUtcNow()));
        _isHeir = last is not null || batch.Exists(letter => letter.Command is RunCommand.Rescue);
        _isRead = true;
        Recover();
        HeedPause();
        Changed();
        if (_run.Status.IsTerminal()) End();
    }

    /// <summary>What is true is not known any more, or belongs to somebody else: the next activation reads it.</summary>
    private void GiveUp(List<Letter> batch, Exception why)
    {
        LogGivenUp(Id.Value, why.Message);
        _leaving = true;
        if (why is FaultException { Fault.Kind: FaultKind.Fenced }) _isAnothers = true;
        else _isUnsure = true;
        foreach (var letter in batch.Concat(_inbox)) letter.Answer?.TrySetException(why);
        _inbox.Clear();
        DeactivateOnIdle();
    }

    private void Changed()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A start does not wait for a store that is away until its caller stops listening.</summary>
    private void AnswerSlowStarts()
    {
        var since = desk.Clock.GetUtcNow() - desk.Options.StartPatience;
        foreach (var letter in _batch.Concat(_inbox))
            if (letter.Command is RunCommand.Start && letter.At <= since) letter.Answer?.TrySetException(Slow());
    }

    private FaultException Slow() => new(new Fault(
        FaultKind.Unavailable, "ETL4252",
        $"The store did not take run {Id} within {desk.Options.StartPatience.TotalSeconds:0} s; it is not known whether it began.", null,
        "Start it again under the same id."));

    private FaultException Busy() => new(new Fault(
        FaultKind.Unavailable, "ETL4214", $"Run {Id} has {desk.Options.InboxMax} commands waiting.", null, "Try again."));
}
