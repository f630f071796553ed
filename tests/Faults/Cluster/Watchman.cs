using Npgsql;

namespace OrleansEtl.Faults.Tests.Cluster;

/// <summary>Looks at every process twice a second: how much memory it takes, and whether it lives on although the others have declared it
/// dead.</summary>
internal sealed class Watchman(Battlefield field)
{
    private const int Dead = 6;

    /// <summary>From the moment at which a silo could know that it is dead: it reads the table that says so at least that often.</summary>
    private static readonly TimeSpan MayLinger = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<int, DateTimeOffset> _doomed = [];
    private readonly HashSet<string> _breaches = [];

    public IReadOnlyCollection<string> Breaches => _breaches;

    public async Task Watch(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            foreach (var place in field.Places) place.Now.Weigh();
            await Look();
            await Task.Delay(Every, CancellationToken.None);
        }
    }

    private async Task Look()
    {
        IReadOnlyDictionary<int, DateTimeOffset> dead;
        try
        {
            dead = await DeadPorts();
        }
        catch (NpgsqlException)
        {
            _doomed.Clear(); // the silos cannot read it either
            return;
        }
        foreach (var place in field.Places)
        {
            var process = place.Now;
            var isDoomed = !process.HasEnded && !process.IsFrozen && !process.WasAsked
                && dead.TryGetValue(place.Peers.Port, out var since) && since > process.StartedAt;
            if (!isDoomed) _doomed.Remove(process.Id);
            else if (!_doomed.TryAdd(process.Id, DateTimeOffset.UtcNow) && DateTimeOffset.UtcNow - _doomed[process.Id] > MayLinger)
                _breaches.Add($"silo {place.Number} (process {process.Id}) was declared dead and lived on for {MayLinger.TotalSeconds:0} s");
        }
    }

    /// <summary>The ports at which the newest silo is dead, and when that silo started.</summary>
    private async Task<IReadOnlyDictionary<int, DateTimeOffset>> DeadPorts()
    {
        await using var connection = new NpgsqlConnection(field.StoreText + ";Pooling=false;Timeout=3;Command Timeout=3");
        await connection.OpenAsync();
        await using var read = new NpgsqlCommand("SELECT silo, status, started_at FROM etl.membership ORDER BY started_at", connection);
        await using var rows = await read.ExecuteReaderAsync();
        var newest = new Dictionary<int, (int Status, DateTimeOffset StartedAt)>();
        while (await rows.ReadAsync())
            newest[Port(rows.GetString(0))] = (rows.GetInt32(1), new DateTimeOffset(rows.GetDateTime(2)));
        return newest.Where(silo => silo.Value.Status == Dead).ToDictionary(silo => silo.Key, silo => silo.Value.StartedAt);
    }

    /// <summary>Of <c>127.0.0.1:11111@5</c>.</summary>
    private static int Port(string silo) => int.Parse(silo.Split(':', '@')[1], System.Globalization.CultureInfo.InvariantCulture);
}
