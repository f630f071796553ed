using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Single steps of work in a home: submitted by one process, done by another, also when that one is killed.</summary>
public class Jobs
{
    private const string Send = """
        echo begun | tee -a "$1.begun"
        while [ ! -e "$1.go" ]; do sleep 0.1; done
        echo sent >> "$1.sent"
        """;

    [Fact]
    public async Task A_job_outlives_the_process_that_submits_it_and_the_one_that_does_it()
    {
        using var play = new Playground();
        var program = play.Write("send.sh", Send);
        string[] submit =
        [
            "jobs", "submit", "process", "--queue", "mail", "--key", "42", "--with", $$"""{"program": "sh", "args": ["{{program}}", "{{play["42"]}}"]}""",
        ];
        var job = (await play.Etl(submit)).With(0).Saying("nobody drives this home").Data.Trim();
        Assert.Equal(job, (await play.Etl(submit)).With(0).Data.Trim());
        Assert.False(File.Exists(play["42.begun"]));
        Assert.Contains($"nobody drives this run; go on with: etl resume {job}", (await play.Etl("jobs", "list", "--queue", "mail")).With(0).Data);
        var left = (await play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs")[0];
        Assert.Equal("driver", left.GetProperty("waiting").GetProperty("for").GetString());
        using (var first = EtlProcess.Start(play.Folder, ["dev", "--allow-program", "sh"]))
        {
            await first.Says("running");
            using var log = EtlProcess.Start(play.Folder, ["logs", job, "--follow"]);
            await log.Prints("begun");
            first.Kill();
            await first.End();
        }
        play.Write("42.go", "");
        using (var second = EtlProcess.Start(play.Folder, ["dev", "--allow-program", "sh"]))
        {
            await second.Says("succeeded");
            Assert.Equal(job, (await play.Etl(submit)).With(0).Data.Trim());
            second.Interrupt();
            (await second.End()).With(0);
        }
        var jobs = (await play.Etl("jobs", "list", "--queue", "mail", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(JsonValueKind.Null, jobs.Single().GetProperty("waiting").ValueKind);
        Assert.Equal((job, "succeeded"), (jobs.Single().GetProperty("run_id").GetString(), jobs[0].GetProperty("status").GetString()));
        Assert.Equal("jobs.mail", (await play.Etl("jobs", "queues", "-o", "json")).With(0).Json.GetProperty("queues")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task One_who_waits_for_a_job_does_it()
    {
        using var play = new Playground();
        var done = (await play.Etl("jobs", "submit", "flow.noop", "--wait", "-o", "json")).With(0).Json;
        Assert.Equal(("jobs.default", "succeeded"), (done.GetProperty("pipeline").GetString(), done.GetProperty("status").GetString()));
        var faulty = (await play.Etl("jobs", "submit", "process", "--with", """{"programm": "x"}""")).With(2);
        faulty.Saying("with.programm", "ETL1007");
    }
}
