using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>What steps say, read by another process than the one that runs them.</summary>
public class LogsTell
{
    private const string Yaml = """
        pipeline: talks
        params:
          marks: { type: text }
        steps:
          - { id: orders, kind: extract.generate, with: { rows: 10, columns: { id: { generator: sequence } } } }
          - id: prog
            kind: process
            depends_on: [orders]
            retry: { max: 1, initial: 100ms }
            with:
              program: sh
              retry_codes: [75]
              args:
                - -euc
                - |
                  echo "hello from attempt $ETL_ATTEMPT"
                  while [ ! -e "{{ params.marks }}/go$ETL_ATTEMPT" ]; do sleep 0.01; done
                  echo "mind the gap" >&2
                  [ $ETL_ATTEMPT = 1 ] && exit 75 || exit 1
        """;

    [Fact]
    public async Task A_log_is_followed_over_all_attempts_to_the_end_of_the_run()
    {
        using var play = new Playground();
        play.Write("p.yaml", Yaml);
        using var run = EtlProcess.Start(play.Folder, ["run", "p.yaml", "--allow-program", "sh", "-p", $"marks={play.Folder}", "--progress", "json"]);
        await run.Says("\"prog\"");
        using var follower = EtlProcess.Start(play.Folder, ["logs", "last", "--follow"]);
        await follower.Prints("hello from attempt 1");
        play.Write("go1", "");
        await follower.Prints("hello from attempt 2");
        play.Write("go2", "");
        Assert.Contains("error\tprog\t2\t", (await follower.End()).With(0).Data);
        var failed = (await run.End()).With(8);
        Assert.Matches("etl logs run_[a-z0-9]{26} --step prog", failed.Talk);

        (await play.Etl("runs", "show", "last")).With(0).Saying("--step prog    what it said");
        Assert.Equal(["hello from attempt 2"], await Messages(play, "--attempt", "2", "--grep", "HELLO"));
        Assert.Equal(["mind the gap", "mind the gap"], await Messages(play, "--step", "prog", "--level", "warn", "--grep", "gap"));
        Assert.DoesNotContain("hello from attempt 1", await Messages(play, "--step", "orders"));
        Assert.Empty(await Messages(play, "--since", "2100-01-01"));
        Assert.NotEmpty(await Messages(play, "--since", "1h"));
        (await play.Etl("logs", "last", "--step", "nobody")).With(5).Saying("ETL4224");
        (await play.Etl("logs", "last", "--step", "../x")).With(2);
        (await play.Etl("logs", "last", "--since", "yesterday")).With(2);
    }

    [Fact]
    public async Task What_was_said_before_a_kill_is_kept_and_the_next_attempt_goes_on_in_a_file_of_its_own()
    {
        using var play = new Playground();
        play.Write("p.yaml", Yaml);
        string[] command = ["run", "p.yaml", "--allow-program", "sh", "-p", $"marks={play.Folder}"];
        using (var run = EtlProcess.Start(play.Folder, [.. command, "--progress", "json"]))
        {
            await run.Says("\"prog\"");
            using var follower = EtlProcess.Start(play.Folder, ["logs", "last", "--follow"]);
            await follower.Prints("hello from attempt 1");
            run.Kill();
            await run.End();
        }
        play.Write("go2", "");
        (await play.Etl([.. command, "--resume"])).With(8);
        Assert.Equal(["hello from attempt 1", "hello from attempt 2"], await Messages(play, "--grep", "hello"));
        Assert.Equal(3, Directory.GetFiles(play[".etl/logs"], "*.jsonl", SearchOption.AllDirectories).Length);
    }

    private static async Task<string[]> Messages(Playground play, params string[] more) =>
        [.. (await play.Etl(["logs", "last", "-o", "json", .. more])).With(0).Data.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!)];
}
