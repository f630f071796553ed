using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>A column of the rows, the column of the table that it goes to, and the way there.</summary>
/// <param name="Source">Its name in the rows.</param>
/// <param name="Target">Its name in the table.</param>
/// <param name="TableType">The type in the table, as Postgres writes it.</param>
/// <param name="Select">The value as the engine's type that is written; SQL of the engine.</param>
/// <param name="IsCast">Whether a value may fail to become that.</param>
internal sealed record LoadColumn(
    string Source, string Target, string TableType, string Select, bool IsCast, Encode Encode);

/// <summary>Which types of rows fit which types of tables. Only what keeps the value is let through, a whole number that is too
/// large being found with its row; everything else is the pipeline's to convert, where one sees it.</summary>
internal static class LoadTypes
{
    private sealed record Way(Encode Encode, Func<DuckType, string?> Cast);

    private static readonly Dictionary<string, Way> Ways = new()
    {
        ["boolean"] = new((w, v, row) => w.Byte(v.Raw<byte>(row)), type => type.Kind == DuckKind.Boolean ? "" : null),
        ["smallint"] = new((w, v, row) => w.Int16(v.Raw<short>(row)), type => Whole(type, DuckKind.SmallInt)),
        ["integer"] = new((w, v, row) => w.Int32(v.Raw<int>(row)), type => Whole(type, DuckKind.Integer)),
        ["bigint"] = new((w, v, row) => w.Int64(v.Raw<long>(row)), type => Whole(type, DuckKind.BigInt)),
        ["real"] = new((w, v, row) => w.Single(v.Raw<float>(row)), type => type.Kind == DuckKind.Float ? "" : null),
        ["double precision"] = new((w, v, row) => w.Double(v.Raw<double>(row)), type =>
            type.Kind == DuckKind.Double ? "" : type.Kind == DuckKind.Float || IsWhole(type) ? "DOUBLE" : null),
        ["numeric"] = new((w, v, row) => w.Decimal(v.Unscaled(row), v.Type.Size), type =>
            type.Kind == DuckKind.Decimal ? "" : IsWhole(type) ? "DECIMAL(38,0)" : null),
        ["text"] = TextWay,
        ["character varying"] = TextWay,
        ["character"] = TextWay,
        ["citext"] = TextWay,
        ["json"] = new(Text, Json),
        ["jsonb"] = new((w, v, row) =>
        {
            w.Byte(1);
            Text(w, v, row);
        }, Json),
        ["bytea"] = new((w, v, row) => w.Bytes(v.Bytes(row)), type => type.Kind == DuckKind.Blob ? "" : null),
        ["uuid"] = new((w, v, row) => w.UInt128(v.Raw<UInt128>(row) ^ (UInt128.One << 127)), type =>
            type.Kind == DuckKind.Uuid ? "" : type.Kind == DuckKind.Varchar ? "UUID" : null),
        ["date"] = new(Date, type => type.Kind == DuckKind.Date ? "" : null),
        ["time without time zone"] = new((w, v, row) => w.Int64(v.Raw<long>(row)), type =>
            type.Kind == DuckKind.Time ? "" : null),
        ["timestamp without time zone"] = new(Moment, type => type.Kind switch
        {
            DuckKind.Timestamp => "",
            DuckKind.TimestampSeconds or DuckKind.TimestampMillis or DuckKind.Date => "TIMESTAMP",
            _ => null,
        }),
        ["timestamp with time zone"] = new(Moment, type => type.Kind == DuckKind.TimestampTz ? "" : null),
    };

    private static Way TextWay => new(Text, type => type.Kind switch
    {
        DuckKind.Varchar => "",
        DuckKind.Blob or DuckKind.List or DuckKind.Array or DuckKind.Struct or DuckKind.Map => null,
        _ => "VARCHAR",
    });

    /// <param name="tableType">As <c>format_type</c> writes it.</param>
    /// <param name="itemId">The id of the type of an array's items; 0 for others.</param>
    /// <param name="isEnum">Whether the type is an enumeration, whose values travel as their text.</param>
    /// <returns>Null when such values do not belong into such a column.</returns>
    public static LoadColumn? Of(
        string source, DuckType type, string target, string tableType, uint itemId, bool isEnum)
    {
        if (tableType.EndsWith("[]", StringComparison.Ordinal) && type.Kind == DuckKind.List)
        {
            if (Find(Bare(tableType[..^2]), type.Parts[0]) is not { } item) return null;
            var cast = item.Cast.Length == 0 ? "" : item.Cast + "[]";
            return Column(cast, List(item.Encode, itemId));
        }

        var found = isEnum ? type.Kind == DuckKind.Varchar ? (Text, "") : null : Find(Bare(tableType), type);
        return found is { } way ? Column(way.Item2, way.Item1) : null;

        LoadColumn Column(string cast, Encode encode) => new(
            source, target, tableType, cast.Length == 0 ? Sql.Name(source) : $"CAST({Sql.Name(source)} AS {cast})",
            cast.Length > 0, encode);
    }

    /// <summary>The type of a column that is made for such values.</summary>
    public static string TypeFor(DuckType type) => type.Kind switch
    {
        DuckKind.Boolean => "boolean",
        DuckKind.TinyInt or DuckKind.UTinyInt or DuckKind.SmallInt => "smallint",
        DuckKind.USmallInt or DuckKind.Integer => "integer",
        DuckKind.UInteger or DuckKind.BigInt => "bigint",
        DuckKind.UBigInt or DuckKind.HugeInt or DuckKind.UHugeInt => "numeric(38,0)",
        DuckKind.Float => "real",
        DuckKind.Double => "double precision",
        DuckKind.Decimal => "numeric" + type.Text["DECIMAL".Length..],
        DuckKind.Blob => "bytea",
        DuckKind.Uuid => "uuid",
        DuckKind.Date => "date",
        DuckKind.Time => "time without time zone",
        DuckKind.Timestamp or DuckKind.TimestampSeconds or DuckKind.TimestampMillis => "timestamp without time zone",
        DuckKind.TimestampTz => "timestamp with time zone",
        DuckKind.Varchar when type.Text == "JSON" => "jsonb",
        DuckKind.Struct or DuckKind.Map => "jsonb",
        DuckKind.List when Find(Bare(TypeFor(type.Parts[0])), type.Parts[0]) is not null
            && type.Parts[0].Kind is not (DuckKind.List or DuckKind.Struct or DuckKind.Map) => TypeFor(type.Parts[0]) + "[]",
        DuckKind.List => "jsonb",
        _ => "text",
    };

    private static (Encode Encode, string Cast)? Find(string bare, DuckType type) =>
        Ways.TryGetValue(bare, out var way) && way.Cast(type) is { } cast ? (way.Encode, cast) : null;

    private static string Bare(string type)
    {
        var open = type.IndexOf('(');
        return open < 0 ? type : type[..open] + type[(type.IndexOf(')', open) + 1)..];
    }

    private static bool IsWhole(DuckType type) => type.Kind is DuckKind.TinyInt or DuckKind.SmallInt or DuckKind.Integer
        or DuckKind.BigInt or DuckKind.UTinyInt or DuckKind.USmallInt or DuckKind.UInteger or DuckKind.UBigInt
        or DuckKind.HugeInt or DuckKind.UHugeInt;

    private static string? Whole(DuckType type, DuckKind kind) =>
        type.Kind == kind ? "" : IsWhole(type) ? kind.ToString().ToUpperInvariant() : null;

    private static string? Json(DuckType type) => type.Kind switch
    {
        DuckKind.Varchar => "",
        DuckKind.List or DuckKind.Struct or DuckKind.Map or DuckKind.Array => "JSON",
        _ => null,
    };

    private static void Text(CopyWriter writer, DuckVector column, long row) => writer.Text(column.Bytes(row));

    private static void Date(CopyWriter writer, DuckVector column, long row)
    {
        var days = column.Raw<int>(row);
        writer.Int32(days switch
        {
            int.MaxValue => int.MaxValue,
            -int.MaxValue => int.MinValue,
            _ => days - PostgresTypes.DaysBetween,
        });
    }

    private static void Moment(CopyWriter writer, DuckVector column, long row)
    {
        var micros = column.Raw<long>(row);
        writer.Int64(micros switch
        {
            long.MaxValue => long.MaxValue,
            -long.MaxValue => long.MinValue,
            _ => micros - PostgresTypes.MicrosBetween,
        });
    }

    private static Encode List(Encode item, uint itemId) => (writer, column, row) =>
    {
        var (items, offset, length) = column.ListAt(row);
        writer.Int32(length == 0 ? 0 : 1);
        writer.Int32(HasNull(items, offset, length) ? 1 : 0);
        writer.Int32((int)itemId);
        if (length == 0) return;
        writer.Int32(checked((int)length));
        writer.Int32(1);
        for (var i = offset; i < offset + length; i++)
        {
            if (items.IsNull(i)) writer.Int32(-1);
            else writer.Item(item, items, i);
        }
    };

    private static bool HasNull(DuckVector items, long offset, long length)
    {
        for (var i = offset; i < offset + length; i++)
            if (items.IsNull(i)) return true;
        return false;
    }
}
