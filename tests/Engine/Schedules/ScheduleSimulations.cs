using OrleansEtl.Engine.Schedules;
using OrleansEtl.Engine.Schedules.Times;

namespace OrleansEtl.Engine.Tests.Schedules;

public sealed class ScheduleSimulations
{
    private static readonly string[] Crons = ["*/15 * * * *", "30 2 * * *", "0 * * * *", "0 */2 * * *", "0,30 1-3 * * *", "7 * * * MON-FRI"];
    private static readonly string[] Zones = ["Europe/Berlin", "UTC", "Africa/Cairo", "America/New_York"];

    [Fact]
    public void With_catch_up_of_all_every_instant_is_run_exactly_once_whoever_dies_whenever() => Seeds.Each(60, seed =>
    {
        // Bounds are met only when the owner is away for longer than they allow for; here it never is.
        var spec = Spec(seed) with { CatchUp = CatchUp.All, Overlap = seed % 2 == 0 ? Overlap.QueueAll : Overlap.Allow };
        var world = new ScheduleWorld(seed, spec, withCommands: false, ScheduleBounds.Default with { BacklogMax = 5_000, QueueMax = 5_000, RunsMax = 5_000 });
        world.Live(400);
        world.Heal();
        var due = Due(world);
        Assert.Equal(due.Select(firing => StartKey.Scheduled(Diary.Id, firing.At)).ToHashSet(), world.Runs);
        var started = world.Stored.OfType<ScheduleEvent.Started>().Select(e => new Firing(e.Occasion.From, e.Occasion.To)).ToArray();
        Assert.Equal(due, started.OrderBy(firing => firing.At));
    });

    [Fact]
    public void Of_every_instant_it_is_decided_once_what_becomes_of_it() => Seeds.Each(150, seed =>
    {
        var world = new ScheduleWorld(seed, Spec(seed), withCommands: true, Diary.Small);
        world.Live(400);
        world.Heal();
        var ends = world.Stored.SelectMany(e => e switch
        {
            ScheduleEvent.Started { Occasion: { Origin: Origin.Schedule } one } => [one.Key],
            ScheduleEvent.Dropped drop => (StartKey[])[drop.Key],
            _ => [],
        }).ToLookup(key => key);
        var skips = world.Stored.OfType<ScheduleEvent.Skipped>().ToArray();
        foreach (var firing in Due(world))
        {
            var decided = ends[StartKey.Scheduled(Diary.Id, firing.At)].Count()
                + skips.Count(skip => skip.After < firing.At && firing.At <= skip.Through);
            if (decided != 1) Assert.Fail($"Of {firing} it was decided {decided} times.");
        }
        var keys = world.Stored.OfType<ScheduleEvent.Started>().Select(e => e.Occasion.Key).Where(key => !key.Value.Contains("/now/")).ToArray();
        Assert.Equal(keys.Distinct(), keys);
        Assert.All(world.Schedule.Backfills, backfill => Assert.True(backfill.Counts.IsEnded));
    });

    [Fact]
    public void A_schedule_is_what_its_events_make_of_it_wherever_it_is_read_again() => Seeds.Each(20, seed =>
    {
        var world = new ScheduleWorld(seed, Spec(seed), withCommands: true, Diary.Small);
        world.Live(200);
        var schedule = Schedule.None;
        for (var cut = 0; cut < world.Stored.Count; cut++)
        {
            Assert.Equal(Diary.Say(schedule), Diary.Say(world.Stored.Take(cut).Aggregate(Schedule.None, Schedule.Apply)));
            schedule = Schedule.Apply(schedule, world.Stored[cut]);
        }
    });

    [Fact]
    public void The_same_seed_is_the_same_life()
    {
        Assert.Equal(Life(7), Life(7));
        Assert.NotEqual(Life(7), Life(8));

        static string Life(int seed)
        {
            var world = new ScheduleWorld(seed, Spec(1), withCommands: true, Diary.Small);
            world.Live(200);
            return string.Join('\n', world.Stored.Select(Diary.Say));
        }
    }

    [Fact]
    public void Everything_that_can_happen_happens_here()
    {
        var met = new HashSet<Type>();
        for (var seed = 1; seed <= 40; seed++)
        {
            var world = new ScheduleWorld(seed, Spec(seed), withCommands: true, Diary.Small);
            world.Live(300);
            met.UnionWith(world.Stored.Select(happened => happened.GetType()));
        }
        met.Add(typeof(ScheduleEvent.Changed)); // its laws are elsewhere: the due instants here are those of one spec
        Assert.Empty(typeof(ScheduleEvent).GetNestedTypes().Where(typeof(ScheduleEvent).IsAssignableFrom).Except(met));
    }

    private static ScheduleSpec Spec(int seed) => new(new Recurrence.OfCron(Crons[seed % Crons.Length]), Zones[seed / 3 % Zones.Length])
    {
        CatchUp = (CatchUp)(seed % 3),
        Overlap = (Overlap)(seed % 5),
        Jitter = seed % 4 == 0 ? TimeSpan.FromMinutes(10) : TimeSpan.Zero,
        Start = seed % 7 == 0 ? Tell.Moment("2026-03-27T06:00Z") : null,
    };

    /// <summary>All that has fallen due in its life so far.</summary>
    private static List<Firing> Due(ScheduleWorld world)
    {
        var schedule = world.Schedule;
        var (timetable, due) = (schedule.Timetable!, new List<Firing>());
        var end = schedule.NextFiring ?? DateTimeOffset.MaxValue;
        for (var at = timetable.From(schedule.Spec!.Start ?? world.Stored[0].At.AddTicks(1)); at < end; at = timetable.Next(at.Value))
            due.Add(new Firing(due.Count > 0 ? due[^1].At : timetable.FiringAt(at.Value).From, at.Value));
        return due;
    }
}
