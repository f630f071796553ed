namespace OrleansEtl.EndToEnd.Tests;

/// <summary>The schedules of a home run while somebody drives it, each firing once, also when the driver is killed.</summary>
public class HomeSchedules
{
    private const string Tick = """
        pipeline: tick
        steps:
          - { id: one, kind: flow.noop }
        schedules:
          - { id: second, every: 1s, catch_up: all, overlap: queue_all }
        """;

    [Fact]
    public async Task A_schedule_of_a_file_runs_while_the_home_is_driven_and_every_second_once_though_the_driver_is_killed()
    {
        using var play = new Playground();
        play.Write("tick.yaml", Tick);
        (await play.Etl("apply", "tick.yaml")).With(0);
        (await play.Etl("schedules", "show", "tick/second")).With(0).Saying("nobody drives this home");
        using (var first = EtlProcess.Start(play.Folder, ["dev"]))
        {
            await first.Says("succeeded");
            (await play.Etl("dev")).With(6).Saying("ETL3835");
            first.Kill();
            await first.End();
        }
        using (var second = EtlProcess.Start(play.Folder, ["dev"]))
        {
            await second.Says("succeeded");
            (await play.Etl("schedules", "pause", "tick/second")).With(0);
            var asked = (await play.Etl("schedules", "trigger", "tick/second", "-o", "json")).With(0).Json.GetProperty("run_id").GetString()!;
            await second.Says(asked);
            second.Interrupt();
            (await second.End()).With(0).Saying("stopped");
        }
        var runs = (await play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray().ToArray();
        var ends = new List<DateTimeOffset>();
        foreach (var run in runs)
        {
            var shown = (await play.Etl("runs", "show", run.GetProperty("run_id").GetString()!, "-o", "json")).With(0).Json.GetProperty("occasion");
            Assert.Equal("tick/second", shown.GetProperty("schedule").GetString());
            ends.Add(shown.GetProperty("interval_end").GetDateTimeOffset());
        }
        var seconds = ends.Where(end => end.Ticks % TimeSpan.TicksPerSecond == 0).Select(end => end.ToUnixTimeSeconds()).Order().ToArray();
        Assert.True(seconds.Length >= 2 && seconds.Length >= ends.Count - 1, string.Join(' ', ends));
        Assert.Equal(Enumerable.Range(0, seconds.Length).Select(i => seconds[0] + i), seconds);
    }

    [Fact]
    public async Task A_schedule_that_is_no_more_in_the_file_is_forgotten_and_one_made_by_hand_stays()
    {
        using var play = new Playground();
        play.Write("tick.yaml", Tick);
        (await play.Etl("apply", "tick.yaml")).With(0);
        (await play.Etl("schedules", "create", "mine", "@daily", "--pipeline", "tick", "--zone", "Europe/Berlin")).With(0);
        Assert.Equal(["mine", "tick/second"], await Ids(play));
        play.Write("tick.yaml", Tick[..Tick.IndexOf("schedules:", StringComparison.Ordinal)]);
        (await play.Etl("apply", "tick.yaml")).With(0);
        Assert.Equal(["mine"], await Ids(play));
        (await play.Etl("schedules", "delete", "mine")).With(0);
        Assert.Empty(await Ids(play));
    }

    private static async Task<string[]> Ids(Playground play) =>
        [.. (await play.Etl("schedules", "list", "-o", "json")).With(0).Json.GetProperty("schedules").EnumerateArray()
            .Select(schedule => schedule.GetProperty("id").GetString()!)];
}
