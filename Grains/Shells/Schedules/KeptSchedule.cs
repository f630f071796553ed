using System.Collections.Immutable;
using System.Diagnostics;
using OrleansEtl.Engine.Schedules;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Schedules;

/// <summary>A schedule in the store, as this process last saw it. Somebody comes back when the next firing is due, and before that as long as a
/// run of it has not ended, so that no debt is forgotten whoever dies.</summary>
public sealed class KeptSchedule(ScheduleDesk desk, string id)
{
    public const string GrainType = "schedule";
    public const string StateName = "schedule";

    private static readonly StateForm<Schedule> Form = new(
        Schedule.None, (schedule, dueAt) => schedule.Exists ? ScheduleCodec.Write(schedule, dueAt) : null, bytes => ScheduleCodec.Read(bytes),
        ScheduleCodes.Contended);

    private readonly KeptState<Schedule> _state = new(desk.States, desk.NewId, new StateKey($"{GrainType}/{id}", StateName), Form, desk.Options.TriesMax);

    public ScheduleId Id { get; } = new(id);

    /// <inheritdoc cref="KeptState{T}.Read"/>
    public Task<Schedule> Read(CancellationToken cancellation) => _state.Read(cancellation);

    /// <inheritdoc cref="KeptState{T}.Forget"/>
    public void Forget() => _state.Forget();

    /// <summary>When this process looks the next time what became of the runs that have not ended.</summary>
    public DateTimeOffset LookAt { get; private set; }

    public void Looked() => LookAt = desk.Clock.GetUtcNow() + desk.Options.LookEvery;

    public void LookWithin(TimeSpan wait)
    {
        if (desk.Clock.GetUtcNow() + wait is var soon && soon < LookAt) LookAt = soon;
    }

    /// <summary>Whether somebody has to come now; what this process saw last may be old.</summary>
    public bool IsDue(DateTimeOffset now) => _state.DueAt <= now;

    /// <summary>Decides, and writes what was decided. A refusal, and that nothing changes, are said of what the store holds now.</summary>
    /// <param name="postpones">Whether to write, if nothing else is to be, when somebody has to come back the next time.</param>
    public async Task<Heard> Hear(
        Func<Schedule, DateTimeOffset, ScheduleDecision> decide, bool postpones, CancellationToken cancellation)
    {
        ScheduleDecision decision = ScheduleDecision.Nothing;
        ImmutableArray<ScheduleDebt> owed = [];
        var schedule = await _state.Change(before =>
        {
            var now = desk.Clock.GetUtcNow();
            decision = decide(before, now);
            var events = decision is ScheduleDecision.Accepted accepted ? accepted.Events : [];
            var after = events.Aggregate(before, Schedule.Apply);
            owed = Schedule.Owed(after, events);
            return events.IsEmpty && !(postpones && IsDue(now)) ? null : new Change<Schedule>(after, DueAt(after, owed, now));
        }, cancellation);
        return new Heard(schedule, decision, owed);
    }

    /// <summary>Forgets it for good. Its runs go on.</summary>
    /// <returns>Whether it was there.</returns>
    public Task<bool> Delete(CancellationToken cancellation) => _state.Delete(cancellation);

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
