using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Shells.Limits;

/// <summary>
/// Where the attempts of this silo wait for named limits, before they wait for slots. What is the run's it keeps until it ends. An attempt
/// that does not hold any more what it thinks it holds is stopped.
/// </summary>
public sealed class LimitGate(IGrainFactory grains, LimitReturns returns, ShellOptions options, TimeProvider clock)
{
    private static readonly TimeSpan AskAgainMin = TimeSpan.FromSeconds(1);
    /// <summary>Well below the silence after which somebody in line counts as gone, and below the time of a call.</summary>
    private static readonly TimeSpan AskAgainMax = LimitBounds.WaiterPatience / 2;
    /// <summary>How much later one asks again for each that is before him: who is far behind has no news.</summary>
    private static readonly TimeSpan AskLater = TimeSpan.FromMilliseconds(2);

    private readonly ConcurrentDictionary<(string Limit, LimitTicket Ticket), RunningAttempt> _held = [];
    private readonly ConcurrentDictionary<string, bool> _renewing = [];

    private LimitReturns Returns => returns;

    /// <summary>Waits for all limits of the attempt. What it took for itself is given back with the result.</summary>
    /// <exception cref="FaultException">It can never have them.</exception>
    internal async Task<IDisposable> Enter(RunningAttempt attempt)
    {
        var work = attempt.Work;
        var pass = new Pass(this, new LimitTicket(work.Run, work.Stage, work.Attempt));
        if (work.IsUnlimited()) return pass;
        try
        {
            foreach (var (use, ticket) in LimitSequence.Of(work))
            {
                if (ticket == pass.Ticket) pass.Stands(use.Name);
                await Take(attempt, use, ticket);
                if (ticket == pass.Ticket) _held[(use.Name, ticket)] = attempt;
            }
            return pass;
        }
        catch
        {
            pass.Dispose();
            throw;
        }
        finally
        {
            attempt.Limit = null;
        }
    }

    /// <summary>Says that the attempts that hold something live.</summary>
    internal void Renew()
    {
        foreach (var limit in _held.Keys.GroupBy(held => held.Limit, held => held.Ticket))
            if (_renewing.TryAdd(limit.Key, true)) _ = Renew(limit.Key, [.. limit]);
    }

    private async Task Take(RunningAttempt attempt, LimitUse use, LimitTicket ticket)
    {
        var (grain, work, again) = (grains.GetGrain<ILimitGrain>(use.Name), attempt.Work, options.PayAgain);
        var ask = new LimitAsk(
            ticket, use.Weight, work.Priority, Limit.NamespaceOf(work.Pipeline), attempt.BegunAt,
            ticket.Stage is null ? work.Pipeline : $"{work.Pipeline}/{work.Steps[0].Id}",
            ticket.Stage is not null && work.Items is ItemWork.Slice ? true : null);
        try
        {
            // The first answer comes at once, and says why it has to wait.
            for (var patience = TimeSpan.Zero; ;)
                try
                {
                    switch (await grain.Ask(ask, patience).WaitAsync(attempt.Stopped))
                    {
                        case LimitAnswer.Granted: return;
                        case LimitAnswer.Refused { Fault: { IsTransient: false } fault }: throw new FaultException(fault);
                        case LimitAnswer.Refused refused: throw new TimeoutException(refused.Fault.Message);
                        case LimitAnswer.Waits { Wait: var wait }:
                            attempt.Limit = wait;
                            patience = Patience(wait.Before);
                            break;
                    }
                    again = options.PayAgain;
                }
                catch (Exception e) when (e is not FaultException { Fault.IsTransient: false })
                {
                    attempt.Stopped.ThrowIfCancellationRequested();
                    // The limit's silo or the store is away, or it is busy.
                    attempt.Limit ??= new LimitWait(use.Name, attempt.BegunAt, 0, LimitCause.Unknown);
                    await Task.Delay(again, clock, attempt.Stopped);
                    again = again * 2 < options.RepayEvery ? again * 2 : options.RepayEvery;
                }
        }
        catch when (ticket.Stage is null && attempt.Stopped.IsCancellationRequested)
        {
            returns.LeaveLine(use.Name, ticket); // other attempts of the run may wait with the same ticket, and ask again
            throw;
        }
    }

    private static TimeSpan Patience(int before) => AskAgainMin + before * AskLater is var wait && wait < AskAgainMax ? wait : AskAgainMax;

    private async Task Renew(string limit, ImmutableArray<LimitTicket> tickets)
    {
        try
        {
            foreach (var lost in await grains.GetGrain<ILimitGrain>(limit).Renew(tickets))
                if (_held.TryGetValue((limit, lost), out var attempt)) attempt.Stop();
        }
        catch (Exception) // the limit is away for a moment, and takes nothing from anybody by time alone
        {
        }
        finally
        {
            _renewing.TryRemove(limit, out _);
        }
    }

    private void GiveBack(string limit, LimitTicket ticket)
    {
        _held.TryRemove((limit, ticket), out _);
        returns.GiveBack(limit, ticket);
    }

    /// <summary>What one attempt holds for itself, or stands in line for.</summary>
    private sealed class Pass(LimitGate gate, LimitTicket ticket) : IDisposable
    {
        private readonly List<string> _taken = [];
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LimitTicket Ticket => ticket;

        public void Stands(string limit)
        {
            if (_taken.Count == 0) _ = gate.Returns.UnderWay.Begin(() => _left.Task);
            _taken.Add(limit);
        }

        public void Dispose()
        {
            foreach (var limit in _taken)
            {
                gate.GiveBack(limit, ticket);
            }
            _taken.Clear();
            _left.TrySetResult();
        }
    }
}
