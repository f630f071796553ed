namespace OrleansEtl.EndToEnd.Tests;

/// <summary>What a step did is undone when the run fails, also when the process that does so is killed.</summary>
[Trait("category", "slow")]
public class Undone
{
    private static string Yaml(Playground play) => $$"""
        pipeline: booked
        steps:
          - { id: book, kind: process, with: { program: sh, args: [-euc, "echo booked >> {{play["log"]}}"] } }
          - id: unbook
            kind: process
            compensates: book
            with:
              program: sh
              args: [-euc, "[ -e {{play["died"]}} ] || { touch {{play["died"]}}; kill -9 $(sed -n 's/^PPid:[[:space:]]*//p' /proc/$PPID/status); exec tail -f /dev/null; }; echo unbooked >> {{play["log"]}}"]
          - { id: pay, kind: process, depends_on: [book], with: { program: sh, args: [-euc, "[ -e {{play["paid"]}} ]"] } }
        """;

    [Fact]
    public async Task What_was_done_is_undone_though_the_process_dies_and_is_done_again_by_a_rerun()
    {
        using var play = new Playground();
        play.Write("p.yaml", Yaml(play));
        string[] run = ["run", "p.yaml", "--allow-program", "sh", "-o", "json"];
        Assert.Equal(137, (await play.Etl(run)).Code);
        var before = (await play.Etl("runs", "show", "last", "-o", "json")).With(0).Json;
        Assert.Equal("compensating", before.GetProperty("status").GetString());

        var failed = (await play.Etl([.. run, "--resume"])).With(8).Json;
        Assert.Equal(("failed", "succeeded"), (failed.GetProperty("status").GetString(), Status(failed, "unbook")));
        Assert.Equal(["booked", "unbooked"], File.ReadAllLines(play["log"]));

        play.Write("paid", "");
        var again = (await play.Etl("rerun", "last", "--allow-program", "sh", "-o", "json")).With(0).Json;
        Assert.Equal(("succeeded", "skipped"), (Status(again, "book"), Status(again, "unbook")));
        Assert.Equal(["booked", "unbooked", "booked"], File.ReadAllLines(play["log"]));
    }

    private static string? Status(System.Text.Json.JsonElement run, string step) => run.GetProperty("steps").EnumerateArray()
        .Single(one => one.GetProperty("id").GetString() == step).GetProperty("status").GetString();
}
