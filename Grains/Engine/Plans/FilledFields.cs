using System.Collections.Immutable;
using System.Globalization;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>Fields whose templates are filled in: braces are only letters now, and a number may stand where a text is expected.</summary>
internal sealed class FilledFields : FieldCheck
{
    protected override bool PutsDefaults => true;
    protected override bool TakesOver(FieldType type, string text, string path) => false;
    protected override string? AsText(SpecValue value) =>
        value is SpecValue.Text or SpecValue.Flag or SpecValue.Integer or SpecValue.Real ? value.ToPlainText() : null;
    protected override FieldCheck Fork() => new FilledFields();
}

/// <summary>Values held against types: a step's fields after its templates were filled in, and the parameters of a run.</summary>
public static class Values
{
    /// <summary>The value in the form that the type asks for; the fault names <paramref name="path"/>.</summary>
    public static Outcome<SpecValue> Conform(FieldType type, SpecValue value, string path)
    {
        var check = new FilledFields();
        var conformed = check.Value(type, value, path);
        return check.Faults.Count == 0 ? conformed : check.Faults[0];
    }

    /// <summary>A step's <c>with</c> as its kind wants it, defaults put in; or its first fault, whose path starts at <c>with</c>.</summary>
    public static Outcome<SpecValue.Map> Conform(KindSpec kind, SpecValue.Map with)
    {
        var check = new FilledFields();
        var conformed = check.Record(kind.Fields, with, "with", $"`{kind.Name}`");
        return check.Faults.Count == 0 ? conformed : check.Faults[0];
    }

    /// <summary>The value as one of the type: a whole number counts as a number. A fault says what was expected.</summary>
    public static Outcome<SpecValue> Conform(ValueType type, SpecValue value)
    {
        var fits = (type, value) switch
        {
            (ValueType.Any, _) => true,
            (ValueType.Text, SpecValue.Text) => true,
            (ValueType.Integer, SpecValue.Integer) => true,
            (ValueType.Number, SpecValue.Integer or SpecValue.Real) => true,
            (ValueType.Flag, SpecValue.Flag) => true,
            (ValueType.Date, SpecValue.Text t) => Comparison.IsDay(t.Value, out _),
            (ValueType.Timestamp, SpecValue.Text t) => Comparison.Instant(t.Value) is not null,
            (ValueType.List, SpecValue.List) => true,
            (ValueType.Map, SpecValue.Map) => true,
            _ => false,
        };
        if (fits) return value;
        return new Fault(FaultKind.Invalid, PlanCodes.WrongParam,
            $"expected {Describe.Type(type)}, found {Describe.Value(value)}.");
    }

    /// <summary>A value given as text, as on a command line: <c>-p day=2026-01-31</c>, <c>-p ids=1,2,3</c>.</summary>
    public static Outcome<SpecValue> FromText(ValueType type, string text)
    {
        SpecValue? value = type switch
        {
            ValueType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) =>
                new SpecValue.Integer(n),
            ValueType.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
                && double.IsFinite(x) => new SpecValue.Real(x),
            ValueType.Flag when text.ToLowerInvariant() is "true" or "false" => new SpecValue.Flag(text.Length == 4),
            ValueType.List => new SpecValue.List([.. text.Length == 0 ? [] : text.Split(',').Select(Scalar)]),
            ValueType.Any => Scalar(text),
            ValueType.Map => null,
            _ => new SpecValue.Text(text),
        };
        return Conform(type, value ?? new SpecValue.Text(text));
    }

    private static SpecValue Scalar(string text)
    {
        text = text.Trim();
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)) return new SpecValue.Integer(n);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var x) && double.IsFinite(x))
            return new SpecValue.Real(x);
        return text switch
        {
            "true" => new SpecValue.Flag(true),
            "false" => new SpecValue.Flag(false),
            "null" => new SpecValue.Null(),
            _ => new SpecValue.Text(text),
        };
    }
}
