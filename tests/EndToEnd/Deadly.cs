namespace OrleansEtl.EndToEnd.Tests;

/// <summary>A step that kills the process which runs it, with SIGKILL, each time.</summary>
[Trait("category", "slow")]
public class Deadly
{
    private const int DeathsMax = 5;

    private static string Bomb(Playground play) => $$"""
        pipeline: deadly
        steps:
          - id: bomb
            kind: process
            with:
              program: sh
              args: [-euc, "[ -e {{play["mended"]}} ] || { kill -9 $(sed -n 's/^PPid:[[:space:]]*//p' /proc/$PPID/status); exec tail -f /dev/null; }"]
        schedules: [{ id: seldom, cron: 0 0 1 1 * }]
        """;

    private const string Patient = """
        pipeline: patient
        steps: [{ id: nap, kind: process, with: { program: sleep, args: ["3"] } }]
        schedules: [{ id: seldom, cron: 0 0 1 1 * }]
        """;

    [Fact]
    public async Task Its_run_is_quarantined_after_five_deaths_others_of_the_home_go_on_and_when_it_is_mended_it_is_redriven()
    {
        using var play = new Playground();
        play.Write("deadly.yaml", Bomb(play));
        play.Write("patient.yaml", Patient);
        (await play.Etl("apply", "deadly.yaml", "patient.yaml")).With(0);
        string[] dev = ["dev", "--allow-program", "sh", "--allow-program", "sleep"];
        string patient = "", deadly = "";
        for (var death = 1; death <= DeathsMax; death++)
        {
            using var driver = EtlProcess.Start(play.Folder, dev);
            await driver.Says("driving home");
            if (death == 1) (patient, deadly) = (await Trigger("patient/seldom"), await Trigger("deadly/seldom"));
            Assert.Equal(137, (await driver.End()).Code);
        }
        using (var driver = EtlProcess.Start(play.Folder, dev))
        {
            (await play.Etl("runs", "watch", deadly)).With(8).Saying("quarantined", "ETL6400");
            (await play.Etl("runs", "watch", patient)).With(0);
            driver.Interrupt();
            (await driver.End()).With(0);
        }
        var shown = (await play.Etl("runs", "show", deadly, "-o", "json")).With(0).Json;
        Assert.Equal(("quarantined", "redrive"), (shown.GetProperty("status").GetString(), shown.GetProperty("waiting").GetProperty("for").GetString()));
        Assert.Equal(DeathsMax, shown.GetProperty("quarantine").GetProperty("lost").GetArrayLength());
        (await play.Etl("resume", deadly)).With(6).Saying("ETL6402", "etl runs redrive");

        play.Write("mended", "");
        var redriven = (await play.Etl("runs", "redrive", deadly, "--allow-program", "sh", "-o", "json")).With(0).Json;
        Assert.Equal(deadly, redriven.GetProperty("run_id").GetString());
        var history = (await play.Etl("runs", "history", deadly)).With(0).Data;
        Assert.Contains("run_quarantined", history);
        Assert.Contains("run_redriven", history);
        Assert.Empty((await play.Etl("runs", "list", "--status", "quarantined", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray());

        async Task<string> Trigger(string schedule) =>
            (await play.Etl("schedules", "trigger", schedule, "-o", "json")).With(0).Json.GetProperty("run_id").GetString()!;
    }
}
