using System.Text;

namespace OrleansEtl.Channels.Tests;

public class MailTests
{
    private static readonly ChannelMessage Message = new("shop/failed/run_1", "[etl] shop failed", "shop failed\n.\nfault: ü → ✓\n", default);

    private static Task<Fault?> Send(MailServer server, Func<Channel.Mail, Channel.Mail>? otherwise = null, ChannelMessage? message = null, TimeSpan? within = null)
    {
        var mail = new Channel.Mail("localhost", server.Port, "etl@example.org", ["a@example.org", "b@example.org"], true, "etl", "s3cret", server.Authority);
        return new Sender(TimeProvider.System).Send(otherwise?.Invoke(mail) ?? mail, message ?? Message, within ?? TimeSpan.FromMinutes(1));
    }

    private static string Body(string mail) => Encoding.UTF8.GetString(Convert.FromBase64String(mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..]));

    [Fact]
    public async Task A_mail_is_taken_after_the_connection_was_encrypted()
    {
        await using var server = new MailServer();
        Assert.Null(await Send(server));
        Assert.Equal(["EHLO orleansetl", "STARTTLS", "*EHLO orleansetl"], server.Heard.Take(3));
        Assert.Equal(
            ["*MAIL FROM:<etl@example.org>", "*RCPT TO:<a@example.org>", "*RCPT TO:<b@example.org>", "*DATA"], server.Heard.Skip(4).Take(4));
        Assert.Equal("\0etl\0s3cret", Encoding.UTF8.GetString(Convert.FromBase64String(server.Heard[3]["*AUTH PLAIN ".Length..])));
        var mail = Assert.Single(server.Taken);
        Assert.Contains("\nTo: a@example.org, b@example.org\n", mail);
        Assert.Contains("\nSubject: [etl] shop failed\n", mail);
        Assert.Equal("shop failed\r\n.\r\nfault: ü → ✓\r\n", Body(mail));
    }

    [Fact]
    public async Task Each_try_has_the_same_message_id_and_another_message_another()
    {
        await using var server = new MailServer();
        await Send(server);
        await Send(server);
        await Send(server, message: Message with { Key = "shop/failed/run_2" });
        var ids = server.Taken.Select(mail => mail.Split('\n').Single(line => line.StartsWith("Message-ID: <", StringComparison.Ordinal))).ToArray();
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
    }

    [Fact]
    public async Task No_name_makes_a_header_of_its_own()
    {
        await using var server = new MailServer();
        Assert.Null(await Send(server, message: Message with { Subject = "shop\r\nBcc: evil@example.org\r\n\r\nü" + new string('x', 500) }));
        var head = server.Taken[0][..server.Taken[0].IndexOf("\n\n", StringComparison.Ordinal)].Split('\n');
        Assert.DoesNotContain(head, line => line.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase));
        Assert.All(head, line => Assert.InRange(line.Length, 1, 90));
        Assert.All(head, line => Assert.Matches("^([A-Za-z-]+:| =\\?)", line));
    }

    [Fact]
    public async Task Nothing_is_said_to_a_server_that_cannot_encrypt_or_whose_certificate_nobody_knows()
    {
        await using (var bare = new MailServer(offersTls: false))
        {
            Assert.Equal("ETL6771", (await Send(bare))!.Code);
            Assert.DoesNotContain(bare.Heard, line => line.Contains("AUTH", StringComparison.Ordinal) || line.Contains("MAIL", StringComparison.Ordinal));
        }
        await using var strange = new MailServer();
        Assert.Equal("ETL6771", (await Send(strange, mail => mail with { Authority = null }))!.Code);
        Assert.DoesNotContain(strange.Heard, line => line.StartsWith('*'));
        Assert.Empty(strange.Taken);
    }

    [Fact]
    public async Task What_a_server_says_before_the_encryption_is_not_heeded_after_it()
    {
        await using var server = new MailServer(line => line == "STARTTLS" ? "220 go\r\n250 hello" : null);
        Assert.Equal("ETL6761", (await Send(server))!.Code);
        Assert.Empty(server.Taken);
    }

    [Fact]
    public async Task Without_encryption_it_is_sent_only_where_that_is_said_and_without_a_secret()
    {
        await using var server = new MailServer(offersTls: false);
        Assert.Null(await Send(server, mail => mail with { StartTls = false }));
        Assert.DoesNotContain(server.Heard, line => line.Contains("AUTH", StringComparison.Ordinal));
        Assert.Single(server.Taken);
    }

    [Fact]
    public async Task Whom_the_server_refuses_the_others_read_in_the_mail()
    {
        await using var server = new MailServer(line => line == "RCPT TO:<b@example.org>" ? "550 no such user" : null);
        Assert.Null(await Send(server));
        Assert.Contains("does not take: b@example.org", Body(Assert.Single(server.Taken)));
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 no \u001bsuch user", "refused a@example.org: 550 5.1.1 no")]
    [InlineData("MAIL", "451 try later", "451 try later")]
    [InlineData("AUTH", "535 wrong", "535 wrong")]
    [InlineData(".", "552 too large", "552 too large")]
    public async Task What_the_server_refuses_is_a_fault_in_its_words(string verb, string reply, string said)
    {
        await using var server = new MailServer(line => line == verb || line.StartsWith(verb + " ", StringComparison.Ordinal) ? reply : null);
        var fault = (await Send(server))!;
        Assert.Equal(("ETL6770", true), (fault.Code, fault.IsTransient));
        Assert.Contains(said, fault.Message);
        Assert.DoesNotContain(fault.Message, char.IsControl);
        Assert.DoesNotContain("s3cret", fault.ToString());
    }

    [Fact]
    public async Task A_server_that_talks_without_end_or_not_at_all_is_given_up()
    {
        await using (var endless = new MailServer(line => line.Length == 0 ? "220 " + new string('x', 1_000_000) : null))
            Assert.Equal("ETL6761", (await Send(endless))!.Code);
        await using (var other = new MailServer(line => line.Length == 0 ? "HTTP/1.1 400 Bad Request" : null))
            Assert.Contains("SMTP", (await Send(other))!.Message);
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var unused = new MailServer();
        var fault = await Send(unused, mail => mail with { Port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port }, within: TimeSpan.FromMilliseconds(300));
        Assert.Equal("ETL6762", fault!.Code);
    }
}
