namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Starts from several processes that mind each other's runs.</summary>
public class OneAtATime
{
    private const string Pipeline = """
        pipeline: nightly
        on_conflict: reject
        steps:
          - { id: uploaded, kind: flow.signal, with: { name: uploaded } }
        """;

    [Fact]
    public async Task A_run_is_refused_joined_or_replaced_by_those_of_other_processes()
    {
        using var play = new Playground();
        play.Write("p.yaml", Pipeline);
        using var first = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--progress", "plain"]);
        await first.Says("waits for signal uploaded");
        (await play.Etl("run", "p.yaml")).With(6).Saying("ETL6511", "run_", "on_conflict");
        using var joined = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--on-conflict", "use_existing", "--progress", "plain"]);
        await joined.Says("no run was started: another goes on");
        await joined.Says("waits for signal uploaded");
        using var second = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--on-conflict", "cancel_other", "--progress", "plain", "-o", "json"]);
        await second.Says("waits for signal uploaded");
        (await first.End()).With(8);
        (await joined.End()).With(8).Saying("cancelled");
        (await play.Etl("signal", "last", "uploaded")).With(0);
        (await second.End()).With(0);
    }

    [Fact]
    public async Task The_work_of_a_key_is_done_once()
    {
        using var play = new Playground();
        play.Write("p.yaml", "pipeline: daily\nsteps:\n  - { id: nothing, kind: flow.noop }\n");
        string[] monday = ["run", "p.yaml", "--run-key", "monday", "--on-ended", "only_if_failed", "-o", "json"];
        Assert.Equal("monday", (await play.Etl(monday)).With(0).Json.GetProperty("run_key").GetString());
        (await play.Etl(monday)).With(6).Saying("ETL6512", "--on-ended allow");
        (await play.Etl("run", "p.yaml", "--run-key", "tuesday", "--on-ended", "only_if_failed")).With(0);
        Assert.Equal(1, (await play.Etl("runs", "list", "--pipeline", "daily", "--run-key", "monday", "-o", "json")).With(0).Json
            .GetProperty("runs").GetArrayLength());
        (await play.Etl("runs", "list", "--run-key", "monday")).With(2).Saying("--pipeline");
        (await play.Etl("run", "p.yaml", "--on-ended", "reject")).With(2).Saying("--run-key");
    }
}
