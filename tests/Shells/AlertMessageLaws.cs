using System.Text.Json;
using OrleansEtl.Engine.Alerts;
using OrleansEtl.Shells.Alerts;
using OrleansEtl.Shells.Tests.Support;
using Xunit;

namespace OrleansEtl.Shells.Tests;

public class AlertMessageLaws
{
    private const int BytesMax = 16 << 10;
    private static readonly string Hostile = "a\r\nBcc: evil@example.org\r\n\u001b[31m\0\u202e" + new string('ü', 100_000);

    /// <summary>A run that failed with whatever strangers could make it say.</summary>
    private static RunView Failed(string text) => new(
        Given.Run, "shop.orders", "0123456789abcdef", RunStatus.Failed, 3, AlertHouse.Noon, AlertHouse.Noon.AddMinutes(1),
        [new Field("password", new SpecValue.Text("hush"))], null, new Fault(FaultKind.Invalid, "ETL5040", text),
        [
            new StepView(
                new StepId("sane"), "check.sql", 0, StepStatus.Failed, 1, [], AlertHouse.Noon, AlertHouse.Noon, null, null, null,
                new Fault(FaultKind.Invalid, "ETL5040", text, text, text, "call"), null, [], [new Field("token", new SpecValue.Text("hush"))], null),
        ],
        RegisteredVersion: 3, Occasion: new RunOccasion(AlertHouse.Noon.AddDays(-1), AlertHouse.Noon, Schedule: "shop.orders/nightly"));

    private static Alert Raised(AlertCause cause, int count = 1, bool isResolved = false) => new(
        7, "shop.orders/failed/1", AlertOn.CheckFailed, isResolved, AlertHouse.Noon.AddHours(1), AlertHouse.Noon, count, 0, cause, null, []);

    [Fact]
    public void Whatever_a_fault_says_the_message_is_small_on_its_lines_and_without_what_the_run_was_given()
    {
        var message = AlertMessage.Of("shop.orders", Raised(AlertCause.Failed(Failed(Hostile)), count: 61));
        Assert.InRange(message.Json.Length, 1, BytesMax);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(message.Text), 1, BytesMax);
        Assert.DoesNotContain(message.Subject, char.IsControl);
        Assert.DoesNotContain(message.Text, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain(message.Text.Split('\n'), line => line.StartsWith("Bcc", StringComparison.Ordinal));
        Assert.DoesNotContain(JsonDocument.Parse(message.Json).RootElement.GetProperty("text").GetString()!, char.IsControl);
        foreach (var text in new[] { message.Text, message.Subject, System.Text.Encoding.UTF8.GetString(message.Json.Span) }) Assert.DoesNotContain("hush", text);
    }

    [Fact]
    public void The_json_of_version_1_stays_as_it_is()
    {
        var message = AlertMessage.Of("shop.orders", Raised(AlertCause.Failed(Failed("3 rows are bad")), count: 61));
        Assert.Equal(
            """
            {"version":1,"key":"shop.orders/failed/1","status":"firing","text":"shop.orders failed in step sane: ETL5040 3 rows are bad (61 times since 2026-03-01 12:00:00Z)","alert":"shop.orders/7","on":"check_failed","pipeline":"shop.orders","at":"2026-03-01T13:00:00+00:00","since":"2026-03-01T12:00:00+00:00","count":61,"run":{"id":"RUN","started_at":"2026-03-01T12:00:00+00:00","ended_at":"2026-03-01T12:01:00+00:00","interval_start":"2026-02-28T12:00:00+00:00","interval_end":"2026-03-01T12:00:00+00:00","schedule":"shop.orders/nightly","registered_version":3,"show":"etl runs show RUN"},"step":{"id":"sane","kind":"check.sql"},"fault":{"code":"ETL5040","kind":"invalid","message":"3 rows are bad","path":"3 rows are bad","hint":"3 rows are bad","explain":"etl explain ETL5040"}}
            """.Replace("RUN", Given.Run.Value),
            System.Text.Encoding.UTF8.GetString(message.Json.Span));
        Assert.Equal("[etl] shop.orders check failed: ETL5040", message.Subject);
    }

    [Fact]
    public void What_is_over_says_so_in_one_sentence()
    {
        var message = AlertMessage.Of("shop.orders", Raised(AlertCause.Over(AlertOn.Late, Given.Run), isResolved: true));
        Assert.StartsWith("shop.orders is late no longer\n", message.Text);
        Assert.Equal("resolved", JsonDocument.Parse(message.Json).RootElement.GetProperty("status").GetString());
        Assert.DoesNotContain("etl alerts silence", message.Text);
    }
}
