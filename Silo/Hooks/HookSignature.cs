using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansEtl.Silo.Hooks;

/// <summary>What a request says of itself. The signature is <c>v1=</c> and the HMAC-SHA256, in hexadecimal, of the time, a dot, the delivery, a
/// dot, and the body: nobody can send a body again as another delivery or at another time.</summary>
public sealed record HookSignature(long Timestamp, string Delivery, byte[] Signature)
{
    public const string TimestampHeader = "Etl-Timestamp";
    public const string DeliveryHeader = "Etl-Delivery";
    public const string SignatureHeader = "Etl-Signature";
    public const int DeliveryLengthMax = 200;
    private const string Version = "v1=";

    /// <summary>Null: they are not of that form.</summary>
    public static HookSignature? Of(string? timestamp, string? delivery, string? signature)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return null;
        if (delivery is not { Length: > 0 and <= DeliveryLengthMax } || delivery.Any(c => c is <= ' ' or > '~')) return null;
        if (signature is null || signature.Length != Version.Length + 2 * SHA256.HashSizeInBytes || !signature.StartsWith(Version, StringComparison.Ordinal))
            return null;
        var bytes = new byte[SHA256.HashSizeInBytes];
        return Convert.FromHexString(signature.AsSpan(Version.Length), bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? new HookSignature(seconds, delivery, bytes)
            : null;
    }

    public static string Sign(string secret, long timestamp, string delivery, ReadOnlySpan<byte> body) =>
        Version + Convert.ToHexStringLower(Hash(Encoding.UTF8.GetBytes(secret), timestamp, delivery, body));

    /// <summary>Takes as long whether it is right or not.</summary>
    public bool Is(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body) =>
        CryptographicOperations.FixedTimeEquals(Hash(secret, Timestamp, Delivery, body), Signature);

    public bool IsWithin(DateTimeOffset now, TimeSpan window) => Math.Abs(now.ToUnixTimeSeconds() - (decimal)Timestamp) <= (decimal)window.TotalSeconds;

    private static byte[] Hash(ReadOnlySpan<byte> secret, long timestamp, string delivery, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{timestamp}.{delivery}.")));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
