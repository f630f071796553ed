using System.Collections;
using System.Collections.Immutable;
using System.Globalization;

namespace OrleansEtl.Client;

/// <summary>Values of a program as values of a spec.</summary>
public static class SpecValues
{
    /// <summary>Objects within objects; deeper ones are taken for circles.</summary>
    public const int DepthMax = 30;

    /// <summary>Texts, numbers, flags, days, times, durations, lists, dictionaries; other objects by their public properties.</summary>
    /// <exception cref="ArgumentException">It cannot stand in a spec.</exception>
    public static SpecValue From(object? value) => From(value, 0);

    /// <summary>The fields of an object or a dictionary; those that are null are left out.</summary>
    public static SpecValue.Map Fields(object? with) => with switch
    {
        null => SpecValue.Map.Empty,
        _ => From(with) is SpecValue.Map map
            ? new SpecValue.Map([.. map.Fields.Where(f => f.Value is not SpecValue.Null)])
            : throw new ArgumentException($"Fields are an object with properties or a dictionary, not {with.GetType().Name}.",
                nameof(with)),
    };

    internal static SpecValue.Map Merge(SpecValue.Map fields, object more)
    {
        var added = Fields(more);
        return new SpecValue.Map([.. fields.Fields.Where(f => added[f.Name] is null), .. added.Fields]);
    }

    internal static ValueType TypeOf(object value) => value switch
    {
        DateOnly => ValueType.Date,
        DateTimeOffset or DateTime => ValueType.Timestamp,
        _ => From(value) switch
        {
            SpecValue.Flag => ValueType.Flag,
            SpecValue.Integer => ValueType.Integer,
            SpecValue.Real => ValueType.Number,
            SpecValue.List => ValueType.List,
            SpecValue.Map => ValueType.Map,
            SpecValue.Text => ValueType.Text,
            _ => ValueType.Any,
        },
    };

    private static SpecValue From(object? value, int depth)
    {
        if (depth > DepthMax) throw new ArgumentException($"The value is nested more than {DepthMax} deep.", nameof(value));
        switch (value)
        {
            case null: return new SpecValue.Null();
            case SpecValue v: return v;
            case string or char: return new SpecValue.Text(value.ToString()!);
            case bool b: return new SpecValue.Flag(b);
            case sbyte or byte or short or ushort or int or uint or long:
                return new SpecValue.Integer(Convert.ToInt64(value, CultureInfo.InvariantCulture));
            case float or double or decimal: return Real(Convert.ToDouble(value, CultureInfo.InvariantCulture));
            case DateOnly day: return new SpecValue.Text(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            case DateTimeOffset time: return Time(time);
            case DateTime time: return Time(new DateTimeOffset(time));
            case TimeSpan duration: return new SpecValue.Text(Durations.ToText(duration));
            case Enum word: return new SpecValue.Text(word.ToString().ToLowerInvariant());
            case IDictionary map:
                return new SpecValue.Map([.. map.Keys.Cast<object>().Select(k => new Field(k.ToString()!, From(map[k], depth + 1)))]);
            case IEnumerable<KeyValuePair<string, string>> pairs:
                return new SpecValue.Map([.. pairs.Select(p => new Field(p.Key, new SpecValue.Text(p.Value)))]);
            case IEnumerable list: return new SpecValue.List([.. list.Cast<object?>().Select(i => From(i, depth + 1))]);
            default: return Properties(value, depth);
        }
    }

    private static SpecValue.Map Properties(object value, int depth)
    {
        var properties = value.GetType().GetProperties().Where(p => p.CanRead && p.GetIndexParameters().Length == 0).ToArray();
        if (properties.Length == 0)
            throw new ArgumentException($"A value of type {value.GetType().Name} cannot stand in a spec.", nameof(value));
        return new SpecValue.Map([.. properties.Select(p => new Field(p.Name, From(p.GetValue(value), depth + 1)))]);
    }

    private static SpecValue.Real Real(double number) => double.IsFinite(number)
        ? new SpecValue.Real(number)
        : throw new ArgumentException("NaN and infinity cannot stand in a spec.", nameof(number));

    private static SpecValue.Text Time(DateTimeOffset time) =>
        new(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
}
