using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Shells.Schedules;

/// <summary>What people may ask of a schedule, decided and stored. What it then owes is paid by whoever pays for schedules.</summary>
public sealed partial record ScheduleDesk
{
    /// <summary>Room for the name of a pipeline, a slash, and a name.</summary>
    public const int IdLengthMax = 127;

    public Task<Heard> Tell(KeptSchedule kept, ScheduleCommand command) =>
        kept.Hear((schedule, now) => Schedule.Decide(schedule, command, now, Bounds), postpones: false, CancellationToken.None);

    public async Task<Heard> Put(KeptSchedule kept, ScheduleSpec spec, bool keepsPause)
    {
        var before = await kept.Read(CancellationToken.None);
        if (await Wrong(kept.Id, spec) is { IsEmpty: false } faults) return new Heard(before, new ScheduleDecision.Refused(faults), []);
        return await kept.Hear((schedule, now) => schedule.Exists
            ? Schedule.Decide(schedule, new ScheduleCommand.Change(
                keepsPause ? spec with { IsPaused = schedule.Spec!.IsPaused } : spec), now, Bounds)
            : Schedule.Begin(schedule, kept.Id, spec, now, Bounds), postpones: false, CancellationToken.None);
    }

    public async Task<ScheduleAnswer> Delete(KeptSchedule kept) => await kept.Delete(CancellationToken.None)
        ? new ScheduleAnswer.Done()
        : new ScheduleAnswer.Refused([Unknown(kept.Id.Value)]);

    public Task<Heard> Trigger(KeptSchedule kept, string token) => Tell(kept, new ScheduleCommand.TriggerNow(token));

    public async Task<Heard> Backfill(KeptSchedule kept, BackfillRequest request) => await Tell(kept, await Asked(kept, request));

    public async Task<BackfillPreview> PreviewBackfill(KeptSchedule kept, BackfillRequest request)
    {
        kept.Forget();
        var (schedule, asked) = (await kept.Read(CancellationToken.None), await Asked(kept, request));
        return Schedule.Preview(schedule, asked, Clock.GetUtcNow(), Bounds);
    }

    public static Fault Unknown(string id) => new(
        FaultKind.NotFound, ScheduleCodes.NoSchedule, $"There is no schedule {id}.", null, "List them with: etl schedules list");

    private async Task<ScheduleCommand.Backfill> Asked(KeptSchedule kept, BackfillRequest request)
    {
        var schedule = await kept.Read(CancellationToken.None);
        var active = request.Only == BackfillOnly.Stale && schedule.Exists
            ? (await Find(schedule.Spec!.Pipeline, schedule.Spec.Version, CancellationToken.None)).Spec.Version()
            : null;
        return new ScheduleCommand.Backfill(
            new BackfillId(request.Id), request.From, request.To, request.Partitions, request.Concurrency, request.Only, active);
    }

    /// <summary>What is wrong besides its times: said when it is made, and not by its first run.</summary>
    private async Task<ImmutableArray<Fault>> Wrong(ScheduleId id, ScheduleSpec spec)
    {
        if (!IsId(id.Value))
            return [new Fault(FaultKind.Invalid, ScheduleCodes.WrongId,
                $"`{id}` is no id of a schedule; expected a name of letters, digits, `_`, `-` and `.` that begins with a letter, "
                + $"or PIPELINE/NAME, and at most {IdLengthMax} characters.")];
        try
        {
            var pipeline = await Find(spec.Pipeline, spec.Version, CancellationToken.None);
            return RunParams.Resolve(pipeline.Spec, spec.Params?.Fields ?? []) is ParamsResult.Faulty faulty ? faulty.Faults : [];
        }
        catch (FaultException e) when (!e.Fault.IsTransient)
        {
            return [e.Fault];
        }
    }

    internal static bool IsId(string id) => id.Length <= IdLengthMax && id.Split('/') is { Length: 1 or 2 } parts && parts.All(IsName);

    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
