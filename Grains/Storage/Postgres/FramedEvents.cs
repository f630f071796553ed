using System.Collections.Immutable;
using System.Diagnostics;

namespace OrleansEtl.Storage;

/// <summary>The events of one append in one value: each behind its length, seven bits a byte, the lowest first.</summary>
internal static class FramedEvents
{
    public static byte[] Pack(ImmutableArray<byte[]> events)
    {
        var length = 0;
        foreach (var e in events) length += LengthOf((uint)e.Length) + e.Length;
        var packed = new byte[length];
        var at = 0;
        foreach (var e in events)
        {
            var rest = (uint)e.Length;
            for (; rest > 0x7f; rest >>= 7) packed[at++] = (byte)(rest | 0x80);
            packed[at++] = (byte)rest;
            e.CopyTo(packed, at);
            at += e.Length;
        }
        return packed;
    }

    public static void Unpack(ReadOnlySpan<byte> packed, ImmutableArray<byte[]>.Builder events)
    {
        while (!packed.IsEmpty)
        {
            var (length, shift) = (0, 0);
            byte part;
            do
            {
                part = packed[0];
                packed = packed[1..];
                length |= (part & 0x7f) << shift;
                shift += 7;
            } while (part > 0x7f);
            Debug.Assert(length >= 0);
            events.Add(packed[..length].ToArray());
            packed = packed[length..];
        }
    }

    private static int LengthOf(uint value) => value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}
