using System.Collections.Immutable;
using OrleansEtl.Cli.Output;
using static OrleansEtl.Cli.Tests.Examples;

namespace OrleansEtl.Cli.Tests;

public class LimitsStay
{
    private static readonly LimitSpec Spec = new(
        5, new LimitRate(100, TimeSpan.FromMinutes(1), 20), LimitOf.Steps, [new LimitShare("shop", 3)], "The warehouse");

    private static readonly ImmutableArray<LimitSummary> Both =
        [new("api", Spec, true, 3, 2), new("nightly", new LimitSpec(1, null, LimitOf.Runs, []), false, 0, 0)];

    private static readonly LimitView One = new(
        "api", Spec, new LimitPause(At(3), "lunch", "ann"), 3, 2, [Person(0, At(1)), Person(1, At(2)) with { Weight = 2 }], 1,
        [Person(2, At(4)) with { Priority = 10 }], [new LimitAct(At(3), "paused: lunch", "ann"), new LimitAct(Start, "set to concurrency 5", null)]);

    [Fact]
    public void The_table_of_limits() => Golden.Matches("limits-terminal.txt", Print(OnTerminal(), s => LimitsText.Table(Both).Print(s)));

    [Fact]
    public void The_json_of_limits() => Golden.Matches(
        "limits.json", Print(Piped(), s => JsonText.Print(s.Data, json => JsonText.List(json, "limits", new Listing<LimitSummary>(Both, null), LimitsText.Json))));

    [Fact]
    public void Who_holds_and_who_waits() => Golden.Matches("limit-terminal.txt", Print(OnTerminal(), s => LimitsText.Print(s, One)));

    [Fact]
    public void The_json_of_a_limit() =>
        Golden.Matches("limit.json", Print(Piped(), s => JsonText.Print(s.Data, json => LimitsText.Json(json, One))));

    private static LimitHolder Person(int stage, DateTimeOffset since) =>
        new(new LimitTicket(Id, stage, new Attempt(1)), "shop.orders/load", "shop", 1, 0, since);

    private static string Print(Screen screen, Action<Terminal> print)
    {
        print(screen.Terminal);
        return screen.Data + screen.Talk.ToString();
    }
}
