using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OrleansEtl.Channels.Tests;

/// <summary>A mail server for one conversation after another, with a certificate of its own.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly X509Certificate2 _certificate;
    private readonly Func<string, string?> _says;
    private readonly bool _offersTls;
    private readonly Task _serving;

    /// <param name="says">What it answers to a line of the client instead of what is usual; null: that.</param>
    public MailServer(Func<string, string?>? says = null, bool offersTls = true)
    {
        (_says, _offersTls) = (says ?? (_ => null), offersTls);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        File.WriteAllText(Authority, made.ExportCertificatePem());
        _listener.Start();
        _serving = Serve();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public string Authority { get; } = Path.Combine(Path.GetTempPath(), $"etl-mail-{Guid.NewGuid():n}.pem");
    /// <summary>What the client said, line by line; what it said encrypted begins with <c>*</c>.</summary>
    public List<string> Heard { get; } = [];
    /// <summary>Mails that it took, as they came.</summary>
    public List<string> Taken { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _closed.Cancel();
        _listener.Stop();
        await _serving;
        _certificate.Dispose();
        File.Delete(Authority);
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_closed.Token);
                try
                {
                    await Converse(client.GetStream());
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    Heard.Add($"({e.GetType().Name})");
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException) // it is closed
        {
        }
    }

    private async Task Converse(Stream stream)
    {
        var isEncrypted = false;
        var reader = new StreamReader(stream, Encoding.UTF8);
        await Say(_says("") ?? "220 localhost");
        while (await reader.ReadLineAsync(_closed.Token) is { } line)
        {
            Heard.Add((isEncrypted ? "*" : "") + line);
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            var answer = _says(line) ?? verb switch
            {
                "EHLO" => _offersTls && !isEncrypted ? "250-localhost\r\n250 STARTTLS" : "250-localhost\r\n250 AUTH PLAIN",
                "STARTTLS" => "220 go",
                "AUTH" => "235 ok",
                "DATA" => "354 go",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            await Say(answer);
            if (verb == "QUIT") return;
            if (verb == "STARTTLS" && answer.StartsWith("220", StringComparison.Ordinal))
            {
                var encrypted = new SslStream(stream);
                await encrypted.AuthenticateAsServerAsync(_certificate);
                (stream, reader, isEncrypted) = (encrypted, new StreamReader(encrypted, Encoding.UTF8), true);
            }
            if (!answer.StartsWith("354", StringComparison.Ordinal)) continue;
            var mail = new StringBuilder();
            while (await reader.ReadLineAsync(_closed.Token) is { } part && part != ".") mail.Append(part).Append('\n');
            Taken.Add(mail.ToString());
            await Say(_says(".") ?? "250 taken");
        }

        async Task Say(string text)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), _closed.Token);
            await stream.FlushAsync(_closed.Token);
        }
    }
}
