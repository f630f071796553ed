using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text;
using System.Text.Unicode;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Data.Postgres;

/// <summary>Puts one value, in Postgres' binary form, into a column.</summary>
internal delegate void Decode(FeedVector column, int row, ReadOnlySpan<byte> value);

/// <summary>A column of a query's result: what it becomes, and how.</summary>
/// <param name="AsText">Whether the server has to be asked for the value's text.</param>
internal sealed record PostgresColumn(string Name, FeedType Type, Decode Decode, bool AsText);

/// <summary>Which types of Postgres become which of the engine's. What is not here comes as the text that Postgres
/// writes.</summary>
internal static class PostgresTypes
{
    /// <summary>Postgres counts from 2000, the engine from 1970.</summary>
    public const int DaysBetween = 10_957;
    public const long MicrosBetween = DaysBetween * 86_400_000_000L;
    private const int DecimalDigitsMax = 38;

    private static readonly (FeedType Type, Decode Decode) Text = (new(DuckKind.Varchar), SetText);

    private static readonly FrozenDictionary<string, (FeedType Type, Decode Decode)> Simple =
        new Dictionary<string, (FeedType, Decode)>
        {
            ["boolean"] = (new(DuckKind.Boolean), (c, row, v) => c.Set(row, v[0])),
            ["smallint"] = (new(DuckKind.SmallInt), (c, row, v) => c.Set(row, BinaryPrimitives.ReadInt16BigEndian(v))),
            ["integer"] = (new(DuckKind.Integer), (c, row, v) => c.Set(row, BinaryPrimitives.ReadInt32BigEndian(v))),
            ["bigint"] = (new(DuckKind.BigInt), (c, row, v) => c.Set(row, BinaryPrimitives.ReadInt64BigEndian(v))),
            ["real"] = (new(DuckKind.Float), (c, row, v) => c.Set(row, BinaryPrimitives.ReadSingleBigEndian(v))),
            ["double precision"] =
                (new(DuckKind.Double), (c, row, v) => c.Set(row, BinaryPrimitives.ReadDoubleBigEndian(v))),
            ["text"] = Text,
            ["character varying"] = Text,
            ["character"] = Text,
            ["name"] = Text,
            ["json"] = (new(DuckKind.Varchar, Alias: "JSON"), SetText),
            ["jsonb"] = (new(DuckKind.Varchar, Alias: "JSON"), (c, row, v) => SetText(c, row, v[1..])), // A version leads.
            ["bytea"] = (new(DuckKind.Blob), (c, row, v) => c.SetBytes(row, v)),
            ["uuid"] = (new(DuckKind.Uuid), (c, row, v) =>
                c.Set(row, BinaryPrimitives.ReadUInt128BigEndian(v) ^ (UInt128.One << 127))),
            ["date"] = (new(DuckKind.Date), SetDate),
            ["time without time zone"] = (new(DuckKind.Time), (c, row, v) => c.Set(row, BinaryPrimitives.ReadInt64BigEndian(v))),
            ["timestamp without time zone"] = (new(DuckKind.Timestamp), SetMoment),
            ["timestamp with time zone"] = (new(DuckKind.TimestampTz), SetMoment),
        }.ToFrozenDictionary();

    /// <param name="type">As <c>format_type</c> writes it: <c>numeric(10,2)</c>, <c>integer[]</c>.</param>
    public static PostgresColumn Of(string name, string type)
    {
        if (Known(type) is { } known) return new PostgresColumn(name, known.Type, known.Decode, false);
        if (type.EndsWith("[]", StringComparison.Ordinal) && Known(type[..^2]) is { } item)
            return new PostgresColumn(name, new FeedType(DuckKind.List, Item: item.Type), List(item.Decode), false);
        return new PostgresColumn(name, Text.Type, Text.Decode, true);
    }

    private static (FeedType Type, Decode Decode)? Known(string type)
    {
        var open = type.IndexOf('(');
        if (open < 0) return Simple.TryGetValue(type, out var plain) ? plain : null;
        var close = type.IndexOf(')', open);
        var bare = type[..open] + type[(close + 1)..];
        if (bare != "numeric") return Simple.TryGetValue(bare, out var found) ? found : null;
        var sizes = type[(open + 1)..close].Split(',');
        var (width, scale) = (int.Parse(sizes[0]), sizes.Length > 1 ? int.Parse(sizes[1]) : 0);
        if (width > DecimalDigitsMax || scale < 0 || scale > width) return null;
        return (new FeedType(DuckKind.Decimal, (byte)width, (byte)scale), Decimal(width, scale));
    }

    private static void SetText(FeedVector column, int row, ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value)) throw Foreign("text that is not UTF-8", "Convert it in the query: convert_from(…).");
        column.SetBytes(row, value);
    }

    private static void SetDate(FeedVector column, int row, ReadOnlySpan<byte> value)
    {
        var days = BinaryPrimitives.ReadInt32BigEndian(value);
        if (days is int.MaxValue or int.MinValue) throw Infinite("date");
        column.Set(row, checked(days + DaysBetween));
    }

    private static void SetMoment(FeedVector column, int row, ReadOnlySpan<byte> value)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(value);
        if (micros is long.MaxValue or long.MinValue) throw Infinite("timestamp");
        if (micros > long.MaxValue - MicrosBetween - 1)
            throw Foreign("a timestamp beyond the year 294246", "Leave such rows out in the query.");
        column.Set(row, micros + MicrosBetween);
    }

    private static Decode Decimal(int width, int scale) => (column, row, value) =>
    {
        var unscaled = PostgresNumeric.Unscaled(value, scale);
        if (width <= 4) column.Set(row, (short)unscaled);
        else if (width <= 9) column.Set(row, (int)unscaled);
        else if (width <= 18) column.Set(row, (long)unscaled);
        else column.Set(row, unscaled);
    };

    /// <summary>Dimensions, whether any is null, the type of items; for each dimension its length and first index; then
    /// the items.</summary>
    private static Decode List(Decode item) => (column, row, value) =>
    {
        var dimensions = BinaryPrimitives.ReadInt32BigEndian(value);
        if (dimensions > 1)
            throw Foreign($"an array of {dimensions} dimensions", "Read it as text in the query: column::text.");
        var length = dimensions == 0 ? 0 : BinaryPrimitives.ReadInt32BigEndian(value[12..]);
        var (items, offset) = column.SetList(row, length);
        var rest = dimensions == 0 ? [] : value[20..];
        for (var i = 0; i < length; i++)
        {
            var bytes = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[4..];
            if (bytes < 0)
            {
                items.SetNull(offset + i);
                continue;
            }

            item(items, offset + i, rest[..bytes]);
            rest = rest[bytes..];
        }
    };

    private static FaultException Infinite(string type) => Foreign(
        $"an infinite {type}", "Give it a finite value in the query, such as nullif(column, 'infinity').");

    internal static FaultException Foreign(string what, string hint) => new(new Fault(
        FaultKind.Invalid, PostgresCodes.ValueForeign, $"{what} cannot be kept.", Hint: hint));
}
