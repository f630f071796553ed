using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Shells;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>What people say to a run of a home: to one that this process drives at once, to another's by letter, and for one that nobody
/// drives it is written down, without driving it.</summary>
public sealed partial class EmbeddedEtl
{
    public async Task<Begun> Resume(RunId run, CancellationToken cancellation) =>
        await Past(run, cancellation) is { } past ? await TakeUp(past, unpauses: true, cancellation) : Refused(Unknown(run));

    public Task<Answer> Cancel(RunId run, string reason, string? by, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Cancel(reason, by), cancellation);

    private Task<Answer> CancelChild(RunId run, string reason) => Cancel(run, reason, null, CancellationToken.None);

    public Task<Answer> Pause(RunId run, string reason, string? by, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Pause(reason, by), cancellation);

    public Task<PipelinePause> PausePipeline(string? pipeline, string reason, string? by, CancellationToken cancellation) =>
        Pauses.Pause(pipeline, reason, by, cancellation);

    public Task<PipelinePause?> ResumePipeline(string? pipeline, CancellationToken cancellation) =>
        Pauses.Resume(pipeline, cancellation);

    public async Task<ImmutableArray<PipelinePause>> PausedPipelines(CancellationToken cancellation) =>
        (await Pauses.Read(cancellation)).All;

    private PauseStore Pauses => new(_store.GrainStates, _clock, Guid.NewGuid);

    public Task<Answer> Skip(RunId run, StepId step, string reason, string? by, bool wholeStage, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Skip(step, reason, by, wholeStage), cancellation);

    public Task<Answer> Succeed(
        RunId run, StepId step, string reason, ImmutableArray<Field> values, string? by, bool wholeStage,
        CancellationToken cancellation) =>
        Tell(run, new RunCommand.Succeed(step, reason, values, by, wholeStage), cancellation);

    public Task<Answer> Signal(
        RunId run, string name, ImmutableArray<Field> data, string? key, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Signal(name, data, key ?? Guid.NewGuid().ToString("N")), cancellation); // told again, it counts once

    public Task<Answer> Review(
        RunId run, StepId step, bool approved, string? by, string? comment, CancellationToken cancellation) =>
        Tell(run, new RunCommand.Review(step, approved, by, comment), cancellation);

    public async Task<Begun> Redrive(RunId run, string? by, CancellationToken cancellation)
    {
        if (await Past(run, cancellation) is not { } past) return Refused(Unknown(run));
        if (past.Status is RunStatus.Failed or RunStatus.Cancelled) return await RunAgainOnce(past, cancellation);
        if (past.Quarantine is null) return Refused(Redriving.Refusal(run, past.Status));
        switch (await _seat.Claim(run, cancellation))
        {
            case Claim.Taken:
                var silo = await Drive(past.Folder, cancellation);
                await silo.TakeUp(run, from: null);
                return BegunOf(run, await silo.Tell(run, new RunCommand.Redrive(by)));
            case Claim.Held: return BegunOf(run, await SendLetter(run, new RunCommand.Redrive(by), cancellation) ?? Silent(run));
            case Claim.Ended ended: return Refused(Redriving.Refusal(run, ended.Status));
            default: return Refused(Unknown(run));
        }
    }

    private async Task<Begun> RunAgainOnce(Run past, CancellationToken cancellation)
    {
        var wished = new StartClaim(NewRun(), past.Plan!.Version, "", "", "");
        var holds = await StartKeys.Claim(_store.GrainStates, past.Plan.Spec.Name, Redriving.Key(past.Id), wished, _clock.GetUtcNow(), cancellation);
        if (holds.Run == wished.Run || await Past(holds.Run, cancellation) is not { } again)
            return await RunAgain(past, holds.Run, new RerunRequest(past.Id, null, []), cancellation);
        if (!again.Status.IsAtRest()) await TakeUp(again, unpauses: false, cancellation);
        return new Begun.Run(again.Id, IsExisting: true);
    }

    private async Task<Begun> TakeUp(Run past, bool unpauses, CancellationToken cancellation)
    {
        var run = past.Id;
        var isToGoOn = unpauses && past.Status == RunStatus.Paused;
        switch (await _seat.Claim(run, cancellation))
        {
            case Claim.Taken when past.Quarantine is not null:
                await _seat.Release(run, CancellationToken.None);
                return BegunOf(run, Undone(past, new RunCommand.Resume()));
            case Claim.Taken taken:
                var silo = await Drive(past.Folder, cancellation);
                var begun = await silo.TakeUp(run, taken.From);
                return isToGoOn && begun is Begun.Run ? BegunOf(run, await silo.Tell(run, new RunCommand.Resume())) : begun;
            case Claim.Held when isToGoOn:
                return BegunOf(run, await SendLetter(run, new RunCommand.Resume(), cancellation) ?? Silent(run));
            case Claim.Held held:
                return Refused(new Fault(FaultKind.Conflict, "ETL4221",
                    $"Run {run} is being driven by process {held.Holder.ProcessId} on {held.Holder.Host}.", null,
                    $"Watch it with: etl runs show {run}"));
            case Claim.Ended ended:
                return Refused(new Fault(FaultKind.Conflict, "ETL4203",
                    $"Run {run} has ended: {ended.Status.Word()}.", null, $"Run it again with: etl rerun {run}"));
            default: return Refused(Unknown(run));
        }
    }

    private static Begun BegunOf(RunId run, Answer answer) =>
        answer is Answer.Refused refused ? new Begun.Refused(refused.Faults) : new Begun.Run(run);

    private async Task<Answer> Tell(RunId run, RunCommand command, CancellationToken cancellation)
    {
        var until = _clock.GetUtcNow() + _options.LetterPatience;
        do
        {
            if (_silo is { } mine && mine.Drives(run)) return await mine.Tell(run, command);
            if (await Past(run, cancellation) is not { } past) return new Answer.Refused([Unknown(run)]);
            if (past.Status.IsTerminal())
                return Undone(past, command);
            if (await _seat.Claim(run, cancellation) is var claim and not Claim.Held)
                return await TellUndriven(past, command, (claim as Claim.Taken)?.From, cancellation);
            if (await SendLetter(run, command, cancellation) is { } answer) return answer;
        }
        while (_clock.GetUtcNow() < until);
        return Silent(run);
    }

    /// <summary>What is to be said about a wish that changes nothing.</summary>
    private Answer Undone(Run past, RunCommand command) => Run.Decide(past, command, _clock.GetUtcNow()) is Decision.Refused no
        ? new Answer.Refused(no.Faults)
        : new Answer.Done(past.Status, past.Version);

    /// <param name="from">The dead process that drove it.</param>
    private async Task<Answer> TellUndriven(Run past, RunCommand command, string? from, CancellationToken cancellation)
    {
        if (command is not RunCommand.Cancel)
        {
            try
            {
                if (from is not null) await UndrivenRun.Tell(Desk(), past.Id, new RunCommand.Rescue(from), cancellation);
                return await UndrivenRun.Tell(Desk(), past.Id, command, cancellation);
            }
            finally
            {
                await _seat.Release(past.Id, CancellationToken.None);
            }
        }
        var silo = await Drive(past.Folder, cancellation); // what ran when its process died is to be found lost
        await silo.TakeUp(past.Id, from: null);
        var answer = await silo.Tell(past.Id, command);
        if (answer is not Answer.Done || await silo.Ended(past.Id, _options.CancelPatience, cancellation) is not { } view) return answer;
        return new Answer.Done(view.Status, view.Version);
    }

    private RunDesk Desk() => new(
        _store.Journal, spec => PlanCheck.Check(spec, _options.Kinds.Specs), _clock, null, Guid.NewGuid, new ShellOptions());

    /// <summary>Null: nobody answered while there was somebody to answer, and nobody will.</summary>
    private async Task<Answer?> SendLetter(RunId run, RunCommand command, CancellationToken cancellation)
    {
        var until = _clock.GetUtcNow() + _options.LetterPatience;
        var letter = await _store.Drivers.Post(run, EventCodec.Write(command), _clock.GetUtcNow(), cancellation);
        try
        {
            bool isHopeful;
            do
            {
                isHopeful = _clock.GetUtcNow() < until && await HasReader(run, cancellation);
                if (await _store.Drivers.Answer(letter, cancellation) is { } answer) return EventCodec.ReadAnswer(answer);
                if (isHopeful) await Task.Delay(_options.LettersEvery, _clock, cancellation);
            }
            while (isHopeful);
        }
        catch (OperationCanceledException)
        {
            await _store.Drivers.Withdraw(letter, CancellationToken.None);
            throw;
        }
        return await _store.Drivers.Withdraw(letter, CancellationToken.None) ? null
            : EventCodec.ReadAnswer((await _store.Drivers.Answer(letter, cancellation))!);
    }

    /// <summary>Letters to ended runs are answered by any driver.</summary>
    private async Task<bool> HasReader(RunId run, CancellationToken cancellation) =>
        await _store.Drivers.Holder(run, _clock.GetUtcNow(), cancellation) is not null;

    private Answer.Refused Silent(RunId run) => new([new Fault(FaultKind.Unavailable, "ETL4222",
        $"The process that drives run {run} did not answer for {_options.LetterPatience.TotalSeconds:0} s.", null, "Try again.")]);
}
