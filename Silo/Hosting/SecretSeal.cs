using System.Buffers.Binary;
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
    private const int SaltBytes = 16, HashBytes = 32, SealBytes = SaltBytes + HashBytes + sizeof(long);
    /// <summary>A silo starts seldom, and whoever reads the store shall not find a weak secret by trying.</summary>
    private const int Iterations = 200_000;
    /// <summary>Far longer than a silo that lives leaves its row alone, so that clocks of hosts may differ.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(2);
    /// <summary>Longer than a silo takes from its seal to its row.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(15);
    private static readonly StateKey Key = new("cluster/etl", "secret");

    public static async Task Check(IServiceProvider silo, IStore store, string? secret, TimeProvider clock, CancellationToken cancellation)
    {
        var stored = await store.GrainStates.Read(Key, cancellation);
        if (stored?.Value is { } seal && Fits(seal, secret ?? "")) return;
        if (stored?.Value is { } others && (IsYoung(others, clock) || await AnyLives(silo, clock))) throw SiloFaults.OtherSecret();
        var written = await store.GrainStates.Write(
            new StateWrite(Guid.NewGuid(), Key, stored?.Version ?? 0, Seal(secret ?? "", clock)), cancellation);
        if (written is StateOutcome.Stale) await Check(silo, store, secret, clock, cancellation); // another silo starts too
    }

    private static async Task<bool> AnyLives(IServiceProvider silo, TimeProvider clock)
    {
        var table = silo.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTable(true);
        var before = clock.GetUtcNow().UtcDateTime - Stale;
        return (await table.ReadAll()).Members.Any(row => row.Item1.Status is SiloStatus.Joining or SiloStatus.Active && row.Item1.IAmAliveTime > before);
    }

    /// <summary>Whose silo may be about to join.</summary>
    private static bool IsYoung(byte[] seal, TimeProvider clock) =>
        seal.Length == SealBytes
        && clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(seal.AsSpan(SaltBytes + HashBytes)))
            is var age && age < Young && age > -Young;

    private static byte[] Seal(string secret, TimeProvider clock)
    {
        var seal = new byte[SealBytes];
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        salt.CopyTo(seal, 0);
        Hash(secret, salt).CopyTo(seal, SaltBytes);
        BinaryPrimitives.WriteInt64LittleEndian(seal.AsSpan(SaltBytes + HashBytes), clock.GetUtcNow().ToUnixTimeMilliseconds());
        return seal;
    }

    private static bool Fits(byte[] seal, string secret) =>
        seal.Length == SealBytes
        && CryptographicOperations.FixedTimeEquals(seal.AsSpan(SaltBytes, HashBytes), Hash(secret, seal.AsSpan(0, SaltBytes)));

    private static byte[] Hash(string secret, ReadOnlySpan<byte> salt) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), salt, Iterations, HashAlgorithmName.SHA256, HashBytes);
}
