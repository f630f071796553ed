using System.Buffers.Binary;

namespace OrleansEtl.Data.Postgres;

/// <summary>
/// Postgres' numeric in its binary form: digits to the base of 10,000, the weight of the first of them, sign, and the
/// decimals that are shown.
/// </summary>
internal static class PostgresNumeric
{
    private const ushort Negative = 0x4000;
    private const ushort Special = 0xC000;
    private const int DigitsOfGroup = 4;
    private const int GroupsMax = 12; // Forty-odd decimal digits, two groups cut by the decimal point.

    private static readonly Int128[] PowersOfTen = Powers();

    /// <summary>The number times ten to the power of the scale.</summary>
    public static Int128 Unscaled(ReadOnlySpan<byte> value, int scale)
    {
        var groups = BinaryPrimitives.ReadInt16BigEndian(value);
        var weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(value[4..]);
        if ((sign & Special) == Special)
            throw PostgresTypes.Foreign(
                "the numeric NaN or Infinity", "Give it a value in the query, such as nullif(column, 'NaN').");
        Int128 number = 0;
        for (var i = 0; i < groups; i++)
        {
            Int128 group = BinaryPrimitives.ReadUInt16BigEndian(value[(8 + 2 * i)..]);
            var power = (weight - i) * DigitsOfGroup + scale;
            // The last group may hold zeros beyond the scale.
            number += power >= 0 ? checked(group * PowersOfTen[power]) : group / PowersOfTen[-power];
        }

        return sign == Negative ? -number : number;
    }

    /// <summary>Writes the number; returns the bytes written.</summary>
    public static int Write(Span<byte> target, Int128 unscaled, int scale)
    {
        var magnitude = UInt128.CreateTruncating(Int128.Abs(unscaled));
        // Groups stand around the decimal point: the last one is filled up with zeros.
        var padding = (DigitsOfGroup - scale % DigitsOfGroup) % DigitsOfGroup;
        Span<ushort> groups = stackalloc ushort[GroupsMax];
        var count = 0;
        if (padding > 0)
        {
            var cut = (UInt128)PowersOfTen[DigitsOfGroup - padding];
            groups[count++] = (ushort)((ushort)(magnitude % cut) * (ushort)PowersOfTen[padding]);
            magnitude /= cut;
        }

        for (; magnitude > ulong.MaxValue; magnitude /= 10_000) groups[count++] = (ushort)(magnitude % 10_000);
        for (var small = (ulong)magnitude; small != 0; small /= 10_000) groups[count++] = (ushort)(small % 10_000);
        while (count > 0 && groups[count - 1] == 0) count--;
        var last = 0;
        while (last < count && groups[last] == 0) last++;
        var decimals = (scale + DigitsOfGroup - 1) / DigitsOfGroup;
        BinaryPrimitives.WriteInt16BigEndian(target, (short)(count - last));
        BinaryPrimitives.WriteInt16BigEndian(target[2..], (short)(count == 0 ? 0 : count - 1 - decimals));
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], unscaled < 0 ? Negative : (ushort)0);
        BinaryPrimitives.WriteInt16BigEndian(target[6..], (short)scale);
        var at = 8;
        for (var i = count - 1; i >= last; i--, at += 2) BinaryPrimitives.WriteUInt16BigEndian(target[at..], groups[i]);
        return at;
    }

    private static Int128[] Powers()
    {
        var powers = new Int128[39];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++) powers[i] = powers[i - 1] * 10;
        return powers;
    }
}
