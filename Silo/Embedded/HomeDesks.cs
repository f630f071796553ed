using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Schedules;
using OrleansEtl.Shells.Triggers;

namespace OrleansEtl.Silo.Embedded;

/// <summary>What a home has besides its runs.</summary>
internal sealed record HomeDesks(ScheduleDesk Schedules, TriggerDesk Triggers, AlertDesk Alerts)
{
    /// <summary>Whether this process starts the runs of schedules and triggers.</summary>
    public bool DriveAll => Schedules.Pays is not null;

    /// <summary>As they are in the process that drives the home.</summary>
    public HomeDesks For(RunsOfSchedules runs) => this with
    {
        Schedules = Schedules with { Pays = runs }, Triggers = Triggers with { Pays = runs.Start },
    };
}
