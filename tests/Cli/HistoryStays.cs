using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using static OrleansEtl.Cli.Tests.Examples;

namespace OrleansEtl.Cli.Tests;

public class HistoryStays
{
    private static readonly Fault Away = new(FaultKind.Unavailable, "ETL5001", "the server is away");

    private static readonly HistoryEntry[] Entries =
    [
        new(1, At(0), "run_started", [], Reason: $"repeats {Id}"),
        new(2, At(0), "step_reused", [new("orders")]),
        new(3, At(0), "step_dispatched", [new("clean"), new("load")], new Attempt(1)),
        new(4, At(1.5), "step_retry_scheduled", [new("clean"), new("load")], new Attempt(1), RetryAt: At(3), FaultStep: new("load"), Fault: Away),
        new(5, At(3), "step_dispatched", [new("clean"), new("load")], new Attempt(2)),
        new(6, At(4), "step_failed", [new("clean"), new("load")], new Attempt(2), FaultStep: new("load"), Fault: Away),
        new(7, At(4), "step_skipped", [new("report")], Reason: "load failed"),
        new(8, At(4), "run_ended", [], Fault: Away, Status: RunStatus.Failed),
    ];

    [Fact]
    public void The_history_on_a_terminal() => Golden.Matches("history-terminal.txt", Print(OnTerminal(), isJson: false));

    [Fact]
    public void The_history_in_a_pipe() => Golden.Matches("history-piped.txt", Print(Piped(), isJson: false));

    [Fact]
    public void The_history_as_json_lines() => Golden.Matches("history.json", Print(Piped(), isJson: true));

    private static string Print(Screen screen, bool isJson)
    {
        var (text, times) = (new HistoryText(screen.Terminal, isJson), new AttemptTimes());
        text.PrintMissing(12);
        foreach (var entry in Entries) text.Print(entry, times.Took(entry));
        return screen.Data + screen.Talk.ToString();
    }
}
