namespace OrleansEtl.Cli.Tests;

/// <summary>What is said of a command line that is wrong.</summary>
public sealed class WrongUse
{
    [Theory]
    [InlineData("Cannot parse argument 'many' for option '--attempt': expected a whole number.", "logs", "last", "--attempt", "many")]
    [InlineData("Cannot parse argument 'soon' for option '--retries': expected a whole number.", "jobs", "submit", "process", "--retries", "soon")]
    [InlineData("Cannot parse argument 'loud' for option '--level': expected debug, info, warn, error.", "logs", "last", "--level", "loud")]
    public async Task A_value_of_another_kind_is_told_in_words(string said, params string[] arguments)
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
