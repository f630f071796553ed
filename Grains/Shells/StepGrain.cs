using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Shells.Limits;
using OrleansEtl.Steps;

namespace OrleansEtl.Shells;

/// <summary>
/// Runs the attempts of one stage, off the grain's own turns. It answers Dispatch at once, says four times a second that it is alive,
/// and keeps the outcome until the run has heard it or has refused it as stale: a finished attempt is never run again because
/// nobody listened.
/// </summary>
[GrainType("step"), Role(SiloRoles.Data)]
public sealed partial class StepGrain(
    StageReuse stages, LimitGate limits, SlotGate slots, Pulse pulse, ShellOptions options, TimeProvider clock, Closing closing,
    ILogger<StepGrain> log)
    : Grain, IStepGrain
{
    /// <summary>Under which the client's name for a call travels with it, from one call to the next.</summary>
    private const string Correlation = "etl-correlation";

    private RunningAttempt? _attempt;
    private Task _running = Task.CompletedTask;

    public Task Dispatch(StageWork work)
    {
        if (_attempt is { } current && current.Work.Attempt.CompareTo(work.Attempt) >= 0) return Task.CompletedTask;
        if (pulse.HasEnded(work)) return Task.CompletedTask;
        _attempt?.Stop();
        work = work with { Correlation = RequestContext.Get(Correlation) as string };
        _attempt = new RunningAttempt(work, clock.GetUtcNow(), closing.Token);
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        _running = RunAndReport(_attempt);
        return Task.CompletedTask;
    }

    /// <summary>A silo that leaves stops its attempts and says so, that they may go on elsewhere at once, and waits until their
    /// queries have let go of their files.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_running.IsCompleted) return;
        if (!closing.Token.IsCancellationRequested) _attempt?.Stop();
        await Task.WhenAny(_running, Task.Delay(options.LeavePatience, clock, cancellationToken));
    }

    public Task<bool> Holds(Attempt attempt) => Task.FromResult(_attempt?.Work.Attempt == attempt);

    public Task<bool> Stop(Attempt attempt)
    {
        if (_attempt?.Work.Attempt != attempt) return Task.FromResult(false);
        _attempt.Stop();
        return Task.FromResult(true);
    }

    private async Task RunAndReport(RunningAttempt attempt)
    {
        pulse.Enter(attempt);
        try
        {
            var outcome = await Run(attempt);
            if (closing.Token.IsCancellationRequested) return; // a process that ends reports nothing: the run goes on later or elsewhere
            await Report(attempt.Work, outcome);
        }
        finally
        {
            pulse.Leave(attempt);
            attempt.Dispose();
        }
        if (_attempt != attempt) return;
        _attempt = null;
        DeactivateOnIdle();
    }

    private async Task<StageOutcome> Run(RunningAttempt attempt)
    {
        var (work, stopped) = (attempt.Work, attempt.Stopped);
        try
        {
            using var pass = await limits.Enter(attempt);
            using var slot = await slots.Enter(work, stopped);
            if (work.IsSuspect && !await Begins(attempt)) return new StageOutcome.Stopped();
            return await stages.Run(work, attempt.Say, stopped);
        }
        catch (Exception e) when (stopped.IsCancellationRequested && e is not FaultException) // however it takes being stopped
        {
            return new StageOutcome.Stopped();
        }
        catch (FaultException e)
        {
            return Failed(work, e.Fault);
        }
        catch (Exception e) // a step kind must not take the process with it
        {
            LogBug(work.Run.Value, work.Stage, e);
            return Failed(work, new Fault(FaultKind.Bug, "ETL9002", $"{e.GetType().Name}: {e.Message}", null, "Please report it."));
        }
    }

    /// <summary>What may kill this process begins when that is stored, so that its death is laid to it and to nobody beside it.</summary>
    private async Task<bool> Begins(RunningAttempt attempt)
    {
        var (work, wait) = (attempt.Work, options.ReportWait);
        while (true)
            try
            {
                var answer = await GrainFactory.GetGrain<IPipelineGrain>(work.Run.Value).Tell(new RunCommand.Begin(work.Stage, work.Attempt));
                return answer is Answer.Done;
            }
            catch (Exception e) // its silo or the store is away
            {
                attempt.Stopped.ThrowIfCancellationRequested();
                LogUnheard(work.Run.Value, work.Stage, e.Message);
                await Task.Delay(wait, clock, attempt.Stopped);
                wait = wait * 2 < options.ReportWaitMax ? wait * 2 : options.ReportWaitMax;
            }
    }

    private static StageOutcome.Failed Failed(StageWork work, Fault fault) => new(work.Steps[^1].Id, fault, []);

    /// <summary>Until the run has answered: Done, or refused because another attempt is current.</summary>
    private async Task Report(StageWork work, StageOutcome outcome)
    {
        var wait = options.ReportWait;
        while (!closing.Token.IsCancellationRequested)
        {
            try
            {
                await GrainFactory.GetGrain<IPipelineGrain>(work.Run.Value).Tell(new RunCommand.Report(work.Stage, work.Attempt, outcome));
                return;
            }
            catch (Exception e)
            {
                LogUnheard(work.Run.Value, work.Stage, e.Message);
                await Task.Delay(wait, clock);
                wait = wait * 2 < options.ReportWaitMax ? wait * 2 : options.ReportWaitMax;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{run} stage {stage} met a bug")]
    private partial void LogBug(string run, int stage, Exception bug);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{run} stage {stage} could not report, tries again: {reason}")]
    private partial void LogUnheard(string run, int stage, string reason);
}
