using System.Collections.Immutable;
using OrleansEtl.Cli.Output;
using static OrleansEtl.Cli.Tests.Examples;

namespace OrleansEtl.Cli.Tests;

public class AlertsStay
{
    private static readonly Fault Away = new(FaultKind.Unavailable, "ETL6761", "The webhook was not reached: ConnectionRefused");
    private static readonly AlertSilence Lunch = new("sil_01020304", "shop.orders", At(0), At(0).AddHours(2), "lunch\nbreak", "ann");

    private static readonly AlertView One = new(
        "shop.orders/7", $"shop.orders/failed/{Id}", "shop.orders", AlertOn.Failed, false, At(5), At(1), 3, 2,
        "shop.orders failed in step orders: ETL4102 orders.csv line 7", Id, new StepId("orders"),
        new Fault(FaultKind.Invalid, "ETL4102", "orders.csv line 7", "steps[0].with.path", "mend the line"), null, null,
        [
            new DeliveryView("ops", DeliveryStatus.Waiting, 2, At(60), null, Away), new DeliveryView("team", DeliveryStatus.Sent, 1, null, At(6), null),
            new DeliveryView("boss", DeliveryStatus.Dead, 30, null, null, Away),
        ]);

    private static readonly ImmutableArray<AlertView> All =
    [
        One, One with { Id = "shop.orders/6", IsResolved = true, Deliveries = [One.Deliveries[1]], Fault = null, More = 0 },
        new("shop.stock/1", "shop.stock/stale/1", "shop.stock", AlertOn.Stale, false, At(9), At(9), 1, 0, "shop.stock is stale", null, null, null, null, Lunch, []),
    ];

    [Fact]
    public void The_table_of_alerts() => Golden.Matches("alerts-terminal.txt", Print(OnTerminal(), s => AlertText.Table(All).Print(s)));

    [Fact]
    public void The_json_of_alerts() => Golden.Matches(
        "alerts.json", Print(Piped(), s => JsonText.Print(s.Data, json => JsonText.List(json, "alerts", new Listing<AlertView>(All, null), AlertText.Json))));

    [Fact]
    public void One_alert() => Golden.Matches("alert-terminal.txt", Print(OnTerminal(), s => AlertText.Print(s, One)));

    [Fact]
    public void Silences_and_who_made_them() => Golden.Matches("silences-terminal.txt", Print(OnTerminal(), s => AlertText.Print(s, Silences)));

    [Fact]
    public void The_json_of_silences() => Golden.Matches("silences.json", Print(Piped(), s => JsonText.Print(s.Data, json => AlertText.Json(json, Silences))));

    private static AlertSilences Silences => new([Lunch, Lunch with { Id = "sil_05", Pipeline = null, By = null }], [new AlertAct(At(0), "ann", "silenced shop.orders for 2h: lunch")]);

    private static string Print(Screen screen, Action<Terminal> print)
    {
        print(screen.Terminal);
        return screen.Data + screen.Talk.ToString();
    }
}
