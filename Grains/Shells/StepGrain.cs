using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Steps;

namespace OrleansEtl.Shells;

/// <summary>
/// Runs the attempts of one stage, off the grain's own turns. It answers Dispatch at once, says four times a second that it is alive,
/// and keeps the outcome until the run has heard it or has refused it as stale: a finished attempt is never run again because
/// nobody listened.
/// </summary>
[GrainType("step")]
public sealed partial class StepGrain(
    IStageRunner runner, SlotGate slots, ShellOptions options, TimeProvider clock, Closing closing, ILogger<StepGrain> log)
    : Grain, IStepGrain
{
    private CancellationTokenSource? _stop;
    private StageWork? _work;
    private IGrainTimer? _heartbeat;
    private Task _running = Task.CompletedTask;
    private ImmutableArray<StepProgress> _progress = [];

    private IPipelineGrain Pipeline => GrainFactory.GetGrain<IPipelineGrain>(_work!.Run.Value);

    public Task Dispatch(StageWork work)
    {
        if (_work is { } current && current.Attempt.CompareTo(work.Attempt) >= 0) return Task.CompletedTask;
        _stop?.Cancel();
        _work = work;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        _progress = [];
        _heartbeat?.Dispose();
        _heartbeat = this.RegisterGrainTimer(Beat, new GrainTimerCreationOptions
        {
            DueTime = options.HeartbeatEvery, Period = options.HeartbeatEvery, Interleave = true, KeepAlive = true,
        });
        _running = RunAndReport(work, _stop);
        return Task.CompletedTask;
    }

    /// <summary>A silo that leaves stops its attempts, so that they go on elsewhere, and waits until their queries have let go of
    /// their files.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (reason.ReasonCode != DeactivationReasonCode.ShuttingDown) return;
        if (!closing.Token.IsCancellationRequested) _stop?.Cancel();
        await Task.WhenAny(_running, Task.Delay(options.LeavePatience, clock, cancellationToken));
    }

    public Task<bool> Holds(Attempt attempt) => Task.FromResult(_work?.Attempt == attempt);

    public Task<bool> Stop(Attempt attempt)
    {
        if (_work?.Attempt != attempt) return Task.FromResult(false);
        _stop!.Cancel();
        return Task.FromResult(true);
    }

    private async Task Beat(CancellationToken cancellation)
    {
        if (_work is not { } work) return;
        var answer = await Pipeline.Heartbeat(new Heartbeat(work.Stage, work.Attempt, _progress));
        if (answer == HeartbeatAnswer.Stop && _work == work) _stop!.Cancel();
    }

    private async Task RunAndReport(StageWork work, CancellationTokenSource stop)
    {
        using (stop)
        {
            var outcome = await Run(work, stop.Token);
            if (closing.Token.IsCancellationRequested) return; // a process that ends reports nothing: the run goes on later or elsewhere
            await Report(work, outcome);
        }
        if (_work != work) return;
        _heartbeat?.Dispose();
        (_work, _stop) = (null, null);
        DeactivateOnIdle();
    }

    private async Task<StageOutcome> Run(StageWork work, CancellationToken stopped)
    {
        try
        {
            using var slot = await slots.Enter(work, stopped);
            return await runner.Run(work, progress => _progress = progress, stopped);
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
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
