namespace OrleansEtl.Steps.Tests;

/// <summary>Steps that ask HTTP services.</summary>
public class RequestTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static string Step(string with) => $"pipeline: test\nsteps:\n  - {{id: told, kind: http.request, with: {{connection: shop, {with}}}}}\n";

    private static async Task<StageOutcome> Run(Home home, string with, int attempt = 1, CancellationToken stop = default) =>
        await home.Runner.Run(Work.Of(home, Step(with), attempt), _ => { }, stop).WaitAsync(Patience, CancellationToken.None);

    private static async Task<Fault> Fails(Home home, string with) => Assert.IsType<StageOutcome.Failed>(await Run(home, with)).Fault;

    [Fact]
    public async Task What_is_asked_and_what_is_answered()
    {
        using var service = new Service(_ => Service.Answer(201, """{"id": 7, "parts": [1.5, null, "x"]}"""));
        using var home = service.Home("Header.Authorization=\"Bearer s3cret\"");
        var done = Assert.IsType<StageOutcome.Succeeded>(await Run(
            home, "method: POST, path: orders/ready, query: {day: '2026-01-31', q: 'a&b'}, headers: {X-Trace: abc, authorization: mine}, json: {day: 31, of: {a: [1, two]}}"));
        Assert.Equal("""[{"name":"status","value":201},{"name":"body","value":{"id":7,"parts":[1.5,null,"x"]}}]""",
            new SpecValue.List([.. done.Results[0].Values.Select(value => (SpecValue)new SpecValue.Map(
                [new("name", new SpecValue.Text(value.Name)), new("value", value.Value)]))]).ToJson());
        var asked = Assert.Single(service.Asked);
        Assert.StartsWith("POST /v1/orders/ready?day=2026-01-31&q=a%26b HTTP/1.1\r\n", asked);
        Assert.Contains("\r\nAuthorization: Bearer s3cret\r\n", asked);
        Assert.DoesNotContain("mine", asked);
        Assert.Contains("\r\nX-Trace: abc\r\n", asked);
        Assert.EndsWith("""{"day":31,"of":{"a":[1,"two"]}}""", asked);
    }

    [Fact]
    public async Task Each_attempt_bears_the_same_key_and_reading_bears_none()
    {
        using var service = new Service(_ => Service.Answer(200, "ok"));
        using var home = service.Home();
        for (var attempt = 1; attempt <= 2; attempt++) Assert.IsType<StageOutcome.Succeeded>(await Run(home, "method: PUT, body: 'a,b', content_type: text/csv", attempt));
        Assert.IsType<StageOutcome.Succeeded>(await Run(home, "path: x"));
        var keys = service.Asked.Select(asked => asked.Split("\r\n").FirstOrDefault(line => line.StartsWith("Idempotency-Key"))).ToArray();
        Assert.Equal(new string?[] { "Idempotency-Key: run_00000000000000000000000001/told", "Idempotency-Key: run_00000000000000000000000001/told", null }, keys);
        Assert.Contains("\r\nContent-Type: text/csv\r\n", service.Asked.First());
    }

    [Theory]
    [InlineData(503, FaultKind.Unavailable)]
    [InlineData(429, FaultKind.Unavailable)]
    [InlineData(500, FaultKind.Invalid)]
    [InlineData(404, FaultKind.NotFound)]
    [InlineData(403, FaultKind.Denied)]
    [InlineData(302, FaultKind.Invalid)]
    public async Task A_refusal_says_what_the_service_said_and_is_tried_again_where_that_may_help(int status, FaultKind kind)
    {
        using var service = new Service(_ => Service.Answer(status, "not \u001b[31mtoday", "Location: http://127.0.0.1:1/elsewhere\r\n"));
        using var home = service.Home();
        var fault = await Fails(home, "path: x");
        Assert.Equal(("ETL4901", kind), (fault.Code, fault.Kind));
        Assert.Contains($"answered {status} to GET x: not ", fault.Message);
        Assert.DoesNotContain('\u001b', fault.Message);
        Assert.Single(service.Asked);
        Assert.IsType<StageOutcome.Succeeded>(await Run(home, $"path: x, success_codes: [{status}], keep_body: false"));
    }

    [Fact]
    public async Task A_cancelled_step_gives_the_request_up()
    {
        using var service = new Service(_ => Service.Silence);
        using var home = service.Home();
        using var stop = new CancellationTokenSource();
        var running = Run(home, "path: slow", stop: stop.Token);
        await service.WasAsked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        Assert.IsType<StageOutcome.Stopped>(await running);
        await service.WasLeft.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task A_broken_answer_is_tried_again(string answer)
    {
        using var service = new Service(_ => answer);
        using var home = service.Home();
        var fault = await Fails(home, "path: x");
        Assert.Equal(("ETL4902", FaultKind.Unavailable), (fault.Code, fault.Kind));
    }

    [Fact]
    public async Task Nobody_there_is_tried_again()
    {
        string url;
        using (var gone = new Service(_ => "")) url = gone.Url;
        using var home = new Home(NamedConnections.Of(("shop", url)));
        Assert.Equal(("ETL4902", FaultKind.Unavailable), (await Fails(home, "path: x")) is var fault ? (fault.Code, fault.Kind) : default);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_not_kept_and_can_be_left_away()
    {
        using var service = new Service(_ => Service.Answer(200, new string('x', (64 << 10) + 1)));
        using var home = service.Home();
        Assert.Equal("ETL4903", (await Fails(home, "path: x")).Code);
        Assert.IsType<StageOutcome.Succeeded>(await Run(home, "path: x, keep_body: false"));
    }

    [Theory]
    [InlineData("../admin")]
    [InlineData("a/../../admin")]
    [InlineData("%2e%2e/admin")]
    [InlineData("a/..%2f..%2fadmin/../../../x")]
    [InlineData("x?y=1")]
    [InlineData("x#y")]
    [InlineData("..\\\\admin")]
    public async Task A_path_leads_nowhere_but_below_the_connection(string path)
    {
        using var service = new Service(_ => Service.Answer(200, ""));
        using var home = service.Home();
        Assert.Equal("ETL4905", (await Fails(home, $"path: \"{path}\"")).Code);
        Assert.Empty(service.Asked);
    }

    [Theory]
    [InlineData("headers: {Host: other}")]
    [InlineData("headers: {X-A: \"b\\r\\nX-C: d\"}")]
    [InlineData("headers: {\"X A\": b}")]
    [InlineData("json: {a: 1}, body: x")]
    [InlineData("body: x, content_type: \"no type\"")]
    public async Task What_cannot_be_sent_is_refused_before_anybody_is_asked(string with)
    {
        using var service = new Service(_ => Service.Answer(200, ""));
        using var home = service.Home();
        Assert.Equal("ETL5003", (await Fails(home, "method: POST, " + with)).Code);
        Assert.Empty(service.Asked);
    }

    [Theory]
    [InlineData("Host=db.example;Database=shop;Password=s3cret")]
    [InlineData("Url=ftp://s3cret.example")]
    [InlineData("Url=https://user:s3cret@shop.example")]
    [InlineData("Url=https://shop.example/?token=s3cret")]
    [InlineData("Url=https://shop.example;Haeder.Authorization=s3cret")]
    [InlineData("s3cret")]
    public async Task A_connection_that_is_none_of_a_service_is_refused_and_not_shown(string text)
    {
        using var home = new Home(NamedConnections.Of(("shop", text)));
        var fault = await Fails(home, "path: x");
        Assert.Equal("ETL4904", fault.Code);
        Assert.DoesNotContain("s3cret", fault.ToString());
    }
}
