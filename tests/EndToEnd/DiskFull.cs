using System.Diagnostics;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>A full disk fails the run with a clear error, publishes nothing, and the run's history stays readable. The disk is made
/// small by a limit on the size of files, which needs no rights.</summary>
public class DiskFull
{
    [Fact]
    public async Task A_file_that_cannot_grow_fails_its_step_and_nothing_is_published()
    {
        using var play = new Playground();
        play.Write("p.yaml", """
            pipeline: large
            steps:
              - id: made
                kind: extract.generate
                with: { rows: 4000000, columns: { id: { generator: sequence }, x: { generator: uniform, min: 1, max: 1000000000 } } }
              - { id: out, kind: load.csv, depends_on: [made], with: { path: out/large.csv }, retry: { max: 0 } }
            """);
        var ended = await Limited(play, megabytes: 20, "run", "p.yaml", "-o", "json");
        ended.With(8).Saying("error[ETL");
        Assert.False(File.Exists(play["out/large.csv"]));
        var shown = (await play.Etl("runs", "show", "last", "-o", "json")).With(0).Json;
        Assert.Equal("failed", shown.GetProperty("status").GetString());
        Assert.Empty((await play.Etl("datasets", "list", "-o", "json")).With(0).Json.GetProperty("datasets").EnumerateArray());
        (await play.Etl("rerun", "last")).With(0);
        Assert.True(File.Exists(play["out/large.csv"]));
    }

    /// <summary>The signal for a file that is too large is ignored, as it is by every program that writes files of its own will, so
    /// that the write fails as it does on a full disk.</summary>
    private static async Task<Ended> Limited(Playground play, int megabytes, params string[] arguments)
    {
        var program = Environment.GetEnvironmentVariable("ETL_EXE")!;
        var start = new ProcessStartInfo("bash", ["-c", $"trap '' XFSZ; ulimit -f {megabytes * 1024}; exec \"$0\" \"$@\"", program, .. arguments])
        {
            WorkingDirectory = play.Folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (data, talk) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(EtlProcess.Patience);
        return new Ended(process.ExitCode, await data, await talk);
    }
}
