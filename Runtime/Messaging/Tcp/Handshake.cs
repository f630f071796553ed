using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orleans.Serialization;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>What is at the other end, as it has proved.</summary>
internal sealed record Introduction(SiloAddress Address, bool IsClient);

/// <summary>The other end is not, or does not want, what was expected.</summary>
internal sealed class HandshakeException(string message) : IOException(message);

/// <summary>
/// Before letters flow, both ends show that they are of one protocol and one cluster, that the one who is called
/// is the very life of the silo that is meant, and that they know the secret. Each proves it over all that was
/// said, nonces of both included, and under its own role, so no proof can be played back or reflected. The one who
/// called proves first: a stranger who calls learns nothing to guess the secret from.
/// </summary>
/// <remarks>
/// Hello (caller: protocol, cluster, who, whom, nonce) – Challenge (refusal or who, nonce) – Proof – Welcome
/// (refusal or proof). Each message is a length of two bytes and that many bytes.
/// </remarks>
internal sealed class Handshake(Stream stream, LinkSettings settings)
{
    public const byte Version = 1;
    public const int MessageBytesMax = 4096;
    private const int NonceBytes = 32;
    private const uint Magic = 0x4C54454F;

    private readonly IncrementalHash _said = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The end that calls; generation 0 = whoever lives there.</summary>
    public Introduction Call(SiloAddress here, SiloAddress meant)
    {
        using var hello = new WireWriter();
        hello.Fixed32(Magic);
        hello.Byte(Version);
        hello.Text(settings.ClusterId);
        hello.Text(here.ToParsableString());
        hello.Text(meant.ToParsableString());
        RandomNumberGenerator.Fill(hello.Reserve(NonceBytes));
        Say(hello);

        var challenge = new WireReader(Hear());
        Accepted(ref challenge);
        var there = Address(challenge.Text());
        challenge.Take(NonceBytes);
        if (meant.Generation != 0 && !there.Equals(meant))
            throw new HandshakeException($"{meant} was called and {there} answered.");

        using var proof = new WireWriter();
        proof.Bytes(Proof("caller"));
        Say(proof);

        var expected = Proof("called");
        var welcome = new WireReader(Hear());
        Accepted(ref welcome);
        if (!CryptographicOperations.FixedTimeEquals(expected, welcome.Bytes()))
            throw new HandshakeException($"{there} does not know the secret of cluster {settings.ClusterId}.");
        return new(there, false);
    }

    /// <summary>The end that is called; the guest list has the last word on a caller that has proved itself.</summary>
    public Introduction Answer(SiloAddress here, bool clients, Func<SiloAddress, string?> refusal)
    {
        var hello = new WireReader(Hear());
        if (hello.Fixed32() != Magic) throw new HandshakeException("The caller does not speak this protocol.");
        var version = hello.Byte();
        if (version != Version)
            throw Refuse($"protocol {version} is spoken by the caller, {Version} here; update the older one");
        var cluster = hello.Text();
        if (cluster != settings.ClusterId)
            throw Refuse($"this is a silo of cluster \"{settings.ClusterId}\", not of \"{cluster}\"");
        var there = Address(hello.Text());
        var meant = Address(hello.Text());
        hello.Take(NonceBytes);
        if (meant.Generation != 0 && !meant.Equals(here)) throw Refuse($"{meant} no longer lives here; {here} does");
        if (there.IsClient != clients)
            throw Refuse(clients ? "this port is for clients" : "this port is for silos; clients use the gateway's");

        using var challenge = new WireWriter();
        challenge.Byte(0);
        challenge.Text(here.ToParsableString());
        RandomNumberGenerator.Fill(challenge.Reserve(NonceBytes));
        Say(challenge);

        var expected = Proof("caller");
        var proof = new WireReader(Hear());
        if (!CryptographicOperations.FixedTimeEquals(expected, proof.Bytes()))
            throw Refuse("the cluster secret of the caller is another one; see Orleans:Security:Secret");
        if (refusal(there) is { } reason) throw Refuse(reason);

        using var welcome = new WireWriter();
        welcome.Byte(0);
        welcome.Bytes(Proof("called"));
        Say(welcome);
        return new(there, there.IsClient);
    }

    // Over everything said and heard so far, in the same order at both ends.
    private byte[] Proof(string role)
    {
        var key = SHA256.HashData(Encoding.UTF8.GetBytes("link of silos " + settings.Secret));
        byte[] message = [.. Encoding.UTF8.GetBytes(role), .. _said.GetCurrentHash()];
        return HMACSHA256.HashData(key, message);
    }

    private HandshakeException Refuse(string reason)
    {
        using var refusal = new WireWriter();
        refusal.Byte(1);
        refusal.Text(reason);
        Say(refusal);
        return new($"A caller was refused: {reason}.");
    }

    private static void Accepted(ref WireReader reader)
    {
        if (reader.Byte() != 0) throw new HandshakeException($"The connection was refused: {reader.Text()}.");
    }

    private static SiloAddress Address(string text) =>
        SiloAddress.TryParse(text, null, out var address)
            ? address
            : throw new SerializerException("An address was expected in the handshake.");

    private void Say(WireWriter message)
    {
        var bytes = new byte[2 + message.Written.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)message.Written.Length);
        message.Written.CopyTo(bytes.AsSpan(2));
        _said.AppendData(bytes);
        stream.Write(bytes);
        stream.Flush();
    }

    private byte[] Hear()
    {
        var length = new byte[2];
        stream.ReadExactly(length);
        var bytes = new byte[BinaryPrimitives.ReadUInt16LittleEndian(length)];
        if (bytes.Length > MessageBytesMax) throw new HandshakeException("A message of the handshake is too long.");
        stream.ReadExactly(bytes);
        _said.AppendData(length);
        _said.AppendData(bytes);
        return bytes;
    }
}
