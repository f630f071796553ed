using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Orleans.Serialization;
using Orleans.Serialization.Wire;

namespace Orleans.Runtime.Messaging.Tcp;

/// <summary>What a frame is; up to <see cref="LastLetter"/> it is a letter of that <see cref="LetterKind"/>.</summary>
internal enum FrameKind : byte
{
    LastLetter = LetterKind.SentOn,

    /// <summary>To be answered at once.</summary>
    Ping = 0x10,

    /// <summary>The answer.</summary>
    Pong = 0x11,
}

/// <summary>
/// How letters are laid out between two ends: length of the header, length of the body (four bytes each), header,
/// body. The header leaves out what both ends know: a sender or receiver that is the end of the connection.
/// </summary>
internal static class Frames
{
    public const int PrefixBytes = 8;

    /// <summary>What a header has beside the id of the grain, generously.</summary>
    public const int FixedHeaderBytesMax = 256;

    private const byte HasFrom = 1, HasTo = 2, IsPlaced = 4, HasForwards = 8, HasSeconds = 16, HasTarget = 32;

    public static void Write(WireWriter writer, Letter letter, SiloAddress here, SiloAddress there, bool withBody)
    {
        var prefix = writer.Written.Length;
        writer.Reserve(PrefixBytes);
        var flags = (byte)((letter.From.Equals(here) ? 0 : HasFrom) | (letter.To.Equals(there) ? 0 : HasTo)
            | (letter.Placed ? IsPlaced : 0) | (letter.Forwards == 0 ? 0 : HasForwards)
            | (letter.SecondsLeft == int.MaxValue ? 0 : HasSeconds) | (letter.Target.IsDefault ? 0 : HasTarget));
        writer.Byte((byte)letter.Kind);
        writer.Byte(flags);
        writer.VarInt((ulong)letter.CallId);
        if ((flags & HasFrom) != 0) Write(writer, letter.From);
        if ((flags & HasTo) != 0) Write(writer, letter.To);
        if ((flags & HasForwards) != 0) writer.VarInt((ulong)letter.Forwards);
        if ((flags & HasSeconds) != 0) writer.VarInt((ulong)letter.SecondsLeft);
        if ((flags & HasTarget) != 0)
        {
            writer.Bytes(letter.Target.Type.Value.AsSpan());
            writer.Bytes(letter.Target.Key.AsSpan());
        }

        writer.Patch32(prefix, (uint)(writer.Written.Length - prefix - PrefixBytes));
        writer.Patch32(prefix + 4, (uint)letter.Body.Length);
        if (withBody) letter.Body.CopyTo(writer.Reserve(letter.Body.Length));
    }

    public static void WriteControl(WireWriter writer, FrameKind kind, ulong id)
    {
        var prefix = writer.Written.Length;
        writer.Reserve(PrefixBytes);
        writer.Byte((byte)kind);
        writer.VarInt(id);
        writer.Patch32(prefix, (uint)(writer.Written.Length - prefix - PrefixBytes));
        writer.Patch32(prefix + 4, 0);
    }

    public static (uint Header, uint Body) Lengths(ReadOnlySpan<byte> prefix) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(prefix), BinaryPrimitives.ReadUInt32LittleEndian(prefix[4..]));

    public static Letter Read(
        ReadOnlySpan<byte> header, byte[] body, SiloAddress here, SiloAddress there, FrameNames names)
    {
        var reader = new WireReader(header);
        var kind = (LetterKind)reader.Byte();
        var flags = reader.Byte();
        var callId = (long)reader.VarInt();
        var from = (flags & HasFrom) != 0 ? ReadAddress(ref reader, names) : there;
        var to = (flags & HasTo) != 0 ? ReadAddress(ref reader, names) : here;
        var forwards = (flags & HasForwards) != 0 ? ReadCount(ref reader) : 0;
        var seconds = (flags & HasSeconds) != 0 ? ReadCount(ref reader) : int.MaxValue;
        GrainId target = default;
        if ((flags & HasTarget) != 0)
        {
            var type = names.TypeOf(reader.Bytes());
            target = new(type, IdSpan.UnsafeCreate(reader.Bytes().ToArray()));
        }

        return new(kind, from, to, callId, target, body)
        {
            Placed = (flags & IsPlaced) != 0,
            Forwards = forwards,
            SecondsLeft = seconds,
        };
    }

    private static int ReadCount(ref WireReader reader)
    {
        var count = reader.VarInt();
        return count <= int.MaxValue ? (int)count : throw new SerializerException("A count is too large.");
    }

    private static void Write(WireWriter writer, SiloAddress address)
    {
        var v6 = address.Endpoint.AddressFamily == AddressFamily.InterNetworkV6;
        writer.VarInt(v6 ? 22u : 10u);
        var room = writer.Reserve(v6 ? 22 : 10);
        BinaryPrimitives.WriteInt32LittleEndian(room, address.Generation);
        BinaryPrimitives.WriteUInt16LittleEndian(room[4..], (ushort)address.Endpoint.Port);
        address.Endpoint.Address.TryWriteBytes(room[6..], out _);
    }

    private static SiloAddress ReadAddress(ref WireReader reader, FrameNames names)
    {
        var bytes = reader.Bytes();
        return bytes.Length is 10 or 22
            ? names.AddressOf(bytes)
            : throw new SerializerException($"An address has {bytes.Length} bytes; expected 10 or 22.");
    }

    public static SiloAddress Address(ReadOnlySpan<byte> bytes) => SiloAddress.New(
        new IPAddress(bytes[6..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes));
}

/// <summary>Grain types and addresses of one connection that were met before; bounded, the latest stay.</summary>
internal sealed class FrameNames
{
    private const int SlotsCount = 256;
    private readonly (byte[] Bytes, GrainType Type)[] _types = new (byte[], GrainType)[SlotsCount];
    private readonly (byte[] Bytes, SiloAddress Address)[] _addresses = new (byte[], SiloAddress)[SlotsCount];

    public GrainType TypeOf(ReadOnlySpan<byte> bytes)
    {
        ref var slot = ref _types[StableHash.Of(bytes) % SlotsCount];
        if (slot.Bytes is null || !bytes.SequenceEqual(slot.Bytes))
        {
            var own = bytes.ToArray();
            slot = (own, new(IdSpan.UnsafeCreate(own)));
        }

        return slot.Type;
    }

    public SiloAddress AddressOf(ReadOnlySpan<byte> bytes)
    {
        ref var slot = ref _addresses[StableHash.Of(bytes) % SlotsCount];
        if (slot.Bytes is null || !bytes.SequenceEqual(slot.Bytes)) slot = (bytes.ToArray(), Frames.Address(bytes));
        return slot.Address;
    }
}
