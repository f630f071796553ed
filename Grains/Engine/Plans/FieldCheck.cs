using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>Holds a value against a field's type and names every difference. The two uses differ in what a text may be:
/// as written in a file it may be a template (<see cref="WrittenFields"/>), filled in it is what it is
/// (<see cref="FilledFields"/>).</summary>
internal abstract class FieldCheck
{
    public List<Fault> Faults { get; } = [];

    /// <summary>Takes over a text that is not to be held against the type itself.</summary>
    protected abstract bool TakesOver(FieldType type, string text, string path);

    /// <summary>The text that stands for a value where a text is expected; null when it must be written as one.</summary>
    protected abstract string? AsText(SpecValue value);

    /// <summary>Whether defaults are put in where nothing is given.</summary>
    protected abstract bool PutsDefaults { get; }

    protected abstract FieldCheck Fork();
    protected virtual void Join(FieldCheck fork) => Faults.AddRange(fork.Faults);
    protected virtual void Meet(FieldType type, string text, string path) { }

    /// <summary>The fields of a mapping; what comes back has the form that the types ask for.</summary>
    public SpecValue.Map Record(ImmutableArray<FieldSpec> specs, SpecValue.Map map, string path, string owner)
    {
        var known = specs.ToDictionary(s => s.Name);
        var fields = ImmutableArray.CreateBuilder<Field>(specs.Length);
        var seen = new HashSet<string>();
        var meant = new HashSet<string?>();
        foreach (var field in map.Fields)
        {
            var at = SpecPath.Field(path, field.Name);
            if (!known.TryGetValue(field.Name, out var spec)) meant.Add(Unknown(specs, field.Name, at, owner));
            else if (!seen.Add(field.Name)) Wrong(PlanCodes.WrongType, $"`{field.Name}` is given twice.", at, null);
            else fields.Add(new Field(field.Name, spec.Default == field.Value ? field.Value : Value(spec.Type, field.Value, at)));
        }
        foreach (var spec in specs)
        {
            if (seen.Contains(spec.Name) || meant.Contains(spec.Name)) continue;
            if (spec.Required)
            {
                Wrong(PlanCodes.MissingField, $"{owner} needs `{spec.Name}`: {spec.Summary}",
                    SpecPath.Field(path, spec.Name), $"It is {Describe.Type(spec.Type)}.");
            }
            else if (PutsDefaults && spec.Default is { } value) fields.Add(new Field(spec.Name, value));
        }
        return new SpecValue.Map(fields.ToImmutable());
    }

    public SpecValue Value(FieldType type, SpecValue value, string path)
    {
        if (value is SpecValue.Text written && TakesOver(type, written.Value, path)) return value;
        switch (type)
        {
            case FieldType.Flag when value is SpecValue.Flag: return value;
            case FieldType.Scalar when value is not (SpecValue.List or SpecValue.Map): return value;
            case FieldType.Integer t when value is SpecValue.Integer i:
                return InRange(t, i.Value >= t.Min && i.Value <= t.Max, value, path);
            case FieldType.Number t when Arithmetic.Number(value) is { } n: return InRange(t, n >= t.Min && n <= t.Max, value, path);
            case FieldType.Size t when Bytes(value) is { } bytes: return InRange(t, bytes >= t.Min && bytes <= t.Max, value, path);
            case FieldType.Duration when value is SpecValue.Text text && Durations.TryParse(text.Value, out _): return value;
            case FieldType.Choice c when value is SpecValue.Text text: return Choice(c, text, path);
            case FieldType.List t when value is SpecValue.List list: return List(t, list, path);
            case FieldType.Map t when value is SpecValue.Map map: return Map(t, map, path);
            case FieldType.Record t when value is SpecValue.Map map: return Record(t.Fields, map, path, Named(path));
            case FieldType.OneOf t: return OneOf(t, value, path);
            case FieldType.Text or FieldType.Column or FieldType.Expression or FieldType.Query or FieldType.ColumnType
                or FieldType.ReadPath or FieldType.WritePath or FieldType.Input:
                return Text(type, value, path);
            default: return Mismatch(type, value, path);
        }
    }

    protected void Wrong(string code, string message, string path, string? hint) =>
        Faults.Add(new Fault(FaultKind.Invalid, code, message, path, hint));

    protected static string Named(string path)
    {
        var from = path.LastIndexOf("with.", StringComparison.Ordinal);
        return $"`{(from < 0 ? path : path[(from + 5)..])}`";
    }

    private SpecValue Text(FieldType type, SpecValue value, string path)
    {
        if (AsText(value) is not { } text) return Mismatch(type, value, path);
        var max = type is FieldType.Text t ? t.LengthMax : 100_000;
        if (text.Length > max)
            Wrong(PlanCodes.BoundMet, $"{Named(path)} has {text.Length} characters; at most {max} are allowed.", path, null);
        else if (text.Length == 0 && type is not FieldType.Text)
            Wrong(PlanCodes.WrongType, $"{Named(path)} must be {Describe.Type(type)}, found an empty text.", path, null);
        else Meet(type, text, path);
        return value is SpecValue.Text ? value : new SpecValue.Text(text);
    }

    private SpecValue Choice(FieldType.Choice choice, SpecValue.Text text, string path)
    {
        if (choice.Values.Contains(text.Value)) return text;
        Wrong(PlanCodes.WrongType, $"{Named(path)} must be {Describe.Type(choice)}, found {Describe.Quote(text.Value)}.", path,
            Spelling.Nearest(text.Value, choice.Values) is { } nearest ? $"Did you mean `{nearest}`?" : null);
        return text;
    }

    private SpecValue List(FieldType.List type, SpecValue.List list, string path)
    {
        if (list.Items.Length < type.LengthMin)
        {
            Wrong(PlanCodes.WrongType,
                $"{Named(path)} needs at least {type.LengthMin} {(type.LengthMin == 1 ? "item" : "items")}, found {list.Items.Length}.",
                path, null);
        }
        return new SpecValue.List([.. list.Items.Select((item, i) => Value(type.Of, item, SpecPath.Item(path, i)))]);
    }

    private SpecValue Map(FieldType.Map type, SpecValue.Map map, string path)
    {
        if (map.Fields.Length < type.LengthMin)
        {
            Wrong(PlanCodes.WrongType,
                $"{Named(path)} needs at least {type.LengthMin} {(type.LengthMin == 1 ? "entry" : "entries")}, found {map.Fields.Length}.",
                path, null);
        }
        var seen = new HashSet<string>();
        foreach (var field in map.Fields)
        {
            if (!seen.Add(field.Name))
                Wrong(PlanCodes.WrongType, $"{Named(path)} has `{field.Name}` twice.", SpecPath.Field(path, field.Name), null);
        }
        return new SpecValue.Map([.. map.Fields.Select(f =>
            new Field(f.Name, Value(type.Of, f.Value, SpecPath.Field(path, f.Name))))]);
    }

    // The first type that fits; when none does, the faults of the only one that has the value's shape say more than "none fits".
    private SpecValue OneOf(FieldType.OneOf type, SpecValue value, string path)
    {
        var tries = type.Types.Select(t =>
        {
            var fork = Fork();
            return (Type: t, Fork: fork, Value: fork.Value(t, value, path));
        }).ToArray();
        foreach (var attempt in tries.Where(t => t.Fork.Faults.Count == 0))
        {
            Join(attempt.Fork);
            return attempt.Value;
        }
        var shaped = tries.Where(t => HasShape(t.Type, value)).ToArray();
        if (shaped.Length != 1) return Mismatch(type, value, path);
        Join(shaped[0].Fork);
        return shaped[0].Value;
    }

    private static bool HasShape(FieldType type, SpecValue value) => value switch
    {
        SpecValue.Map => type is FieldType.Map or FieldType.Record,
        SpecValue.List => type is FieldType.List,
        SpecValue.Text => type is FieldType.Text or FieldType.Choice or FieldType.Column or FieldType.Expression or FieldType.Query,
        SpecValue.Integer or SpecValue.Real => type is FieldType.Integer or FieldType.Number or FieldType.Size,
        _ => false,
    };

    private SpecValue InRange(FieldType type, bool inRange, SpecValue value, string path) => inRange ? value : Mismatch(type, value, path);

    private SpecValue Mismatch(FieldType type, SpecValue value, string path)
    {
        Wrong(PlanCodes.WrongType, $"{Named(path)} must be {Describe.Type(type)}, found {Describe.Value(value)}.", path,
            Advice(type, value));
        return value;
    }

    private string? Unknown(ImmutableArray<FieldSpec> specs, string name, string path, string owner)
    {
        var names = specs.Select(s => s.Name).ToArray();
        var nearest = specs.FirstOrDefault(s => s.Aliases.Contains(name))?.Name ?? Spelling.Nearest(name, names);
        var allowed = names.Length == 0 ? $"{owner} takes no fields." : $"Allowed here: {string.Join(", ", names)}.";
        Wrong(PlanCodes.UnknownField, $"{owner} has no field `{name}`.", path,
            nearest is null ? allowed : $"Did you mean `{nearest}`? {allowed}");
        return nearest;
    }

    private static string? Advice(FieldType type, SpecValue value) => (type, value) switch
    {
        (FieldType.OneOf o, _) => o.Types.Select(t => Advice(t, value)).FirstOrDefault(a => a is not null),
        (FieldType.List, SpecValue.Text t) => $"Write a list: [{t.Value}].",
        (FieldType.Duration, SpecValue.Integer i) => $"Add a unit: {i.Value.ToString(CultureInfo.InvariantCulture)}s.",
        (FieldType.Flag, SpecValue.Text { Value: "yes" or "no" or "on" or "off" }) => "Write true or false.",
        (FieldType.Integer or FieldType.Number, SpecValue.Text t) when double.TryParse(t.Value, CultureInfo.InvariantCulture, out _) =>
            "Remove the quotes.",
        (FieldType.Text or FieldType.Column or FieldType.Choice or FieldType.Expression or FieldType.ReadPath or FieldType.WritePath,
            SpecValue.Integer or SpecValue.Real or SpecValue.Flag) => $"Quote it: \"{value.ToPlainText()}\".",
        _ => null,
    };

    private static long? Bytes(SpecValue value) => value switch
    {
        SpecValue.Integer { Value: >= 0 } i => i.Value,
        SpecValue.Text t when Sizes.TryParse(t.Value, out var bytes) => bytes,
        _ => null,
    };
}
