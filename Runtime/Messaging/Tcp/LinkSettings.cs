using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>What both ends of a connection must agree on, and the bounds of one end.</summary>
internal sealed record LinkSettings(string ClusterId)
{
    /// <summary>What every end of the cluster knows; null = only this machine may connect.</summary>
    public string? Secret { get; init; }

    public LinkCertificates? Certificates { get; init; }

    public int HeaderBytesMax { get; init; } = 10 * 1024 * 1024;

    public int BodyBytesMax { get; init; } = 100 * 1024 * 1024;

    /// <summary>Requests beyond it are refused: one message of full size, and a good deal of small ones.</summary>
    public long QueuedBytesMax { get; init; } = 128 * 1024 * 1024;

    /// <summary>Answers may still go beyond; a peer that takes so few of them is cut off.</summary>
    public long AnswerBytesMax => QueuedBytesMax * 2;

    /// <summary>Connections that have not shown yet who they are; further ones are closed at once.</summary>
    public int StrangersMax { get; init; } = 128;

    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A gateway that a client has not heard for so long, though it asked, is left.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    public static LinkSettings Of<TMessaging>(IServiceProvider services) where TMessaging : MessagingOptions
    {
        var messaging = services.GetRequiredService<IOptions<TMessaging>>().Value;
        var connection = services.GetRequiredService<IOptions<ConnectionOptions>>().Value;
        var security = services.GetService<IConfiguration>()?.GetSection("Orleans:Security");
        return new(services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId)
        {
            Secret = security?["Secret"],
            Certificates = LinkCertificates.Load(
                security?["CertificateFile"], security?["KeyFile"], security?["AuthorityFile"]),
            HeaderBytesMax = messaging.MaxMessageHeaderSize,
            BodyBytesMax = messaging.MaxMessageBodySize,
            OpenTimeout = connection.OpenConnectionTimeout,
            RetryDelay = connection.ConnectionRetryDelay,
        };
    }

    /// <summary>Whoever reaches an open port could call every grain: without a secret only this machine may.</summary>
    public void CheckListening(IPAddress address)
    {
        if (!string.IsNullOrEmpty(Secret) || IPAddress.IsLoopback(address)) return;
        throw new OrleansConfigurationException(
            $"The silo is to listen on {address}, which other machines reach, and has no cluster secret. "
            + "Set Orleans:Security:Secret (environment: Orleans__Security__Secret) to the same text on all silos "
            + "and clients, or listen on the loopback address.");
    }
}
