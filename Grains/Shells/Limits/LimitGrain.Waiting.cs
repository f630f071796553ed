using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Shells.Limits;

/// <summary>Those who wait for an answer, the time that passes for them, and the runs that are asked after their attempts.</summary>
public sealed partial class LimitGrain
{
    private Task Signal(LimitTicket ticket)
    {
        if (!_waiting.TryGetValue(ticket, out var signal))
            _waiting[ticket] = signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return signal.Task;
    }

    private async Task Within(TimeSpan patience, Task signal)
    {
        using var heard = new CancellationTokenSource();
        await Task.WhenAny(signal, Task.Delay(patience, clock, heard.Token));
        heard.Cancel();
    }

    private void Announce(LimitEvent happened)
    {
        switch (happened)
        {
            case LimitEvent.Granted { Ticket: var ticket }: Answer(ticket); break;
            case LimitEvent.Withdrawn { Ticket: var ticket }: Answer(ticket); break;
            case LimitEvent.Changed or LimitEvent.Deleted or LimitEvent.Paused or LimitEvent.Resumed or LimitEvent.Freed:
                LogAct(Name, happened.GetType().Name, happened);
                break;
        }
    }

    private void Answer(LimitTicket ticket)
    {
        if (_waiting.Remove(ticket, out var signal)) signal.TrySetResult();
    }

    private void AnswerAll()
    {
        foreach (var signal in _waiting.Values) signal.TrySetResult();
        _waiting.Clear();
    }

    private void SetWake()
    {
        var now = clock.GetUtcNow();
        if (_leaving || _limit.NextWake(now) is not { } at || _wakeAt <= at) return;
        _wake?.Dispose();
        _wakeAt = at;
        _wake = this.RegisterGrainTimer(_ => Elapse(), new GrainTimerCreationOptions
        {
            DueTime = at > now ? at - now : TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan, Interleave = true, KeepAlive = true,
        });
    }

    private async Task Elapse()
    {
        _wakeAt = null;
        if (_leaving) return;
        try
        {
            await Offer(new LimitCommand.Elapse());
        }
        catch (FaultException e) // it is busy, or has given up: who waits asks again
        {
            LogGivenUp(Name, e.Message);
        }
    }

    private void AskAfterSilent()
    {
        foreach (var debt in Limit.Owed(_limit, clock.GetUtcNow()))
            if (debt is LimitDebt.AskAfter silent && _asking.Count < options.WakesAtOnce && _asking.Add(silent.Ticket)) _ = AskAfter(silent.Ticket);
    }

    private async Task AskAfter(LimitTicket ticket)
    {
        try
        {
            var lives = await holders.Live(ticket);
            if (_leaving) return;
            await Offer(lives ? new LimitCommand.Renew([ticket]) : new LimitCommand.Release(ticket));
            if (!lives) LogDead(Name, ticket.ToString());
        }
        catch (Exception e) // its run is away for a moment, and holds on meanwhile
        {
            LogUnasked(Name, ticket.ToString(), e.Message);
        }
        finally
        {
            _asking.Remove(ticket);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "limit {name} {event} {fields}")]
    private partial void LogAct(string name, string @event, LimitEvent fields);

    [LoggerMessage(Level = LogLevel.Warning, Message = "limit {name} takes back what {ticket} held, which is dead")]
    private partial void LogDead(string name, string ticket);

    [LoggerMessage(Level = LogLevel.Warning, Message = "limit {name} could not ask after {ticket}, tries again: {reason}")]
    private partial void LogUnasked(string name, string ticket, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "limit {name} gives up its activation: {reason}")]
    private partial void LogGivenUp(string name, string reason);
}
