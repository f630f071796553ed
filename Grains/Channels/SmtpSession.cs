using System.Collections.Immutable;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OrleansEtl.Channels;

/// <summary>A conversation with a mail server, line by line (RFC 5321, STARTTLS of RFC 3207, AUTH PLAIN of RFC 4954). What the server says is
/// bounded, and nothing that it said before the connection was encrypted is heeded after.</summary>
internal sealed class SmtpSession(Stream stream) : IAsyncDisposable
{
    private const int LineBytesMax = 2_000;
    private const int LinesMax = 100;

    private readonly byte[] _read = new byte[4_096];
    private Stream _stream = stream;
    private int _from, _to;

    public ImmutableArray<string> Extensions { get; private set; } = [];

    /// <exception cref="SmtpReplyException">It is another one.</exception>
    public async Task<SmtpReply> Expect(int code, CancellationToken cancellation)
    {
        var reply = await Reply(cancellation);
        return reply.Code == code ? reply : throw new SmtpReplyException(reply);
    }

    /// <param name="line">Without an end of line in it: nobody puts a second command into the first.</param>
    public async Task<SmtpReply> Say(string line, CancellationToken cancellation)
    {
        if (line.AsSpan().ContainsAny('\r', '\n', '\0')) throw new InvalidOperationException("A command is one line.");
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), cancellation);
        return await Reply(cancellation);
    }

    public async Task<SmtpReply> Say(string line, int expected, CancellationToken cancellation)
    {
        var reply = await Say(line, cancellation);
        return reply.Code == expected ? reply : throw new SmtpReplyException(reply);
    }

    public async Task Hello(string name, CancellationToken cancellation) =>
        Extensions = (await Say($"EHLO {name}", 250, cancellation)).Lines;

    /// <summary>After the server has agreed to it.</summary>
    /// <param name="authority">A file with certificates that the server's may be signed by; null: those of the system.</param>
    public async Task Encrypt(string host, string? authority, CancellationToken cancellation)
    {
        if (_from < _to) throw new IOException("it said something more before the encryption began");
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (authority is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        }
        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(options, cancellation);
    }

    public async Task Data(byte[] message, CancellationToken cancellation)
    {
        await Say("DATA", 354, cancellation);
        await _stream.WriteAsync(message, cancellation);
        await _stream.WriteAsync("\r\n.\r\n"u8.ToArray(), cancellation);
        await Expect(250, cancellation);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<SmtpReply> Reply(CancellationToken cancellation)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        while (lines.Count < LinesMax)
        {
            var line = await Line(cancellation);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                throw new IOException("it does not speak SMTP");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] != '-') return new SmtpReply(code, lines.DrainToImmutable());
        }
        throw new IOException($"its reply has more than {LinesMax} lines");
    }

    private async Task<string> Line(CancellationToken cancellation)
    {
        var line = new List<byte>();
        while (line.Count < LineBytesMax)
        {
            if (_from == _to)
            {
                (_from, _to) = (0, await _stream.ReadAsync(_read, cancellation));
                if (_to == 0) throw new IOException("it closed the connection");
            }
            var next = _read[_from++];
            if (next == '\n') return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            line.Add(next);
        }
        throw new IOException($"a line of it has more than {LineBytesMax} bytes");
    }
}

internal sealed record SmtpReply(int Code, ImmutableArray<string> Lines)
{
    public override string ToString() => $"{Code} {string.Join(' ', Lines)}";
}

internal sealed class SmtpReplyException(SmtpReply reply) : IOException(reply.ToString());
