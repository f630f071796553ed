using Orleans;

namespace OrleansEtl.Shells.Schedules;

[GrainType("schedule-catalog"), Role(SiloRoles.Control)]
public sealed class ScheduleCatalogGrain(ScheduleDesk desk) : Grain, IScheduleCatalogGrain
{
    public Task<Listing<ScheduleView>> List(string prefix, string? cursor, int limit) => desk.List(prefix, cursor, limit, CancellationToken.None);
}
