using System.Globalization;
using System.Numerics;
using Orleans.Runtime;
using Orleans.Serialization.Wire;

namespace Orleans.Serialization.Codecs;

/// <summary>The codecs of the plain values.</summary>
internal static class Primitives
{
    public static IEnumerable<Codec> All() =>
    [
        Number<bool>(v => v ? 1UL : 0, v => v != 0),
        Number<byte>(v => (byte)v, v => (byte)v),
        Number<sbyte>(v => Zig(v), v => (sbyte)Zag(v)),
        Number<short>(v => Zig(v), v => (short)Zag(v)),
        Number<ushort>(v => (ushort)v, v => (ushort)v),
        Number<int>(v => Zig(v), v => (int)Zag(v)),
        Number<uint>(v => (uint)v, v => (uint)v),
        Number<long>(v => Zig(v), Zag),
        Number<ulong>(v => v, v => v),
        Number<char>(v => (char)v, v => (char)v),
        Number<DateOnly>(v => (ulong)v.DayNumber, v => DateOnly.FromDayNumber((int)v)),
        Number<TimeSpan>(v => Zig(v.Ticks), v => new TimeSpan(Zag(v))),
        Number<TimeOnly>(v => (ulong)v.Ticks, v => new TimeOnly((long)v)),
        new Fixed32Codec<float>(BitConverter.SingleToUInt32Bits, BitConverter.UInt32BitsToSingle),
        new Fixed64Codec<double>(BitConverter.DoubleToUInt64Bits, BitConverter.UInt64BitsToDouble),
        new Fixed64Codec<DateTime>(v => (ulong)v.ToBinary(), v => DateTime.FromBinary((long)v)),
        new GuidCodec(), new DecimalCodec(), new DateTimeOffsetCodec(), new StringCodec(), new BytesCodec(),
        new MemoryCodec(), new BinaryDataCodec(),
        Text<Uri>(v => v.OriginalString, v => new Uri(v, UriKind.RelativeOrAbsolute)),
        Text<Version>(v => v.ToString(), Version.Parse),
        Text<CultureInfo>(v => v.Name, CultureInfo.GetCultureInfo),
        Text<BigInteger>(
            v => v.ToString(CultureInfo.InvariantCulture), v => BigInteger.Parse(v, CultureInfo.InvariantCulture)),
        Text<SiloAddress>(v => v.ToParsableString(), SiloAddress.FromParsableString),
        Text<System.Net.IPAddress>(v => v.ToString(), System.Net.IPAddress.Parse),
        Text<System.Net.IPEndPoint>(v => v.ToString(), v => System.Net.IPEndPoint.Parse(v)),
        Text<GrainId>(v => v.IsDefault ? "" : v.ToString(), v => v.Length == 0 ? default : GrainId.Parse(v)),
        Text<GrainType>(v => v.ToString(), v => v.Length == 0 ? default : GrainType.Create(v)),
        Text<GrainInterfaceType>(v => v.ToString(), v => v.Length == 0 ? default : GrainInterfaceType.Create(v)),
        Text<IdSpan>(v => v.ToString(), v => v.Length == 0 ? default : IdSpan.Create(v)),
        Number<Nothing>(_ => 0UL, _ => default),
        new TypeCodec(),
    ];

    public static ulong Zig(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long Zag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static VarIntCodec<T> Number<T>(Func<T, ulong> to, Func<ulong, T> from) => new(to, from);

    private static TextCodec<T> Text<T>(Func<T, string> to, Func<string, T> from) => new(to, from);
}

internal sealed class VarIntCodec<T>(Func<T, ulong> to, Func<ulong, T> from) : ValueCodec<T>
{
    public override void Write(WireWriter writer, T value)
    {
        writer.Shape(WireShape.VarInt);
        writer.VarInt(to(value));
    }

    public override T Read(ref WireReader reader) => reader.Begin(WireShape.VarInt) ? from(reader.VarInt()) : default!;
}

internal sealed class EnumCodec<T> : ValueCodec<T> where T : struct, Enum
{
    public override void Write(WireWriter writer, T value)
    {
        writer.Shape(WireShape.VarInt);
        writer.VarInt(Primitives.Zig(ToInt64(value)));
    }

    public override T Read(ref WireReader reader) =>
        reader.Begin(WireShape.VarInt) ? (T)Enum.ToObject(typeof(T), Primitives.Zag(reader.VarInt())) : default;

    private static long ToInt64(T value) =>
        Enum.GetUnderlyingType(typeof(T)) == typeof(ulong)
            ? unchecked((long)Convert.ToUInt64(value, CultureInfo.InvariantCulture))
            : Convert.ToInt64(value, CultureInfo.InvariantCulture);
}

internal sealed class Fixed32Codec<T>(Func<T, uint> to, Func<uint, T> from) : ValueCodec<T>
{
    public override void Write(WireWriter writer, T value)
    {
        writer.Shape(WireShape.Fixed32);
        writer.Fixed32(to(value));
    }

    public override T Read(ref WireReader reader) =>
        reader.Begin(WireShape.Fixed32) ? from(reader.Fixed32()) : default!;
}

internal sealed class Fixed64Codec<T>(Func<T, ulong> to, Func<ulong, T> from) : ValueCodec<T>
{
    public override void Write(WireWriter writer, T value)
    {
        writer.Shape(WireShape.Fixed64);
        writer.Fixed64(to(value));
    }

    public override T Read(ref WireReader reader) =>
        reader.Begin(WireShape.Fixed64) ? from(reader.Fixed64()) : default!;
}

internal sealed class GuidCodec : ValueCodec<Guid>
{
    public override void Write(WireWriter writer, Guid value)
    {
        writer.Shape(WireShape.Fixed128);
        value.TryWriteBytes(writer.Reserve(16));
    }

    public override Guid Read(ref WireReader reader) =>
        reader.Begin(WireShape.Fixed128) ? new Guid(reader.Take(16)) : default;
}

internal sealed class DecimalCodec : ValueCodec<decimal>
{
    public override void Write(WireWriter writer, decimal value)
    {
        writer.Shape(WireShape.Fixed128);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        foreach (var part in bits) writer.Fixed32((uint)part);
    }

    public override decimal Read(ref WireReader reader)
    {
        if (!reader.Begin(WireShape.Fixed128)) return default;
        Span<int> bits = stackalloc int[4];
        foreach (ref var part in bits) part = (int)reader.Fixed32();
        return new decimal(bits);
    }
}

internal sealed class DateTimeOffsetCodec : ValueCodec<DateTimeOffset>
{
    public override void Write(WireWriter writer, DateTimeOffset value)
    {
        writer.Shape(WireShape.Fixed128);
        writer.Fixed64((ulong)value.Ticks);
        writer.Fixed64((ulong)value.Offset.Ticks);
    }

    public override DateTimeOffset Read(ref WireReader reader) =>
        reader.Begin(WireShape.Fixed128)
            ? new DateTimeOffset((long)reader.Fixed64(), new TimeSpan((long)reader.Fixed64()))
            : default;
}

internal sealed class StringCodec : ValueCodec<string?>
{
    public override Type ValueType => typeof(string);

    public override void Write(WireWriter writer, string? value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.Shape(WireShape.Bytes);
        writer.Text(value);
    }

    public override string? Read(ref WireReader reader) => reader.Begin(WireShape.Bytes) ? reader.Text() : null;
}

internal sealed class TextCodec<T>(Func<T, string> to, Func<string, T> from) : ValueCodec<T>
{
    public override void Write(WireWriter writer, T value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.Shape(WireShape.Bytes);
        writer.Text(to(value));
    }

    public override T Read(ref WireReader reader) => reader.Begin(WireShape.Bytes) ? from(reader.Text()) : default!;
}

internal sealed class TypeCodec : ValueCodec<Type>
{
    public override void Write(WireWriter writer, Type value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.Shape(WireShape.Bytes);
        writer.Text(TypeNames.Of(value));
    }

    public override Type Read(ref WireReader reader) =>
        reader.Begin(WireShape.Bytes) ? TypeNames.Resolve(reader.Text()) : null!;
}

internal sealed class BytesCodec : Codec<byte[]?>
{
    public override Type ValueType => typeof(byte[]);

    public override void Write(WireWriter writer, byte[]? value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.Shape(WireShape.Bytes);
        writer.Bytes(value);
    }

    public override byte[]? Read(ref WireReader reader) =>
        reader.Begin(WireShape.Bytes) ? reader.Bytes().ToArray() : null;

    public override byte[]? Copy(byte[]? value) => value?.AsSpan().ToArray();
}

internal sealed class MemoryCodec : Codec<ReadOnlyMemory<byte>>
{
    public override void Write(WireWriter writer, ReadOnlyMemory<byte> value)
    {
        writer.Shape(WireShape.Bytes);
        writer.Bytes(value.Span);
    }

    public override ReadOnlyMemory<byte> Read(ref WireReader reader) =>
        reader.Begin(WireShape.Bytes) ? reader.Bytes().ToArray() : default(ReadOnlyMemory<byte>);

    public override ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> value) => value.ToArray();
}

internal sealed class BinaryDataCodec : Codec<BinaryData?>
{
    public override Type ValueType => typeof(BinaryData);

    public override void Write(WireWriter writer, BinaryData? value)
    {
        if (value is null)
        {
            writer.Null();
            return;
        }

        writer.Shape(WireShape.Bytes);
        writer.Bytes(value.ToMemory().Span);
    }

    public override BinaryData? Read(ref WireReader reader) =>
        reader.Begin(WireShape.Bytes) ? new BinaryData(reader.Bytes().ToArray()) : null;

    public override BinaryData? Copy(BinaryData? value) => value is null ? null : new BinaryData(value.ToArray());
}
