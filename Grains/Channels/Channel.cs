using System.Collections.Immutable;

namespace OrleansEtl.Channels;

/// <summary>Where messages go. What it holds may be secret and is never shown.</summary>
public abstract record Channel
{
    private Channel() { }

    /// <param name="Secret">Signs each message; null: they are not signed.</param>
    /// <param name="IsPrivate">Whether it may be at an address of this machine or of a private network.</param>
    public sealed record Webhook(Uri Url, string? Secret, bool IsPrivate) : Channel
    {
        public override string ToString() => nameof(Webhook);
    }

    /// <param name="StartTls">Whether the connection is encrypted before anything is said; without, no password is sent.</param>
    /// <param name="Authority">A file with certificates of one's own that the server's may be signed by; null: those of the system.</param>
    public sealed record Mail(
        string Host, int Port, string From, ImmutableArray<string> To, bool StartTls, string? User, string? Secret, string? Authority) : Channel
    {
        public override string ToString() => nameof(Mail);
    }
}

/// <summary>One message, for any channel.</summary>
/// <param name="Key">The same for each try: who has got it once need not heed it again.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">For people.</param>
/// <param name="Json">For programs.</param>
public sealed record ChannelMessage(string Key, string Subject, string Text, ReadOnlyMemory<byte> Json);

/// <summary>Channels by their names, as they are known at the moment of use.</summary>
public interface IChannels
{
    ImmutableArray<string> Names { get; }

    /// <summary>Null: there is none of that name.</summary>
    /// <exception cref="FaultException">Invalid: it is wrongly defined.</exception>
    Channel? Find(string name);
}

/// <summary>Sends messages.</summary>
public interface ISender
{
    /// <summary>One try. Null: the message has arrived. It does not throw.</summary>
    Task<Fault?> Send(Channel channel, ChannelMessage message, TimeSpan within);
}
