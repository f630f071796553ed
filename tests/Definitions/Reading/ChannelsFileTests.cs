namespace OrleansEtl.Definitions.Tests.Reading;

public class ChannelsFileTests
{
    private const string Both = """
        warehouse: "Host=db;Password=hush"
        ops: { channel: webhook, url: "https://hooks.example/etl?token=hush", secret: { env: OPS }, private: true }
        team:
          channel: mail
          host: smtp.example
          from: etl@example.org
          to: [team@example.org, boss@example.org]
          user: etl
          secret: { file: smtp.secret }
        """;

    [Fact]
    public void Channels_and_connections_stand_in_one_file()
    {
        Assert.Equal(["warehouse"], ConnectionsFile.Read(Both, "c.yaml").Value.Select(entry => entry.Name));
        var channels = ChannelsFile.Read(Both, "c.yaml").Value;
        var hook = Assert.IsType<ChannelEntry.Webhook>(channels[0]);
        Assert.Equal(("ops", "https://hooks.example/etl?token=hush", "OPS", true), (hook.Name, hook.Url.Text, hook.Secret!.Variable, hook.IsPrivate));
        var mail = Assert.IsType<ChannelEntry.Mail>(channels[1]);
        Assert.Equal(("smtp.example", 587, true, "smtp.secret"), (mail.Host, mail.Port, mail.StartTls, mail.Secret!.File));
        Assert.Equal(["team@example.org", "boss@example.org"], mail.To);
        Assert.DoesNotContain("hush", string.Concat(channels));
    }

    [Theory]
    [InlineData("a: { channel: pigeon, url: hush }", "neither a webhook nor mail")]
    [InlineData("a: { channel: webhook }", "says no address")]
    [InlineData("a: { channel: webhook, url: 'file:///hush' }", "address that is none")]
    [InlineData("a: { channel: webhook, url: 'ftp://hush' }", "address that is none")]
    [InlineData("a: { channel: webhook, url: 'https://etl:hush@x/' }", "address that is none")]
    [InlineData("a: { channel: webhook, url: 'https://x/', secret: hush }", "secret in plain sight")]
    [InlineData("a: { channel: mail, host: x, from: a@x, to: b@x, user: u, secret: 'hush' }", "secret in plain sight")]
    [InlineData("a: { channel: webhook, url: 'https://x/', privat: true }", "perhaps meant as `private`")]
    [InlineData("a: { channel: webhook, url: 'https://x/', private: hush }", "neither true nor false")]
    [InlineData("a: { channel: mail, host: 'x y', from: a@x, to: b@x }", "no server")]
    [InlineData("a: { channel: mail, host: x, port: 0, from: a@x, to: b@x }", "port")]
    [InlineData("a: { channel: mail, host: x, from: \"a@x\\r\\nBcc: hush@x\", to: b@x }", "no sender")]
    [InlineData("a: { channel: mail, host: x, from: a@x, to: ['b@x>\\r\\nRCPT TO:<hush@x'] }", "no recipients")]
    [InlineData("a: { channel: mail, host: x, from: a@x, to: [] }", "no recipients")]
    [InlineData("a: { channel: mail, host: x, from: a@x, to: b@x, user: hush }", "a user and no secret")]
    [InlineData("a: { channel: mail, host: x, from: a@x, to: b@x, user: u, secret: { env: X }, starttls: false }", "unencrypted")]
    public void What_is_no_channel_is_refused_and_never_quoted(string text, string said)
    {
        var fault = ChannelsFile.Read(text, "c.yaml").Fault!;
        Assert.Equal("ETL6752", fault.Code);
        Assert.Contains(said, fault.Message);
        Assert.DoesNotContain("hush", fault.ToString());
    }

    [Fact]
    public void One_may_stand_in_a_variable() =>
        Assert.Equal("ops", ChannelsFile.ReadOne("ops", "{ channel: webhook, url: \"https://x/\" }").Value!.Name);
}
