using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orleans.Messaging;

namespace OrleansEtl.Client;

/// <summary>The gateways that names stand for, asked anew now and then: a container that is replaced keeps its name and gets another
/// address.</summary>
internal sealed class NamedGateways(ImmutableArray<string> gateways) : IGatewayListProvider
{
    private const int DefaultPort = 30000;

    public TimeSpan MaxStaleness { get; } = TimeSpan.FromSeconds(30);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <exception cref="FaultException">ETL4611: no name is known. ETL4612: one cannot be read.</exception>
    public async Task<IList<Uri>> GetGateways()
    {
        var found = new List<Uri>();
        var unknown = "none is given";
        foreach (var (host, port) in gateways.Select(Split))
        {
            try
            {
                var addresses = await Dns.GetHostAddressesAsync(host);
                // Most silos are told one address; a name that has both kinds would be tried for ever at the other.
                var v4 = addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork).ToArray();
                found.AddRange((v4 is [] ? addresses : v4).Select(address => new Uri($"gwy.tcp://{new IPEndPoint(address, port)}/0")));
            }
            catch (SocketException e)
            {
                unknown = $"{host}: {e.Message}"; // the other names may do
            }
        }
        return found.Count > 0 ? found : throw new FaultException(new Fault(FaultKind.Unavailable, "ETL4611",
            $"No silo can be found at {string.Join(", ", gateways)}: {unknown}.", null, "Name the gateway of a silo, as HOST:PORT."));
    }

    private static (string Host, int Port) Split(string gateway)
    {
        var colon = gateway.LastIndexOf(':');
        if (colon < 0 && gateway.Length > 0) return (gateway, DefaultPort);
        if (colon > 0 && int.TryParse(gateway.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535)
            return (gateway[..colon], port);
        throw new FaultException(new Fault(FaultKind.Invalid, "ETL4612",
            $"The gateway is '{gateway}'; expected HOST:PORT.", null, "For example: silo-1:30000,silo-2:30000"));
    }
}
