using OrleansEtl.Engine.Triggers;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>A trigger in the store, as this process last saw it. Somebody comes back when it is looked the next time, and before that as long as
/// a start is owed.</summary>
public sealed class KeptTrigger(TriggerDesk desk, string id)
{
    public const string GrainType = "trigger";
    public const string StateName = "trigger";

    private static readonly StateForm<Trigger> Form = new(
        Trigger.None, (trigger, dueAt) => trigger.Exists ? TriggerCodec.Write(trigger, dueAt) : null, bytes => TriggerCodec.Read(bytes),
        TriggerCodes.Contended);

    private readonly KeptState<Trigger> _state = new(desk.States, desk.NewId, new StateKey($"{GrainType}/{id}", StateName), Form, desk.Options.TriesMax);

    public TriggerId Id { get; } = new(id);

    /// <inheritdoc cref="KeptState{T}.Read"/>
    public Task<Trigger> Read(CancellationToken cancellation) => _state.Read(cancellation);

    /// <inheritdoc cref="KeptState{T}.Forget"/>
    public void Forget() => _state.Forget();

    /// <summary>Whether somebody has to come now; what this process saw last may be old.</summary>
    public bool IsDue(DateTimeOffset now) => _state.DueAt <= now;

    /// <summary>Decides, and writes what was decided. A refusal, and that nothing changes, are said of what the store holds now.</summary>
    public async Task<(Trigger Trigger, TriggerAnswer Answer)> Hear(TriggerCommand command, CancellationToken cancellation)
    {
        TriggerAnswer answer = new TriggerAnswer.Done();
        var trigger = await _state.Change(before =>
        {
            var now = desk.Clock.GetUtcNow();
            var decision = Trigger.Decide(before, command, now, desk.Bounds);
            answer = decision is TriggerDecision.Refused refused ? new TriggerAnswer.Refused(refused.Faults) : new TriggerAnswer.Done();
            return decision is TriggerDecision.Accepted { Trigger: var after } && after != before
                ? new Change<Trigger>(after, DueAt(after, now)) : null;
        }, cancellation);
        return (trigger, answer);
    }

    /// <summary>Lets whoever comes next come later, though nothing changes.</summary>
    public async Task Postpone(CancellationToken cancellation)
    {
        if (!IsDue(desk.Clock.GetUtcNow())) return;
        await _state.Change(trigger => desk.Clock.GetUtcNow() is var now && trigger.Exists && IsDue(now)
            ? new Change<Trigger>(trigger, DueAt(trigger, now)) : null, cancellation);
    }

    /// <summary>Forgets it for good. Its runs go on.</summary>
    /// <returns>Whether it was there.</returns>
    public Task<bool> Delete(CancellationToken cancellation) => _state.Delete(cancellation);

    /// <summary>When somebody has to come back: at once, when what is owed is left to others.</summary>
    private DateTimeOffset? DueAt(Trigger trigger, DateTimeOffset now)
    {
        if (trigger.Starting.IsEmpty) return trigger.NextLook;
        var pay = desk.Pays is null ? now : now + desk.Options.PayWithin;
        return trigger.NextLook < pay ? trigger.NextLook : pay;
    }
}
