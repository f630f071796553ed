using System.Diagnostics;

namespace OrleansEtl.Channels;

/// <summary>Sends messages to channels of all kinds.</summary>
public sealed class Sender(TimeProvider clock) : ISender, IDisposable
{
    private readonly Webhooks _webhooks = new(clock);
    private readonly Mails _mails = new(clock);

    public Task<Fault?> Send(Channel channel, ChannelMessage message, TimeSpan within) => channel switch
    {
        Channel.Webhook webhook => _webhooks.Send(webhook, message, within),
        Channel.Mail mail => _mails.Send(mail, message, within),
        _ => throw new UnreachableException(channel.GetType().Name),
    };

    public void Dispose() => _webhooks.Dispose();
}
