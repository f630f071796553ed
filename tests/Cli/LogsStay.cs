using OrleansEtl.Cli.Output;
using static OrleansEtl.Cli.Tests.Examples;

namespace OrleansEtl.Cli.Tests;

public class LogsStay
{
    private static readonly LogLine[] Lines =
    [
        new(At(0), LineLevel.Info, [new("clean"), new("load")], new Attempt(1), "attempt 1 begins", [new("host", new SpecValue.Text("db1"))], "call-7"),
        new(At(0.1), LineLevel.Debug, [new("clean"), new("load")], new Attempt(1), "query: WITH s1 AS (SELECT 1)", []),
        new(At(1.5), LineLevel.Warn, [new("clean")], new Attempt(1), "went\ton \e[2J",
            [new("rows", new SpecValue.Integer(1_200_000)), new("part", new SpecValue.Real(0.5)), new("why", new SpecValue.Text("a\nb"))]),
        new(At(2), LineLevel.Error, [new("load")], new Attempt(2), "talks/load: the server is away", [new("code", new SpecValue.Text("ETL5001"))]),
    ];

    [Fact]
    public void The_log_on_a_terminal() => Golden.Matches("logs-terminal.txt", Print(OnTerminal(), isJson: false));

    [Fact]
    public void The_log_in_a_pipe() => Golden.Matches("logs-piped.txt", Print(Piped(), isJson: false));

    [Fact]
    public void The_log_as_json_lines() => Golden.Matches("logs.json", Print(Piped(), isJson: true));

    private static string Print(Screen screen, bool isJson)
    {
        var text = new LogText(screen.Terminal, isJson);
        foreach (var line in Lines) text.Print(line);
        return screen.Data + screen.Talk.ToString();
    }
}
