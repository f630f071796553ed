using System.Collections.Immutable;
using OrleansEtl.Cli.Output;
using OrleansEtl.Client;
using static OrleansEtl.Cli.Tests.Examples;

namespace OrleansEtl.Cli.Tests;

public class SilosStay
{
    private static readonly SiloView Healthy = new(
        "10.0.0.1:11111@5", "10.0.0.1:11111", "active", new SiloReport("control+data.a-11111", ["control", "data"], Start, "0.2.0"), 12);

    private static readonly ImmutableArray<SiloView> Both = [Healthy, new("10.0.0.2:11111@6", "10.0.0.2:11111", "active", null, 0)];

    private static readonly ImmutableArray<SiloCalls> Calls =
    [
        new(Healthy, new CallReport(Start, At(3),
        [
            new CallStatistic("pipeline", "Tell", 1204, 1, TimeSpan.FromMicroseconds(850), TimeSpan.FromMilliseconds(12)),
            new CallStatistic("run-catalog", "Runs", 1, 0, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(4)),
        ])),
    ];

    [Fact]
    public void The_table_of_silos() => Golden.Matches("silos-terminal.txt", Print(OnTerminal(), s => SilosText.Table(Both).Print(s)));

    [Fact]
    public void The_json_of_silos() => Golden.Matches("silos.json", Print(Piped(), s => JsonText.Print(s.Data, json => SilosText.Json(json, Both))));

    [Fact]
    public void The_table_of_calls() => Golden.Matches("calls-terminal.txt", Print(OnTerminal(), s => SilosText.Table(Calls).Print(s)));

    [Fact]
    public void The_json_of_calls() => Golden.Matches("calls.json", Print(Piped(), s => JsonText.Print(s.Data, json => SilosText.Json(json, Calls))));

    private static string Print(Screen screen, Action<Terminal> print)
    {
        print(screen.Terminal);
        return screen.Data + screen.Talk.ToString();
    }
}
