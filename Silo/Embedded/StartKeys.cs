using System.Text.Json;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Which runs the idempotency keys of a home have started. As on a cluster the first claim holds until it expires, and is there
/// before its run.</summary>
internal static class StartKeys
{
    public static async Task<StartClaim> Claim(
        IGrainStates states, string pipeline, string key, StartClaim wished, DateTimeOffset now, CancellationToken cancellation)
    {
        var place = new StateKey($"start-key/{pipeline}/{key}", "start-key");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(
            new[] { wished.Run.Value, wished.Definition, wished.Params, wished.Folder, wished.Timeout });
        while (true)
        {
            var stored = await states.Read(place, cancellation);
            if (stored?.Value is { } earlier && Read(earlier) is var holds && !holds.HasExpired(now)) return holds;
            var written = await states.Write(new StateWrite(Guid.NewGuid(), place, stored?.Version ?? 0, bytes), cancellation);
            if (written is StateOutcome.Stored) return wished;
        }
    }

    private static StartClaim Read(byte[] bytes)
    {
        var parts = JsonSerializer.Deserialize<string[]>(bytes)!;
        return new StartClaim(new RunId(parts[0]), parts[1], parts[2], parts[3], parts[4]);
    }
}
