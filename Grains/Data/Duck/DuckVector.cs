using System.Globalization;
using System.Numerics;
using System.Text;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>
/// One column of one chunk, read in place. Valid until the next chunk is fetched; only <see cref="DuckRows"/> holds
/// one. A value becomes the .NET type that can hold it; what no .NET type holds (year 12000, infinity, 38 digits)
/// becomes DuckDB's text.
/// </summary>
internal sealed unsafe class DuckVector
{
    private const long MicrosPerDay = 86_400_000_000;
    private const int UnixEpochDay = 719_162;
    private readonly void* _data;
    private readonly ulong* _validity;
    private readonly DuckVector[] _parts;

    public DuckVector(nint vector, DuckType type)
    {
        Type = type;
        _data = DuckNative.VectorData(vector);
        _validity = DuckNative.VectorValidity(vector);
        _parts = type.Kind switch
        {
            DuckKind.List => [new DuckVector(DuckNative.ListChild(vector), type.Parts[0])],
            DuckKind.Array => [new DuckVector(DuckNative.ArrayChild(vector), type.Parts[0])],
            DuckKind.Map => Children(DuckNative.ListChild(vector), type, first: 0),
            DuckKind.Struct => Children(vector, type, first: 0),
            DuckKind.Union => Children(vector, type, first: 1),
            _ => [],
        };
        if (type.Kind == DuckKind.Union) _data = DuckNative.VectorData(DuckNative.StructChild(vector, 0));
    }

    public DuckType Type { get; }

    public bool IsNull(long row) =>
        Type.Kind == DuckKind.SqlNull
        || (_validity is not null && (_validity[row >> 6] >> (int)(row & 63) & 1) == 0);

    public long Int64(long row) => Type.Kind switch
    {
        DuckKind.BigInt => ((long*)_data)[row],
        DuckKind.Integer => ((int*)_data)[row],
        DuckKind.SmallInt => ((short*)_data)[row],
        DuckKind.TinyInt => ((sbyte*)_data)[row],
        DuckKind.Boolean => ((byte*)_data)[row],
        DuckKind.UTinyInt => ((byte*)_data)[row],
        DuckKind.USmallInt => ((ushort*)_data)[row],
        DuckKind.UInteger => ((uint*)_data)[row],
        DuckKind.UBigInt => checked((long)((ulong*)_data)[row]),
        DuckKind.HugeInt => checked((long)((Int128*)_data)[row]),
        DuckKind.UHugeInt => checked((long)((UInt128*)_data)[row]),
        DuckKind.Decimal when Type.Size == 0 => checked((long)Unscaled(row)),
        _ => throw WrongType("a whole number"),
    };

    public double Double(long row) => Type.Kind switch
    {
        DuckKind.Double => ((double*)_data)[row],
        DuckKind.Float => ((float*)_data)[row],
        DuckKind.Decimal => (double)Unscaled(row) / Math.Pow(10, Type.Size),
        DuckKind.HugeInt => (double)((Int128*)_data)[row],
        DuckKind.UHugeInt => (double)((UInt128*)_data)[row],
        DuckKind.UBigInt => ((ulong*)_data)[row],
        _ => Int64(row),
    };

    public object? Value(long row)
    {
        if (IsNull(row)) return null;
        return Type.Kind switch
        {
            DuckKind.Boolean => ((byte*)_data)[row] != 0,
            DuckKind.TinyInt => ((sbyte*)_data)[row],
            DuckKind.SmallInt => ((short*)_data)[row],
            DuckKind.Integer => ((int*)_data)[row],
            DuckKind.BigInt => ((long*)_data)[row],
            DuckKind.UTinyInt => ((byte*)_data)[row],
            DuckKind.USmallInt => ((ushort*)_data)[row],
            DuckKind.UInteger => ((uint*)_data)[row],
            DuckKind.UBigInt => ((ulong*)_data)[row],
            DuckKind.HugeInt => (BigInteger)((Int128*)_data)[row],
            DuckKind.UHugeInt => (BigInteger)((UInt128*)_data)[row],
            DuckKind.Float => ((float*)_data)[row],
            DuckKind.Double => ((double*)_data)[row],
            DuckKind.Decimal => DecimalValue(Unscaled(row), Type.Size),
            DuckKind.Varchar => Encoding.UTF8.GetString(Bytes(row)),
            DuckKind.Blob => Bytes(row).ToArray(),
            DuckKind.Bit => DuckText.Bits(Bytes(row)),
            DuckKind.Date => DateValue(((int*)_data)[row]),
            DuckKind.Time => TimeValue(((long*)_data)[row]),
            DuckKind.TimeNanos => DuckText.TimeNanos(((long*)_data)[row]),
            DuckKind.TimeTz => DuckText.TimeTz(((ulong*)_data)[row]),
            DuckKind.Timestamp => TimestampValue(((long*)_data)[row], 1),
            DuckKind.TimestampMillis => TimestampValue(((long*)_data)[row], 1_000),
            DuckKind.TimestampSeconds => TimestampValue(((long*)_data)[row], 1_000_000),
            DuckKind.TimestampNanos => NanosValue(((long*)_data)[row]),
            DuckKind.TimestampTz => InstantValue(((long*)_data)[row]),
            DuckKind.Interval => ((DuckInterval*)_data)[row],
            DuckKind.Uuid => UuidValue(((Int128*)_data)[row]),
            DuckKind.Enum => Type.Labels[EnumIndex(row)],
            DuckKind.List => List(((ListEntry*)_data)[row]),
            DuckKind.Array => List(new ListEntry(row * Type.Size, Type.Size)),
            DuckKind.Struct => Fields(row),
            DuckKind.Map => Pairs(((ListEntry*)_data)[row]),
            DuckKind.Union => _parts[((byte*)_data)[row]].Value(row),
            _ => throw WrongType("a type that can be read; cast it to VARCHAR in the SQL"),
        };
    }

    public ReadOnlySpan<byte> Bytes(long row)
    {
        var entry = (byte*)_data + row * 16;
        var length = *(int*)entry;
        return new ReadOnlySpan<byte>(length <= 12 ? entry + 4 : *(byte**)(entry + 8), length);
    }

    /// <summary>A value as the engine keeps it.</summary>
    internal T Raw<T>(long row) where T : unmanaged => ((T*)_data)[row];

    /// <summary>A list: its items, and which of them are the row's.</summary>
    internal (DuckVector Items, long Offset, long Length) ListAt(long row)
    {
        var entry = ((ListEntry*)_data)[row];
        return (_parts[0], entry.Offset, entry.Length);
    }

    /// <summary>The first child of a union is its tag.</summary>
    private static DuckVector[] Children(nint vector, DuckType type, int first) =>
        [.. type.Parts.Select((part, i) => new DuckVector(DuckNative.StructChild(vector, (ulong)(i + first)), part))];

    internal Int128 Unscaled(long row) => Type.Storage switch
    {
        DuckKind.SmallInt => ((short*)_data)[row],
        DuckKind.Integer => ((int*)_data)[row],
        DuckKind.BigInt => ((long*)_data)[row],
        _ => ((Int128*)_data)[row],
    };

    private int EnumIndex(long row) => Type.Storage switch
    {
        DuckKind.UTinyInt => ((byte*)_data)[row],
        DuckKind.USmallInt => ((ushort*)_data)[row],
        _ => checked((int)((uint*)_data)[row]),
    };

    private static object DecimalValue(Int128 unscaled, int scale)
    {
        var magnitude = UInt128.CreateTruncating(Int128.Abs(unscaled));
        if (magnitude >> 96 != 0 || scale > 28) return DuckText.Decimal(unscaled, scale);
        var low = (ulong)magnitude;
        return new decimal((int)low, (int)(low >> 32), (int)(uint)(magnitude >> 64), unscaled < 0, (byte)scale);
    }

    private static object DateValue(int days)
    {
        var day = (long)days + UnixEpochDay;
        return day is >= 0 and <= 3_652_058 ? DateOnly.FromDayNumber((int)day) : DuckText.Date(days);
    }

    private static object TimeValue(long micros) =>
        micros < MicrosPerDay ? new TimeOnly(micros * 10) : DuckText.Time(micros);

    private static object TimestampValue(long count, long micros)
    {
        if (DuckText.Infinite(count) is { } infinite) return infinite;
        var scaled = (Int128)count * micros;
        return InDateTime(scaled) ? Moment((long)scaled * 10).Unspecified() : DuckText.Timestamp(scaled);
    }

    private static object NanosValue(long nanos)
    {
        if (DuckText.Infinite(nanos) is { } infinite) return infinite;
        return nanos % 100 == 0 ? Moment(nanos / 100).Unspecified() : DuckText.TimestampNanos(nanos);
    }

    private static object InstantValue(long micros)
    {
        if (DuckText.Infinite(micros) is { } infinite) return infinite;
        return InDateTime(micros) ? new DateTimeOffset(Moment(micros * 10)) : DuckText.Timestamp(micros) + "+00";
    }

    private static DateTime Moment(long ticks) => DateTime.UnixEpoch.AddTicks(ticks);

    private static bool InDateTime(Int128 micros) =>
        micros >= -62_135_596_800_000_000 && micros <= 253_402_300_799_999_999;

    private static Guid UuidValue(Int128 stored)
    {
        // The sign bit is kept flipped so that UUIDs sort as numbers.
        var bits = UInt128.CreateTruncating(stored) ^ (UInt128.One << 127);
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new Guid(bytes, bigEndian: true);
    }

    private object?[] List(ListEntry entry)
    {
        var items = new object?[checked((int)entry.Length)];
        for (var i = 0; i < items.Length; i++) items[i] = _parts[0].Value(entry.Offset + i);
        return items;
    }

    private DuckStruct Fields(long row) =>
        new([.. Type.Labels.Select((name, i) => KeyValuePair.Create(name, _parts[i].Value(row)))]);

    private DuckMap Pairs(ListEntry entry)
    {
        var pairs = new KeyValuePair<object?, object?>[checked((int)entry.Length)];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = KeyValuePair.Create(_parts[0].Value(entry.Offset + i), _parts[1].Value(entry.Offset + i));
        return new(pairs);
    }

    private InvalidOperationException WrongType(string wanted) =>
        new(string.Create(CultureInfo.InvariantCulture, $"A column of type {Type.Text} was read as {wanted}."));

    private readonly record struct ListEntry(long Offset, long Length);
}
