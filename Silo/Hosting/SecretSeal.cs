using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansEtl.Storage;

namespace OrleansEtl.Silo.Hosting;

/// <summary>
/// Keeps a silo with another secret than the cluster's out before it joins: it could reach nobody, and would take all others for dead.
/// The store holds a salted hash of the secret, which the first silo of a cluster leaves there; it is replaced when no silo lives.
/// </summary>
internal static class SecretSeal
{
    private const int SaltBytes = 16, HashBytes = 32;
    /// <summary>A silo starts seldom, and whoever reads the store shall not find a weak secret by trying.</summary>
    private const int Iterations = 200_000;
    /// <summary>Far longer than a silo that lives leaves its row alone, so that clocks of hosts may differ.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(2);
    private static readonly StateKey Key = new("cluster/etl", "secret");

    public static async Task Check(IServiceProvider silo, IStore store, string? secret, TimeProvider clock, CancellationToken cancellation)
    {
        var stored = await store.GrainStates.Read(Key, cancellation);
        if (stored?.Value is { } seal && Fits(seal, secret ?? "")) return;
        if (stored?.Value is not null && await AnyLives(silo, clock)) throw SiloFaults.OtherSecret();
        var written = await store.GrainStates.Write(
            new StateWrite(Guid.NewGuid(), Key, stored?.Version ?? 0, Seal(secret ?? "")), cancellation);
        if (written is StateOutcome.Stale) await Check(silo, store, secret, clock, cancellation); // another silo starts too
    }

    private static async Task<bool> AnyLives(IServiceProvider silo, TimeProvider clock)
    {
        var table = silo.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTable(true);
        var before = clock.GetUtcNow().UtcDateTime - Stale;
        return (await table.ReadAll()).Members.Any(row => row.Item1.Status == SiloStatus.Active && row.Item1.IAmAliveTime > before);
    }

    private static byte[] Seal(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return [.. salt, .. Hash(secret, salt)];
    }

    private static bool Fits(byte[] seal, string secret) =>
        seal.Length == SaltBytes + HashBytes
        && CryptographicOperations.FixedTimeEquals(seal.AsSpan(SaltBytes), Hash(secret, seal.AsSpan(0, SaltBytes)));

    private static byte[] Hash(string secret, ReadOnlySpan<byte> salt) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, Iterations, HashAlgorithmName.SHA256, HashBytes);
}
