using System.Net;
using System.Net.Sockets;

namespace OrleansEtl.Channels;

/// <summary>Which addresses a webhook may be at. They are looked at when the connection is made, after the name was resolved, so that no name
/// leads elsewhere than it seemed to.</summary>
internal static class AddressRules
{
    private static readonly IPNetwork[] Never =
    [
        .. new[] { "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8" }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork[] Private =
    [
        .. new[]
        {
            "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "::1/128", "fc00::/7",
            "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", // they carry addresses of the older form, which may be any of these
        }.Select(IPNetwork.Parse),
    ];

    public static bool Allows(IPAddress address, bool isPrivate)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (Array.Exists(Never, network => network.Contains(address))) return false;
        return isPrivate || !Array.Exists(Private, network => network.Contains(address));
    }

    /// <exception cref="FaultException">Denied: it is at no address where it may be.</exception>
    public static async Task<IPAddress[]> Resolve(string host, bool isPrivate, CancellationToken cancellation)
    {
        var all = IPAddress.TryParse(host, out var given) ? [given] : await Dns.GetHostAddressesAsync(host, cancellation);
        var allowed = Array.FindAll(all, address => Allows(address, isPrivate));
        return allowed.Length > 0 || all.Length == 0 ? allowed : throw new FaultException(ChannelFaults.PrivateAddress(host));
    }

    /// <summary>A connection to the first of these that takes one.</summary>
    public static async Task<Socket> Connect(IPAddress[] addresses, int port, CancellationToken cancellation)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses[i], port, cancellation);
                return socket;
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not SocketException || i == addresses.Length - 1) throw;
            }
        }
    }
}
