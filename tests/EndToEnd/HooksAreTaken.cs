using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansEtl.EndToEnd.Tests;

/// <summary>Webhooks start runs: signed ones only, each delivery once, whatever is killed; and nobody without the secret learns anything.</summary>
public sealed class HooksAreTaken : IDisposable
{
    private const string Sales = """
        pipeline: sales
        params: { day: { type: date }, count: { type: integer, default: 1 } }
        steps: [{ id: one, kind: flow.noop }]
        triggers:
          - id: new
            kind: webhook
            secret: shop_hook
            params: { day: "{{ run.trigger.body.order.day }}", count: "{{ run.trigger.body.count | default(1) }}" }
        """;

    private const string Secret = "a secret of some length";
    private const string Body = """{"order":{"day":"2026-01-31"},"count":3}""";
    private readonly Playground _play = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _play.Dispose();
    }

    [Fact]
    public async Task A_signed_delivery_is_one_run_however_often_it_comes_and_though_the_process_is_killed()
    {
        await Apply();
        string first;
        using (var driver = Driver())
        {
            var at = await Address(driver);
            first = await Run(await Post(at, "sales/new", "d1", Body));
            Assert.Equal(first, await Run(await Post(at, "sales/new", "d1", Body)));
            Assert.NotEqual(first, await Run(await Post(at, "sales/new", "d2", Body)));
            driver.Kill();
            await driver.End();
        }
        using var again = Driver();
        Assert.Equal(first, await Run(await Post(await Address(again), "sales/new", "d1", Body)));
        var runs = (await _play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(2, runs.Length);
        var told = (await _play.Etl("runs", "show", first, "-o", "json")).With(0).Json.GetProperty("occasion").GetProperty("trigger_values");
        Assert.Equal(("d1", 3), (told.GetProperty("delivery").GetString(), told.GetProperty("body").GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Whoever_does_not_know_the_secret_is_told_the_same_whether_there_is_a_hook_or_not()
    {
        await Apply();
        using var driver = Driver();
        var at = await Address(driver);
        HttpResponseMessage[] refused =
        [
            await Post(at, "sales/new", "d", Body, secret: "another"),
            await Post(at, "sales/none", "d", Body),
            await Post(at, "sales%2fnew", "d", Body),
            await Post(at, "sales/new", "d", Body, age: 301),
            await Post(at, "sales/new", "d", Body, age: -301),
            await Post(at, "sales/new", "d", Body, sentAs: "other"),
            await Post(at, "sales/new", "d", Body, sentBody: Body.Replace("3", "4", StringComparison.Ordinal)),
            await _http.PostAsync($"{at}/hooks/sales/new", new StringContent(Body)),
        ];
        Assert.All(refused, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        var said = await Task.WhenAll(refused.Select(answer => answer.Content.ReadAsStringAsync()));
        Assert.Equal("ETL6711", Problem(Assert.Single(said.Distinct())));
        Assert.All(refused, answer => Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType));
        Assert.Empty((await _play.Etl("runs", "list", "-o", "json")).With(0).Json.GetProperty("runs").EnumerateArray());
        Assert.Empty((await _play.Etl("triggers", "history", "sales/new", "-o", "json")).With(0).Json.GetProperty("recent").EnumerateArray());
    }

    [Fact]
    public async Task What_cannot_be_a_run_is_refused_with_its_reason()
    {
        await Apply();
        using var driver = Driver();
        var at = await Address(driver);
        await Refused(HttpStatusCode.UnprocessableEntity, "ETL2022", await Post(at, "sales/new", "d1", """{"order":{"day":"soon"}}"""));
        await Refused(HttpStatusCode.UnprocessableEntity, "ETL2022", await Post(at, "sales/new", "d2", """{"order":{"day":"2026-01-31"},"count":"many"}"""));
        await Refused(HttpStatusCode.BadRequest, "ETL6714", await Post(at, "sales/new", "d3", "[1]"));
        await Refused(HttpStatusCode.BadRequest, "ETL6714", await Post(at, "sales/new", "d4", """{"order":1,"order":2}"""));
        await Refused(HttpStatusCode.BadRequest, "ETL6714", await Post(at, "sales/new", "d5", new string('[', 100) + new string(']', 100)));
        await Refused(HttpStatusCode.RequestEntityTooLarge, "ETL6712", await Post(at, "sales/new", "d6", $"{{\"x\":\"{new string('x', 70_000)}\"}}"));
        await Refused(HttpStatusCode.NotFound, "ETL6715", await _http.GetAsync($"{at}/hooks/sales/new"));
        (await _play.Etl("triggers", "pause", "sales/new")).With(0);
        await Refused(HttpStatusCode.Conflict, "ETL6719", await Post(at, "sales/new", "d7", Body));
        (await _play.Etl("triggers", "resume", "sales/new")).With(0);
        await Run(await Post(at, "sales/new", "d7", Body));
        var history = (await _play.Etl("triggers", "history", "sales/new", "-o", "json")).With(0).Json.GetProperty("recent").EnumerateArray().ToArray();
        Assert.Equal(["started", "refused", "refused"], history.Select(one => one.GetProperty("outcome").GetString()!));
        Assert.Equal("ETL2022", history[1].GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task A_secret_that_the_process_does_not_know_is_told_and_accepts_nothing()
    {
        await Apply();
        using var driver = EtlProcess.Start(_play.Folder, ["dev", "--hooks", "0"]);
        await Refused(HttpStatusCode.Unauthorized, "ETL6711", await Post(await Address(driver), "sales/new", "d", Body, secret: ""));
        var shown = (await _play.Etl("triggers", "show", "sales/new", "-o", "json")).With(0).Json;
        Assert.Equal("ETL6718", shown.GetProperty("error_code").GetString());
    }

    private async Task Apply()
    {
        _play.Write("sales.yaml", Sales);
        (await _play.Etl("apply", "sales.yaml")).With(0);
    }

    private EtlProcess Driver() => EtlProcess.Start(_play.Folder, ["dev", "--hooks", "0"], ("ETL_CONNECTION_SHOP_HOOK", Secret));

    private static async Task<string> Address(EtlProcess driver)
    {
        const string before = "webhooks are taken at ";
        await driver.Says(before);
        return driver.Said.Split('\n').First(line => line.StartsWith(before, StringComparison.Ordinal))[before.Length..].Trim();
    }

    private Task<HttpResponseMessage> Post(
        string at, string hook, string delivery, string body, string secret = Secret, int age = 0, string? sentAs = null, string? sentBody = null)
    {
        var time = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age).ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{delivery}.{body}"));
        var request = new HttpRequestMessage(HttpMethod.Post, $"{at}/hooks/{hook}") { Content = new StringContent(sentBody ?? body) };
        request.Headers.Add("Etl-Timestamp", time);
        request.Headers.Add("Etl-Delivery", sentAs ?? delivery);
        request.Headers.Add("Etl-Signature", $"v1={Convert.ToHexStringLower(hash)}");
        return _http.SendAsync(request);
    }

    private static async Task<string> Run(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("run_id").GetString()!;
    }

    private static async Task Refused(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal((status, code), (answer.StatusCode, Problem(text)));
        Assert.DoesNotContain("   at ", text);
    }

    private static string Problem(string text) => JsonDocument.Parse(text).RootElement.GetProperty("code").GetString()!;
}
