using System.Collections.Immutable;
using OrleansEtl.Data.Duck.Native;

namespace OrleansEtl.Data.Duck;

/// <summary>DuckDB's type ids, with the numbers of its C API.</summary>
public enum DuckKind
{
    Invalid = 0, Boolean = 1, TinyInt = 2, SmallInt = 3, Integer = 4, BigInt = 5, UTinyInt = 6, USmallInt = 7,
    UInteger = 8, UBigInt = 9, Float = 10, Double = 11, Timestamp = 12, Date = 13, Time = 14, Interval = 15,
    HugeInt = 16, Varchar = 17, Blob = 18, Decimal = 19, TimestampSeconds = 20, TimestampMillis = 21,
    TimestampNanos = 22, Enum = 23, List = 24, Struct = 25, Map = 26, Uuid = 27, Union = 28, Bit = 29, TimeTz = 30,
    TimestampTz = 31, UHugeInt = 32, Array = 33, Any = 34, BigNum = 35, SqlNull = 36, StringLiteral = 37,
    IntegerLiteral = 38, TimeNanos = 39, Geometry = 40, Variant = 41,
}

/// <summary>A type, with its parts.</summary>
/// <param name="Text">As DuckDB writes it, for example <c>STRUCT("a" INTEGER, "b" DECIMAL(18,4)[])</c>.</param>
/// <param name="Storage">How enums and decimals are kept; otherwise the kind itself.</param>
/// <param name="Size">Length of an array; scale of a decimal; otherwise 0.</param>
/// <param name="Labels">The values of an enum; the names of fields, members and of a map's key and value.</param>
/// <param name="Parts">The types that belong to the labels; of a list or array, its item.</param>
public sealed record DuckType(
    DuckKind Kind,
    string Text,
    DuckKind Storage,
    int Size,
    ImmutableArray<string> Labels,
    ImmutableArray<DuckType> Parts)
{
    public override string ToString() => Text;

    internal static DuckType From(TypeHandle handle)
    {
        using (handle) return Read(handle);
    }

    private static unsafe DuckType Read(TypeHandle handle)
    {
        var kind = DuckNative.TypeId(handle);
        var type = kind switch
        {
            DuckKind.Decimal => Decimal(handle),
            DuckKind.Enum => Enumeration(handle),
            DuckKind.List => Item(From(DuckNative.ListItem(handle)), kind, 0),
            DuckKind.Array => Item(From(DuckNative.ArrayItem(handle)), kind, Count(DuckNative.ArraySize(handle))),
            DuckKind.Map => Map(From(DuckNative.MapKey(handle)), From(DuckNative.MapValue(handle))),
            DuckKind.Struct => Fields(kind, Count(DuckNative.StructSize(handle)),
                i => (DuckNative.Owned(DuckNative.StructFieldName(handle, i)), DuckNative.StructFieldType(handle, i))),
            DuckKind.Union => Fields(kind, Count(DuckNative.UnionSize(handle)),
                i => (DuckNative.Owned(DuckNative.UnionMemberName(handle, i)), DuckNative.UnionMemberType(handle, i))),
            _ => Simple(kind),
        };
        var alias = DuckNative.Owned(DuckNative.TypeAlias(handle));
        return string.IsNullOrEmpty(alias) ? type : type with { Text = alias };
    }

    private static DuckType Simple(DuckKind kind) => new(kind, NameOf(kind), kind, 0, [], []);

    private static DuckType Decimal(TypeHandle handle)
    {
        var (width, scale) = (DuckNative.DecimalWidth(handle), DuckNative.DecimalScale(handle));
        return new(DuckKind.Decimal, $"DECIMAL({width},{scale})", DuckNative.DecimalStorage(handle), scale, [], []);
    }

    private static unsafe DuckType Enumeration(TypeHandle handle)
    {
        var labels = ImmutableArray.CreateBuilder<string>();
        for (ulong i = 0, n = DuckNative.EnumSize(handle); i < n; i++)
            labels.Add(DuckNative.Owned(DuckNative.EnumValue(handle, i)) ?? "");
        var text = $"ENUM({string.Join(", ", labels.Select(Sql.Text))})";
        return new(DuckKind.Enum, text, DuckNative.EnumStorage(handle), 0, labels.ToImmutable(), []);
    }

    private static DuckType Item(DuckType item, DuckKind kind, int size) =>
        new(kind, item.Text + (kind == DuckKind.List ? "[]" : $"[{size}]"), kind, size, [], [item]);

    private static DuckType Map(DuckType key, DuckType value) =>
        new(DuckKind.Map, $"MAP({key.Text}, {value.Text})", DuckKind.Map, 0, ["key", "value"], [key, value]);

    private static DuckType Fields(DuckKind kind, int count, Func<ulong, (string? Name, TypeHandle Type)> field)
    {
        var names = ImmutableArray.CreateBuilder<string>(count);
        var types = ImmutableArray.CreateBuilder<DuckType>(count);
        for (ulong i = 0; i < (ulong)count; i++)
        {
            var (name, type) = field(i);
            names.Add(name ?? "");
            types.Add(From(type));
        }

        var inner = string.Join(", ", names.Zip(types, (name, type) => $"{Sql.Name(name)} {type.Text}"));
        return new(kind, $"{NameOf(kind)}({inner})", kind, 0, names.ToImmutable(), types.ToImmutable());
    }

    private static int Count(ulong count) => checked((int)count);

    private static string NameOf(DuckKind kind) => kind switch
    {
        DuckKind.TimestampSeconds => "TIMESTAMP_S",
        DuckKind.TimestampMillis => "TIMESTAMP_MS",
        DuckKind.TimestampNanos => "TIMESTAMP_NS",
        DuckKind.TimestampTz => "TIMESTAMP WITH TIME ZONE",
        DuckKind.TimeTz => "TIME WITH TIME ZONE",
        DuckKind.TimeNanos => "TIME_NS",
        DuckKind.SqlNull => "\"NULL\"",
        _ => kind.ToString().ToUpperInvariant(),
    };
}
