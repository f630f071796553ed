using OrleansEtl.Engine.Slots;

namespace OrleansEtl.Shells;

/// <summary>The slots of this process: holds a <see cref="SlotPool"/>, lets those in whom it grants, keeps the others waiting.
/// Runs share the line: each has at most <see cref="InLineMax"/> attempts in it, and the next one stands at the end when one of
/// them is let in, so that a run with ten thousand stages does not keep the others out.</summary>
public sealed class SlotGate(SlotNeed capacity, SlotNeed share)
{
    /// <summary>Enough that a run which is alone never leaves a slot empty.</summary>
    private readonly int InLineMax = Math.Max(2, capacity.Cpus);

    private static readonly Dictionary<SlotTicket, (int, SlotShortage)> Nobody = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<SlotTicket, TaskCompletionSource> _waiting = [];
    private readonly Dictionary<RunId, RunLine> _lines = [];
    private SlotPool _pool = SlotPool.Of(capacity);

    public static SlotGate Of(ShellOptions options) => new(
        new SlotNeed(options.StagesAtOnce, options.MemoryBytes), new SlotNeed(1, options.MemoryBytes / options.StagesAtOnce));

    /// <summary>Waits for the slots of one attempt: a share, or everything when it is to run alone.</summary>
    /// <exception cref="FaultException">There will never be enough, too many wait, or the attempt is here already.</exception>
    public async Task<IDisposable> Enter(StageWork work, CancellationToken cancellation)
    {
        var ticket = new SlotTicket(work.Run, work.Stage, work.Attempt);
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_pool.Holds(ticket) || _waiting.ContainsKey(ticket)) throw Twice(work);
            _waiting[ticket] = granted;
            Stand(new SlotAsk(ticket, new SlotHolder(work.Run.Value), work.Alone ? capacity : share, Level(work.Priority)));
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

    /// <summary>Those who wait at this moment, each with how many are let in before it and what is short; empty when nobody does. Of
    /// the attempts of a run that do not stand in line yet, those of other runs that do not either are not counted.</summary>
    public IReadOnlyDictionary<SlotTicket, (int Before, SlotShortage Short)> Waiting()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) return Nobody;
            var all = new Dictionary<SlotTicket, (int, SlotShortage)>(_waiting.Count);
            var last = default(SlotShortage);
            foreach (var (ticket, shortage) in _pool.Waiting()) all[ticket] = (all.Count, last = shortage);
            var inLine = all.Count;
            foreach (var line in _lines.Values)
            {
                var before = inLine;
                foreach (var ask in line.Behind)
                    if (_waiting.ContainsKey(ask.Ticket)) all[ask.Ticket] = (before++, last);
            }
            return all;
        }
    }

    /// <summary>-100 to 100 on the pool's ten levels; 0 is in the middle.</summary>
    private static int Level(int priority) =>
        (priority + RunCommand.Start.PriorityMax) * SlotPool.PriorityMax / (2 * RunCommand.Start.PriorityMax);

    /// <summary>Under the lock.</summary>
    private void Stand(SlotAsk ask)
    {
        if (!_lines.TryGetValue(ask.Ticket.Run, out var line)) _lines[ask.Ticket.Run] = line = new RunLine();
        if (line.InLine.Count >= InLineMax)
        {
            line.Behind.Enqueue(ask);
            return;
        }
        line.InLine.Add(ask.Ticket);
        Tell(new SlotCommand.Ask(ask));
    }

    private void Leave(SlotTicket ticket)
    {
        lock (_lock)
        {
            _waiting.Remove(ticket);
            StepUp(ticket);
            Tell(new SlotCommand.Release(ticket));
        }
    }

    /// <summary>The ticket waits no more: the next one of its run may stand in line. Under the lock.</summary>
    private void StepUp(SlotTicket ticket)
    {
        if (!_lines.TryGetValue(ticket.Run, out var line) || !line.InLine.Remove(ticket)) return;
        while (line.Behind.TryDequeue(out var next))
        {
            if (!_waiting.ContainsKey(next.Ticket)) continue; // it has left meanwhile
            line.InLine.Add(next.Ticket);
            Tell(new SlotCommand.Ask(next));
            return;
        }
        if (line.InLine.Count == 0) _lines.Remove(ticket.Run);
    }

    /// <summary>Under the lock.</summary>
    private void Tell(SlotCommand command)
    {
        var decision = SlotPool.Decide(_pool, command);
        if (decision is SlotDecision.Refused refused)
        {
            if (command is SlotCommand.Ask ask) TurnAway(ask.For.Ticket, refused.Fault);
            return;
        }
        var accepted = (SlotDecision.Accepted)decision;
        foreach (var happened in accepted.Events) _pool = SlotPool.Apply(_pool, happened);
        foreach (var debt in SlotPool.Owed(_pool, accepted.Events))
        {
            switch (debt)
            {
                case SlotDebt.Grant grant when _waiting.Remove(grant.Ticket, out var waiter):
                    waiter.TrySetResult();
                    StepUp(grant.Ticket);
                    break;
                case SlotDebt.TurnAway away: TurnAway(away.Ticket, away.Fault); break;
            }
        }
    }

    private void TurnAway(SlotTicket ticket, Fault fault)
    {
        if (_waiting.Remove(ticket, out var waiter)) waiter.TrySetException(new FaultException(fault));
        StepUp(ticket);
    }

    private static FaultException Twice(StageWork work) => new(new Fault(
        FaultKind.Unavailable, "ETL4215", $"Attempt {work.Attempt} of stage {work.Stage} of run {work.Run} runs in this process already."));

    /// <summary>The attempts of one run that wait.</summary>
    private sealed class RunLine
    {
        public HashSet<SlotTicket> InLine { get; } = [];
        public Queue<SlotAsk> Behind { get; } = [];
    }

    private sealed class Slot(SlotGate gate, SlotTicket ticket) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave(ticket);
        }
    }
}
