using OrleansEtl.Engine.Triggers;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Triggers;

/// <summary>
/// A trigger in the store, as this process last saw it. What is decided is written before anybody hears of it, over exactly what it was
/// decided on; when somebody else wrote in between it is read and decided anew. With it goes when somebody has to come back: when it is looked
/// the next time, and before that as long as a start is owed.
/// </summary>
public sealed class KeptTrigger(TriggerDesk desk, string id)
{
    public const string GrainType = "trigger";
    public const string StateName = "trigger";

    private readonly StateKey _key = new($"{GrainType}/{id}", StateName);
    private bool _isRead;
    private long _version;
    private DateTimeOffset? _dueAt;
    private Trigger _trigger = Trigger.None;

    public TriggerId Id { get; } = new(id);

    /// <summary>Reads it, unless it was.</summary>
    public async Task<Trigger> Read(CancellationToken cancellation)
    {
        if (_isRead) return _trigger;
        var stored = await desk.States.Read(_key, cancellation);
        (_trigger, _dueAt) = stored?.Value is { } bytes ? TriggerCodec.Read(bytes) : (Trigger.None, null);
        _version = stored?.Version ?? 0;
        _isRead = true;
        return _trigger;
    }

    /// <summary>The next one reads it again.</summary>
    public void Forget() => _isRead = false;

    /// <summary>Whether somebody has to come now; what this process saw last may be old.</summary>
    public bool IsDue(DateTimeOffset now) => _dueAt <= now;

    /// <summary>Decides, and writes what was decided. A refusal, and that nothing changes, are said of what the store holds now.</summary>
    public async Task<(Trigger Trigger, TriggerAnswer Answer)> Hear(TriggerCommand command, CancellationToken cancellation)
    {
        for (var tries = 0; tries < desk.Options.TriesMax; tries++)
        {
            var isFresh = !_isRead;
            var (before, now) = (await Read(cancellation), desk.Clock.GetUtcNow());
            var decision = Trigger.Decide(before, command, now, desk.Bounds);
            var after = (decision as TriggerDecision.Accepted)?.Trigger ?? before;
            if (after == before)
            {
                if (isFresh)
                    return (before, decision is TriggerDecision.Refused refused ? new TriggerAnswer.Refused(refused.Faults) : new TriggerAnswer.Done());
                Forget();
                continue;
            }
            if (await Write(after, DueAt(after, now), cancellation)) return (after, new TriggerAnswer.Done());
        }
        throw new FaultException(new Fault(FaultKind.Unavailable, TriggerCodes.Contended,
            $"Trigger {Id} was written by others {desk.Options.TriesMax} times while it was being changed.", null, "Try again."));
    }

    /// <summary>Lets whoever comes next come later, though nothing changes.</summary>
    public async Task Postpone(CancellationToken cancellation)
    {
        var (trigger, now) = (await Read(cancellation), desk.Clock.GetUtcNow());
        if (trigger.Exists && IsDue(now)) await Write(trigger, DueAt(trigger, now), cancellation);
    }

    /// <summary>Forgets it for good. Its runs go on.</summary>
    public async Task<bool> Delete(CancellationToken cancellation)
    {
        for (var tries = 0; tries < desk.Options.TriesMax; tries++)
        {
            Forget();
            if (!(await Read(cancellation)).Exists) return false;
            if (await Write(Trigger.None, null, cancellation)) return true;
        }
        return false;
    }

    private async Task<bool> Write(Trigger after, DateTimeOffset? dueAt, CancellationToken cancellation)
    {
        var bytes = after.Exists ? TriggerCodec.Write(after, dueAt) : null;
        _isRead = false; // nobody may be told what is perhaps not stored
        var outcome = await desk.States.Write(new StateWrite(desk.NewId(), _key, _version, bytes, dueAt), cancellation);
        if (outcome is not StateOutcome.Stored stored) return false;
        (_trigger, _version, _dueAt, _isRead) = (after, stored.Version, dueAt, true);
        return true;
    }

    /// <summary>When somebody has to come back: at once, when what is owed is left to others.</summary>
    private DateTimeOffset? DueAt(Trigger trigger, DateTimeOffset now)
    {
        if (trigger.Starting.IsEmpty) return trigger.NextLook;
        var pay = desk.Pays is null ? now : now + desk.Options.PayWithin;
        return trigger.NextLook < pay ? trigger.NextLook : pay;
    }
}
