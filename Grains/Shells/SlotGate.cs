using OrleansEtl.Engine.Slots;

namespace OrleansEtl.Shells;

/// <summary>The slots of this process: holds a <see cref="SlotPool"/>, lets those in whom it grants, keeps the others waiting.</summary>
public sealed class SlotGate(SlotNeed capacity, SlotNeed share)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SlotTicket, TaskCompletionSource> _waiting = [];
    private SlotPool _pool = SlotPool.Of(capacity);

    public static SlotGate Of(ShellOptions options) => new(
        new SlotNeed(options.StagesAtOnce, options.MemoryBytes), new SlotNeed(1, options.MemoryBytes / options.StagesAtOnce));

    /// <summary>Waits for the slots of one attempt: a share, or everything when it is to run alone.</summary>
    /// <exception cref="FaultException">There will never be enough, too many wait, or the attempt is here already.</exception>
    public async Task<IDisposable> Enter(StageWork work, CancellationToken cancellation)
    {
        var ticket = new SlotTicket(work.Run, work.Stage, work.Attempt);
        var need = work.Alone ? capacity : share;
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_pool.Holds(ticket) || _pool.Waits(ticket)) throw Twice(work);
            _waiting[ticket] = granted;
            Tell(new SlotCommand.Ask(new SlotAsk(ticket, new SlotHolder(work.Run.Value), need, Priority: 0)));
        }
        var slot = new Slot(this, ticket);
        try
        {
            using (cancellation.UnsafeRegister(static (waiter, token) => ((TaskCompletionSource)waiter!).TrySetCanceled(token), granted))
                await granted.Task;
            return slot;
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    private void Leave(SlotTicket ticket)
    {
        lock (_lock)
        {
            _waiting.Remove(ticket);
            Tell(new SlotCommand.Release(ticket));
        }
    }

    /// <summary>Under the lock.</summary>
    private void Tell(SlotCommand command)
    {
        var decision = SlotPool.Decide(_pool, command);
        if (decision is SlotDecision.Refused refused)
        {
            if (command is SlotCommand.Ask ask) _waiting.Remove(ask.For.Ticket);
            throw new FaultException(refused.Fault);
        }
        var accepted = (SlotDecision.Accepted)decision;
        _pool = accepted.Events.Aggregate(_pool, SlotPool.Apply);
        foreach (var debt in SlotPool.Owed(_pool, accepted.Events))
        {
            switch (debt)
            {
                case SlotDebt.Grant grant when _waiting.Remove(grant.Ticket, out var waiter): waiter.TrySetResult(); break;
                case SlotDebt.TurnAway away when _waiting.Remove(away.Ticket, out var waiter):
                    waiter.TrySetException(new FaultException(away.Fault));
                    break;
            }
        }
    }

    private static FaultException Twice(StageWork work) => new(new Fault(
        FaultKind.Unavailable, "ETL4215", $"Attempt {work.Attempt} of stage {work.Stage} of run {work.Run} runs in this process already."));

    private sealed class Slot(SlotGate gate, SlotTicket ticket) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave(ticket);
        }
    }
}
