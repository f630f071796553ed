using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace OrleansEtl.Channels.Tests;

public class WebhookTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly ChannelMessage Message = new("shop/failed/run_1", "subject", "text", Encoding.UTF8.GetBytes("""{"version":1,"text":"ü"}"""));

    private static async Task<Fault?> Send(Uri url, string? secret = null, bool isPrivate = true, TimeSpan? within = null)
    {
        using var sender = new Sender(TimeProvider.System);
        return await sender.Send(new Channel.Webhook(url, secret, isPrivate), Message, within ?? Patience);
    }

    private static Func<HttpContext, Task> Status(int status, string said = "") => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(said);
    };

    [Fact]
    public async Task A_message_arrives_as_it_is_with_its_key_and_its_signature()
    {
        await using var server = await HookServer.Start(Status(202));
        Assert.Null(await Send(server.Url, "s3cret"));
        var (_, headers, body) = Assert.Single(server.Heard);
        Assert.Equal(Message.Json.ToArray(), body);
        Assert.Equal("shop/failed/run_1", headers["Idempotency-Key"]);
        Assert.Equal("application/json; charset=utf-8", headers["Content-Type"]);
        var parts = headers["Etl-Signature"].ToString().Split(',').Select(part => part.Split('=')[1]).ToArray();
        var expected = HMACSHA256.HashData("s3cret"u8, [.. Encoding.UTF8.GetBytes(parts[0] + "."), .. body]);
        Assert.Equal(Convert.ToHexStringLower(expected), parts[1]);
        Assert.DoesNotContain("s3cret", string.Concat(headers.Values));
    }

    [Fact]
    public async Task Without_a_secret_nothing_is_signed()
    {
        await using var server = await HookServer.Start(Status(200));
        Assert.Null(await Send(server.Url));
        Assert.False(Assert.Single(server.Heard).Headers.ContainsKey("Etl-Signature"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Another_status_is_a_fault_with_the_beginning_of_what_was_said(int status)
    {
        await using var server = await HookServer.Start(Status(status, "no\u001b[31m such\r\nthing " + new string('x', 100_000)));
        var fault = (await Send(server.Url))!;
        Assert.Equal(("ETL6763", true), (fault.Code, fault.IsTransient));
        Assert.Contains($"status {status}: no", fault.Message);
        Assert.InRange(fault.Message.Length, 1, 400);
        Assert.DoesNotContain(fault.Message, char.IsControl);
        Assert.DoesNotContain("hush", fault.ToString());
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var server = await HookServer.Start(context =>
        {
            context.Response.Redirect("/elsewhere", permanent: true, preserveMethod: true);
            return Task.CompletedTask;
        });
        Assert.Equal("ETL6764", (await Send(server.Url))!.Code);
        Assert.Equal("/hook", Assert.Single(server.Heard).Path);
    }

    [Fact]
    public async Task One_that_stalls_is_given_up_when_the_time_is_over()
    {
        using var over = new CancellationTokenSource();
        await using var server = await HookServer.Start(context => Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(
            over.Token, context.RequestAborted).Token));
        var fault = (await Send(server.Url, within: TimeSpan.FromMilliseconds(300)))!;
        Assert.Equal("ETL6762", fault.Code);
        over.Cancel();
    }

    [Fact]
    public async Task One_that_says_more_and_more_is_not_listened_to()
    {
        await using var server = await HookServer.Start(async context =>
        {
            var more = new byte[65_536];
            try
            {
                context.Response.StatusCode = 500;
                while (true) await context.Response.Body.WriteAsync(more, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
            }
        });
        Assert.Equal("ETL6763", (await Send(server.Url))!.Code);
    }

    [Fact]
    public async Task One_that_dies_in_between_or_is_not_there_is_a_fault_without_its_address()
    {
        Uri gone;
        await using (var server = await HookServer.Start(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        }))
        {
            gone = server.Url;
            Assert.Equal("ETL6761", (await Send(gone))!.Code);
        }
        var fault = (await Send(gone))!;
        Assert.Equal("ETL6761", fault.Code);
        Assert.DoesNotContain("hush", fault.ToString());
        Assert.Contains("ConnectionRefused", fault.Message);
    }

    [Fact]
    public async Task A_webhook_that_is_not_private_reaches_nothing_of_this_machine_by_address_or_by_name()
    {
        await using var server = await HookServer.Start(Status(200));
        Assert.Equal("ETL6760", (await Send(server.Url, isPrivate: false))!.Code);
        Assert.Equal("ETL6760", (await Send(new UriBuilder(server.Url) { Host = "localhost" }.Uri, isPrivate: false))!.Code);
        Assert.Equal("ETL6760", (await Send(new Uri("http://169.254.169.254/latest/"), isPrivate: true))!.Code);
        Assert.Empty(server.Heard);
    }

    [Theory]
    [InlineData("8.8.8.8", true, true)]
    [InlineData("2a00:1450:4001::1", true, true)]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("10.1.2.3", false, true)]
    [InlineData("172.31.255.1", false, true)]
    [InlineData("192.168.0.1", false, true)]
    [InlineData("100.64.0.1", false, true)]
    [InlineData("::1", false, true)]
    [InlineData("fd00::1", false, true)]
    [InlineData("::ffff:10.0.0.1", false, true)]
    [InlineData("64:ff9b::a00:1", false, true)]
    [InlineData("169.254.169.254", false, false)]
    [InlineData("::ffff:169.254.169.254", false, false)]
    [InlineData("fe80::1", false, false)]
    [InlineData("0.0.0.0", false, false)]
    [InlineData("::", false, false)]
    [InlineData("224.0.0.1", false, false)]
    [InlineData("255.255.255.255", false, false)]
    public void An_address_is_public_or_private_or_never_meant(string address, bool isPublic, bool isAllowedPrivately)
    {
        Assert.Equal(isPublic, AddressRules.Allows(IPAddress.Parse(address), isPrivate: false));
        Assert.Equal(isAllowedPrivately, AddressRules.Allows(IPAddress.Parse(address), isPrivate: true));
    }
}
