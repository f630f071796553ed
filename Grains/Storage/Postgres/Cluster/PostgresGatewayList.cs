using System.Globalization;
using Npgsql;
using Orleans.Messaging;
using Orleans.Runtime;

namespace OrleansEtl.Storage;

/// <summary>The gateways of a cluster, for clients that may ask its database.</summary>
internal sealed class PostgresGatewayList(NpgsqlDataSource source, string clusterId, TimeProvider clock) : IGatewayListProvider
{
    private readonly PostgresReads _table = new(source, TimeSpan.Zero, clock);

    public TimeSpan MaxStaleness => TimeSpan.FromSeconds(10);

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => PostgresSchema.BringUpToDate(source, CancellationToken.None);

    public async Task<IList<Uri>> GetGateways() => await _table.All("""
        SELECT silo, proxy_port FROM etl.membership WHERE cluster_id = $1 AND status = $2 AND proxy_port > 0 ORDER BY silo
        """, columns =>
        {
            columns.Add(clusterId);
            columns.Add((int)SiloStatus.Active);
        }, row => Gateway(SiloAddress.FromParsableString(row.GetString(0)), row.GetInt32(1)), CancellationToken.None);

    private static Uri Gateway(SiloAddress silo, int port)
    {
        var host = silo.Endpoint.Address.ToString();
        if (host.Contains(':')) host = $"[{host}]";
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"gwy.tcp://{host}:{port}/{silo.Generation}"));
    }
}
