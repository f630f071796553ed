namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Steps of the kind process under the real command line: what may be run, and what becomes of it when etl is killed.</summary>
public class UserPrograms
{
    private const string Yaml = """
        pipeline: programs
        params:
          marks: { type: text }
        steps:
          - { id: orders, kind: extract.generate, with: { rows: 10, columns: { id: { generator: sequence } } } }
          - id: prog
            kind: process
            depends_on: [orders]
            with:
              program: sh
              env: { MARKS: "{{ params.marks }}" }
              args:
                - -euc
                - |
                  (echo id; tail -n +2 "$ETL_INPUT_ORDERS") >"$ETL_OUTPUT_OUT"
                  if [ ! -e "$MARKS/go" ]; then
                    (setsid sh -c 'trap "" TERM HUP; echo $$ >"$MARKS/daemon.new"; mv "$MARKS/daemon.new" "$MARKS/daemon"; exec sleep 1000' &)
                    while [ ! -e "$MARKS/daemon" ]; do sleep 0.01; done
                    echo $$ >"$MARKS/leader.new"; mv "$MARKS/leader.new" "$MARKS/leader"
                    while :; do sleep 0.1; done
                  fi
              inputs_as: csv
              outputs: { out: ids.csv }
          - { id: kept, kind: load.parquet, depends_on: [prog], with: { dataset: programs/kept } }
        """;

    [Fact]
    public async Task A_program_dies_with_a_killed_etl_and_the_resumed_run_publishes_once()
    {
        using var play = new Playground();
        play.Write("p.yaml", Yaml);
        string[] command = ["run", "p.yaml", "--allow-program", "sh", "-p", $"marks={play.Folder}"];
        using (var process = EtlProcess.Start(play.Folder, command))
        {
            Until(() => File.Exists(play["leader"]) || process.HasEnded);
            process.Kill();
            await process.End();
        }
        Until(() => !Lives(play["leader"]) && !Lives(play["daemon"]));

        play.Write("go", "");
        var resumed = (await play.Etl([.. command, "--resume", "-o", "json"])).With(0).Json;
        var step = resumed.GetProperty("steps").EnumerateArray().Single(one => one.GetProperty("id").GetString() == "prog");
        Assert.Equal(("succeeded", 2), (step.GetProperty("status").GetString(), step.GetProperty("attempts").GetInt32()));
        foreach (var name in (string[])["programs/prog", "programs/kept", "programs/prog.log"])
            Assert.Equal(1, (await play.Etl("datasets", "show", name, "-o", "json")).With(0).Json.GetProperty("datasets").GetArrayLength());
        Assert.Empty(Directory.GetDirectories(play[".etl/spill/programs"]));
    }

    [Fact]
    public async Task Nothing_may_be_run_unless_a_setting_says_so()
    {
        using var play = new Playground();
        play.Write("p.yaml", Yaml);
        play.Write("go", "");
        string[] command = ["run", "p.yaml", "-p", $"marks={play.Folder}"];
        (await EtlProcess.Run(play.Folder, command)).With(8).Saying("error[ETL5070]", "allowed are: none", "--allow-program sh");
        (await EtlProcess.Run(play.Folder, command, ("ETL_ALLOW_PROGRAMS", "no-such-program"))).With(5).Saying("error[ETL5071]", "no-such-program");
        (await EtlProcess.Run(play.Folder, command, ("ETL_ALLOW_PROGRAMS", "env, sh"))).With(0);
        var log = (await play.Etl("datasets", "preview", "programs/prog.log")).With(0);
        Assert.Contains("line", log.Data);
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, EtlProcess.Patience));

    private static bool Lives(string pidFile) => Directory.Exists($"/proc/{File.ReadAllText(pidFile).Trim()}");
}
