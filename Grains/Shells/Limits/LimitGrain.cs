using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Shells.Limits;

/// <summary>
/// One named limit. Like a run it takes what was said in batches: decides all of it, writes once, then answers, so that thousands of grants
/// cost a few writes. What concerns only the line is never written: those in it ask again, of the next activation too. A write that finds
/// that somebody else has written (a second activation for a moment; in a home another process) reads, decides again, and so never lets in
/// more than there is. Whether silent holders live is asked of their runs, outside of any turn.
/// </summary>
[GrainType("limit"), Role(SiloRoles.Control)]
public sealed partial class LimitGrain(
    [PersistentState(LimitRecord.Name, LimitRecord.Storage)] IPersistentState<LimitRecord> kept, IHolders holders, ShellOptions options,
    TimeProvider clock, ILogger<LimitGrain> log) : Grain, ILimitGrain
{
    public const string BusyCode = "ETL6311";
    /// <summary>Conflicts with other writers that one batch lives through.</summary>
    private const int TriesMax = 20;

    private readonly Queue<Letter> _inbox = [];
    /// <summary>Those who wait for an answer, by ticket: done when it is let in or leaves.</summary>
    private readonly Dictionary<LimitTicket, TaskCompletionSource> _waiting = [];
    /// <summary>Holders whose runs are being asked.</summary>
    private readonly HashSet<LimitTicket> _asking = [];
    private Limit _limit = Limit.Named("");
    private Task _pump = Task.CompletedTask;
    private bool _pumping;
    private bool _leaving;
    private IGrainTimer? _wake;
    private DateTimeOffset? _wakeAt;

    private sealed record Letter(LimitCommand Command, TaskCompletionSource<Fault?> Answer);

    private string Name => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _limit = Stored(Limit.Named(Name));
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _leaving = true;
        await _pump;
        AnswerAll();
    }

    public async Task<LimitAnswer> Ask(LimitAsk ask, TimeSpan patience)
    {
        if (await Offer(new LimitCommand.Ask(ask)) is { } fault) return new LimitAnswer.Refused(fault);
        if (patience > TimeSpan.Zero && _limit.Line.Has(ask.Ticket)) await Within(patience, Signal(ask.Ticket));
        if (_limit.IsHeldBy(ask.Ticket)) return new LimitAnswer.Granted();
        var wait = _limit.WaitOf(ask.Ticket, clock.GetUtcNow()) ?? new LimitWait(Name, ask.Since, 0, LimitCause.Unknown);
        return new LimitAnswer.Waits(wait);
    }

    public Task Release(LimitTicket ticket) => Offer(new LimitCommand.Release(ticket));

    public Task Leave(LimitTicket ticket) => Offer(new LimitCommand.Leave(ticket));

    public async Task<ImmutableArray<LimitTicket>> Renew(ImmutableArray<LimitTicket> tickets)
    {
        await Offer(new LimitCommand.Renew(tickets));
        return [.. tickets.Where(ticket => !_limit.IsHeldBy(ticket))];
    }

    public Task<Fault?> Tell(LimitOrder order) => Offer(new LimitCommand.Order(order));

    /// <summary>Who looks is shown no holder for long that is dead.</summary>
    public async Task<LimitView?> View()
    {
        await Offer(new LimitCommand.Elapse());
        return _limit.View();
    }

    private Task<Fault?> Offer(LimitCommand command)
    {
        if (_leaving || _inbox.Count >= options.InboxMax)
            throw new FaultException(new Fault(
                FaultKind.Unavailable, BusyCode, $"Limit {Name} moves, or has {options.InboxMax} calls waiting.", null, "Try again."));
        var letter = new Letter(command, new TaskCompletionSource<Fault?>(TaskCreationOptions.RunContinuationsAsynchronously));
        _inbox.Enqueue(letter);
        if (!_pumping) _pump = Pump();
        return letter.Answer.Task;
    }

    private async Task Pump()
    {
        _pumping = true;
        try
        {
            while (_inbox.Count > 0)
            {
                var batch = new List<Letter>(Math.Min(_inbox.Count, options.BatchMax));
                while (batch.Count < options.BatchMax && _inbox.TryDequeue(out var letter)) batch.Add(letter);
                await Turn(batch);
            }
        }
        finally
        {
            _pumping = false;
        }
    }

    private async Task Turn(List<Letter> batch)
    {
        Draft draft;
        try
        {
            if (options.StatesAreShared && batch.Exists(letter => letter.Command is LimitCommand.Elapse or LimitCommand.Renew)) await Read();
            for (var tries = 1; !await Write(draft = Decide(batch)); tries++)
            {
                if (tries == TriesMax) throw new InvalidOperationException($"others have written {TriesMax} times meanwhile");
                await Read();
            }
        }
        catch (Exception e)
        {
            GiveUp(batch, e);
            return;
        }
        _limit = draft.Limit;
        for (var i = 0; i < batch.Count; i++) batch[i].Answer.TrySetResult(draft.Faults[i]);
        foreach (var happened in draft.Events) Announce(happened);
        if (batch.Exists(letter => letter.Command is LimitCommand.Elapse)) AskAfterSilent();
        SetWake();
    }

    /// <param name="Limit">As it is when the events are stored.</param>
    private readonly record struct Draft(Limit Limit, ImmutableArray<LimitEvent> Events, Fault?[] Faults);

    private Draft Decide(List<Letter> batch)
    {
        var events = ImmutableArray.CreateBuilder<LimitEvent>();
        var (after, faults, now) = (_limit, new Fault?[batch.Count], clock.GetUtcNow());
        for (var i = 0; i < faults.Length; i++)
        {
            switch (Limit.Decide(after, batch[i].Command, now))
            {
                case LimitDecision.Accepted accepted:
                    foreach (var happened in accepted.Events) after = Limit.Apply(after, happened);
                    events.AddRange(accepted.Events);
                    break;
                case LimitDecision.Refused refused:
                    faults[i] = refused.Fault;
                    break;
            }
        }
        return new Draft(after, events.DrainToImmutable(), faults);
    }

    /// <summary>False: somebody else has written.</summary>
    private async Task<bool> Write(Draft draft)
    {
        if (!draft.Events.Any(happened => happened.IsDurable)) return true;
        try
        {
            kept.State.State = draft.Limit.State();
            if (draft.Limit.Spec is null && draft.Limit.HoldersCount == 0) await kept.ClearStateAsync();
            else await kept.WriteStateAsync();
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    /// <summary>What others have written; the line stays.</summary>
    private async Task Read()
    {
        var etag = kept.Etag;
        await kept.ReadStateAsync();
        if (kept.Etag == etag) return;
        _limit = Stored(_limit);
        AnswerAll();
    }

    private Limit Stored(Limit limit) => limit.With(kept.State.State ?? LimitState.None, clock.GetUtcNow());

    /// <summary>What is true is not known any more: the next activation reads it.</summary>
    private void GiveUp(List<Letter> batch, Exception why)
    {
        LogGivenUp(Name, why.Message);
        _leaving = true;
        var fault = new FaultException(new Fault(
            FaultKind.Unavailable, BusyCode, $"Limit {Name} could not be written: {Excerpt.Of(why.Message, 200)}", null, "Try again."));
        foreach (var letter in batch.Concat(_inbox)) letter.Answer.TrySetException(fault);
        _inbox.Clear();
        AnswerAll();
        DeactivateOnIdle();
    }
}
