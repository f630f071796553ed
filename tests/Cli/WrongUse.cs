namespace OrleansEtl.Cli.Tests;

/// <summary>What is said of a command line that is wrong.</summary>
public sealed class WrongUse
{
    [Theory]
    [InlineData("Cannot parse argument 'many' for option '--attempt': expected a whole number.", "logs", "last", "--attempt", "many")]
    [InlineData("Cannot parse argument 'soon' for option '--retries': expected a whole number.", "jobs", "submit", "process", "--retries", "soon")]
    [InlineData("Cannot parse argument 'loud' for option '--level': expected debug, info, warn, error.", "logs", "last", "--level", "loud")]
    [InlineData("--concurrency is a number from 1 to 10000; found '0'", "limits", "set", "warehouse", "--concurrency", "0")]
    [InlineData("--priority is a number from -100 to 100; found '1000'", "run", "orders.yaml", "--priority", "1000")]
    [InlineData("--priority is a number from -100 to 100; found '-101'", "jobs", "submit", "process", "--priority", "-101")]
    [InlineData("--retries is a number from 0 to 100; found '-1'", "jobs", "submit", "process", "--retries", "-1")]
    [InlineData("--on-ended is about the last run of a run key", "run", "orders.yaml", "--on-ended", "reject")]
    [InlineData("'sometimes' not recognized", "run", "orders.yaml", "--run-key", "k", "--on-ended", "sometimes")]
    [InlineData("--concurrency is a number from 1 to 100; found '101'",
        "schedules", "backfill", "hourly", "--from", "2026-03-01", "--to", "2026-03-02", "--concurrency", "101")]
    public async Task A_value_of_another_kind_or_out_of_bounds_is_told_in_words(string said, params string[] arguments)
    {
        var screen = new Screen(isTerminal: false);
        var surroundings = new Surroundings(
            screen.Terminal, TimeProvider.System, _ => throw new InvalidOperationException("no home is meant"),
            (_, _) => throw new InvalidOperationException("no cluster is meant"));
        Assert.Equal(ExitCode.Usage, await EntryPoint.Run(arguments, surroundings));
        Assert.Contains(said, screen.Talk.ToString());
        Assert.DoesNotContain("OrleansEtl.", screen.Talk.ToString());
        Assert.DoesNotContain("System.", screen.Talk.ToString());
    }
}
