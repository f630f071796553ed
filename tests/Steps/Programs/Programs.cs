namespace OrleansEtl.Steps.Tests;

/// <summary>Pipelines with one step that runs a script, and what became of their processes.</summary>
internal static class Programs
{
    public static readonly AllowedPrograms Shell = AllowedPrograms.Of(["sh"], "/usr/bin:/bin");

    /// <summary>A step <c>prog</c> after <c>orders</c>, ten rows with an id.</summary>
    /// <param name="more">Further fields below <c>with</c>, as a flow map without its braces.</param>
    public static string Yaml(string script, string more = "", string after = "")
    {
        var lines = script.ReplaceLineEndings("\n").Split('\n').Select(line => $"          {line}");
        var fields = more.Length == 0 ? "" : "      " + more.ReplaceLineEndings("\n").Replace("\n", "\n      ") + "\n";
        return "pipeline: test\nsteps:\n"
            + "  - {id: orders, kind: extract.generate, with: {rows: 10, columns: {id: {generator: sequence}}}}\n"
            + "  - id: prog\n    kind: process\n    depends_on: [orders]\n    with:\n      program: sh\n      args:\n        - -euc\n        - |\n"
            + $"{string.Join("\n", lines)}\n{fields}{after}";
    }

    /// <summary>An attempt of the step alone, without its input.</summary>
    public static StageWork Work(Home home, string script, string more = "", TimeSpan? timeout = null) =>
        Tests.Work.Of(home, Yaml(script, more)) is var all ? all with { Steps = [all.Steps[1]], Timeout = timeout } : throw new InvalidOperationException();

    /// <summary>Runs a script until it prints a line ETL_PROGRESS, and then stops the attempt.</summary>
    public static async Task<StageOutcome> StopWhenItSpeaks(Home home, string script, string more = "")
    {
        using var stop = new CancellationTokenSource();
        return await home.Runner.Run(Work(home, script, more), steps =>
        {
            if (steps is [{ Rows: not null }]) stop.Cancel();
        }, stop.Token).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Whether the process whose number the file holds is still there.</summary>
    public static bool Lives(string pidFile)
    {
        var process = int.Parse(File.ReadAllText(pidFile));
        return Directory.Exists($"/proc/{process}");
    }

    public static Fault Failed(StageOutcome outcome) => Assert.IsType<StageOutcome.Failed>(outcome).Fault;

    public static Fault Fails(string script, string more = "")
    {
        using var home = new Home(Shell);
        return Failed(home.Runner.Run(Work(home, script, more), _ => { }, CancellationToken.None).GetAwaiter().GetResult());
    }

    public static bool LeftNothing(Home home) => Directory.GetDirectories(home.Engine.Options.ProgramsFolder).Length == 0;
}
