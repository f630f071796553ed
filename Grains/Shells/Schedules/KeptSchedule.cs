using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Schedules;

/// <summary>
/// A schedule in the store, as this process last saw it. What is decided is written before anybody hears of it, over exactly what it was
/// decided on; when somebody else wrote in between it is read and decided anew. With it goes when somebody has to come back: when
/// the next firing is due, and before that as long as a run of it has not ended, so that no debt is forgotten whoever dies.
/// </summary>
public sealed class KeptSchedule(ScheduleDesk desk, string id)
{
    public const string GrainType = "schedule";
    public const string StateName = "schedule";

    private readonly StateKey _key = new($"{GrainType}/{id}", StateName);
    private bool _isRead;
    private long _version;
    private DateTimeOffset? _dueAt;
    private Schedule _schedule = Schedule.None;

    public ScheduleId Id { get; } = new(id);

    /// <summary>Reads it, unless it was.</summary>
    public async Task<Schedule> Read(CancellationToken cancellation)
    {
        if (_isRead) return _schedule;
        var stored = await desk.States.Read(_key, cancellation);
        (_schedule, _dueAt) = stored?.Value is { } bytes ? ScheduleCodec.Read(bytes) : (Schedule.None, null);
        _version = stored?.Version ?? 0;
        _isRead = true;
        return _schedule;
    }

    /// <summary>The next one reads it again.</summary>
    public void Forget() => _isRead = false;

    /// <summary>When this process looks the next time what became of the runs that have not ended.</summary>
    public DateTimeOffset LookAt { get; private set; }

    public void Looked() => LookAt = desk.Clock.GetUtcNow() + desk.Options.LookEvery;

    public void LookWithin(TimeSpan wait)
    {
        if (desk.Clock.GetUtcNow() + wait is var soon && soon < LookAt) LookAt = soon;
    }

    /// <summary>Whether somebody has to come now; what this process saw last may be old.</summary>
    public bool IsDue(DateTimeOffset now) => _dueAt <= now;

    /// <summary>Decides, and writes what was decided. A refusal, and that nothing changes, are said of what the store holds now.</summary>
    /// <param name="postpones">Whether to write, if nothing else is to be, when somebody has to come back the next time.</param>
    public async Task<Heard> Hear(
        Func<Schedule, DateTimeOffset, ScheduleDecision> decide, bool postpones, CancellationToken cancellation)
    {
        for (var tries = 0; tries < desk.Options.TriesMax; tries++)
        {
            var isFresh = !_isRead;
            var (before, now) = (await Read(cancellation), desk.Clock.GetUtcNow());
            var decision = decide(before, now);
            var changesNothing = decision is not ScheduleDecision.Accepted { Events.IsEmpty: false } && !(postpones && IsDue(now));
            if (changesNothing)
            {
                if (isFresh) return new Heard(before, decision, []);
                Forget();
                continue;
            }
            var events = decision is ScheduleDecision.Accepted accepted ? accepted.Events : [];
            var after = events.Aggregate(before, Schedule.Apply);
            var owed = Schedule.Owed(after, events);
            if (await Write(after, DueAt(after, owed, now), cancellation)) return new Heard(after, decision, owed);
        }
        throw new FaultException(new Fault(FaultKind.Unavailable, ScheduleCodes.Contended,
            $"Schedule {Id} was written by others {desk.Options.TriesMax} times while it was being changed.", null, "Try again."));
    }

    /// <summary>Forgets it for good. Its runs go on.</summary>
    public async Task<bool> Delete(CancellationToken cancellation)
    {
        for (var tries = 0; tries < desk.Options.TriesMax; tries++)
        {
            Forget();
            if (!(await Read(cancellation)).Exists) return false;
            if (await Write(Schedule.None, null, cancellation)) return true;
        }
        return false;
    }

    private async Task<bool> Write(Schedule after, DateTimeOffset? dueAt, CancellationToken cancellation)
    {
        var bytes = after.Exists ? ScheduleCodec.Write(after, dueAt) : null;
        _isRead = false; // nobody may be told what is perhaps not stored
        var outcome = await desk.States.Write(new StateWrite(desk.NewId(), _key, _version, bytes, dueAt), cancellation);
        if (outcome is not StateOutcome.Stored stored) return false;
        (_schedule, _version, _dueAt, _isRead) = (after, stored.Version, dueAt, true);
        return true;
    }

    /// <summary>When somebody has to come back: at once, when what is newly owed is left to others.</summary>
    private DateTimeOffset? DueAt(Schedule schedule, ImmutableArray<ScheduleDebt> newly, DateTimeOffset now)
    {
        var wake = schedule.NextWake;
        if (!Schedule.Owed(schedule).Any(debt => debt is not ScheduleDebt.Wake)) return wake;
        if (newly.Any(debt => debt is not ScheduleDebt.Wake)) LookWithin(desk.Options.PayWithin);
        var look = desk.Pays is null ? now : LookAt > now ? LookAt : now + desk.Options.PayWithin;
        return wake < look ? wake : look;
    }
}

/// <summary>What was decided about a schedule, as it is now.</summary>
/// <param name="Owed">What is newly owed.</param>
public sealed record Heard(Schedule Schedule, ScheduleDecision Decision, ImmutableArray<ScheduleDebt> Owed)
{
    public ScheduleAnswer Answer(RunId? run = null) => Decision switch
    {
        ScheduleDecision.Refused refused => new ScheduleAnswer.Refused(refused.Faults),
        ScheduleDecision.Accepted => new ScheduleAnswer.Done(run),
        _ => throw new UnreachableException(),
    };

    /// <summary>With the run that was asked for under this token, if it has been started.</summary>
    public ScheduleAnswer Requested(string token) => Answer(Schedule.Recent.Find(StartKey.Triggered(Schedule.Id, token))?.Run);
}
