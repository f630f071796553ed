using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Channels;

/// <summary>Sends messages as mail, each in a conversation of its own. It has arrived when the server took it for one recipient at least; whom it
/// refused, the others read in the mail.</summary>
internal sealed class Mails(TimeProvider clock)
{
    private const string What = "The mail server";

    public async Task<Fault?> Send(Channel.Mail mail, ChannelMessage message, TimeSpan within)
    {
        using var time = new CancellationTokenSource(within, clock);
        try
        {
            return await Converse(mail, message, time.Token);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            return ChannelFaults.TooSlow(What, within);
        }
        catch (AuthenticationException e)
        {
            return ChannelFaults.NotEncrypted(e.Message);
        }
        catch (SmtpReplyException e)
        {
            return ChannelFaults.MailRefused("the message", e.Message);
        }
        catch (SocketException e)
        {
            return ChannelFaults.Unreachable(What, e.SocketErrorCode.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return ChannelFaults.Unreachable(What, e.Message);
        }
    }

    private async Task<Fault?> Converse(Channel.Mail mail, ChannelMessage message, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(mail.Host, cancellation);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        var socket = await AddressRules.Connect(addresses, mail.Port, cancellation);
        await using var session = new SmtpSession(new NetworkStream(socket, ownsSocket: true));
        await session.Expect(220, cancellation);
        await session.Hello("orleansetl", cancellation);
        if (mail.StartTls)
        {
            if (!session.Extensions.Any(extension => extension.Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase)))
                return ChannelFaults.NotEncrypted("it does not offer STARTTLS");
            await session.Say("STARTTLS", 220, cancellation);
            await session.Encrypt(mail.Host, mail.Authority, cancellation);
            await session.Hello("orleansetl", cancellation);
            if (mail is { User: { } user, Secret: { } secret })
                await session.Say($"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{secret}"))}", 235, cancellation);
        }
        await session.Say($"MAIL FROM:<{mail.From}>", 250, cancellation);
        var refused = new List<(string To, SmtpReply Reply)>();
        foreach (var to in mail.To)
            if (await session.Say($"RCPT TO:<{to}>", cancellation) is { Code: not (250 or 251) } reply) refused.Add((to, reply));
        if (refused.Count == mail.To.Length) return ChannelFaults.MailRefused(refused[0].To, refused[0].Reply.ToString());
        await session.Data(MailText.Of(mail, message, [.. refused.Select(one => one.To)], clock.GetUtcNow()), cancellation);
        try
        {
            await session.Say("QUIT", cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server has taken the mail; how it says good-bye changes nothing.
        }
        return null;
    }
}
