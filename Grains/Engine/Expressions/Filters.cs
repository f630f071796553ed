using System.Diagnostics;
using System.Globalization;

namespace OrleansEtl.Engine.Expressions;

/// <summary>What the filters of <see cref="FilterSpec.All"/> do.</summary>
internal static class Filters
{
    private const int FormLengthMax = 40;

    public static Outcome<Typed> Apply(Expression.Filter filter, Typed operand, Typed argument)
    {
        switch (filter.Spec.Name)
        {
            case "default": return operand.IsNull ? argument : operand;
            case "json": return Typed.Of(new SpecValue.Text(operand.Value.ToJson()));
            case "length": return Length(filter, operand);
            case "date": return Date(filter, operand, filter.Arguments.Length > 0 ? argument : null);
        }
        if (operand.Value is not SpecValue.Text text) return Refused(filter, "a text", operand);
        return Typed.Of(new SpecValue.Text(filter.Spec.Name switch
        {
            "upper" => text.Value.ToUpperInvariant(),
            "lower" => text.Value.ToLowerInvariant(),
            "trim" => text.Value.Trim(),
            _ => throw new UnreachableException(),
        }));
    }

    private static Outcome<Typed> Length(Expression.Filter filter, Typed operand) => operand.Value switch
    {
        SpecValue.Text t => Typed.Of(new SpecValue.Integer(t.Value.Length)),
        SpecValue.List l => Typed.Of(new SpecValue.Integer(l.Items.Length)),
        SpecValue.Map m => Typed.Of(new SpecValue.Integer(m.Fields.Length)),
        _ => Refused(filter, "a text, a list or a mapping", operand),
    };

    private static Outcome<Typed> Date(Expression.Filter filter, Typed operand, Typed? form)
    {
        if (operand.Value is not SpecValue.Text text || Comparison.Instant(text.Value) is not { } time)
            return Refused(filter, "a day or a timestamp", operand);
        if (form is null)
            return new Typed(new SpecValue.Text(Shown(time, "yyyy-MM-dd")), ValueType.Date);
        if (form.Value.Value is not SpecValue.Text { Value.Length: > 0 and <= FormLengthMax } wanted)
            return Refused(filter, "a form such as \"yyyy/MM/dd\"", form.Value);
        try
        {
            // One letter alone would be one of .NET's standard forms, which depend on more than the letter.
            var custom = wanted.Value.Length == 1 ? "%" + wanted.Value : wanted.Value;
            return Typed.Of(new SpecValue.Text(Shown(time, custom)));
        }
        catch (FormatException)
        {
            return Refused(filter, "a form such as \"yyyy/MM/dd\"", form.Value);
        }
    }

    private static string Shown(DateTimeOffset time, string form) => time.UtcDateTime.ToString(form, CultureInfo.InvariantCulture);

    private static Fault Refused(Expression.Filter filter, string expected, Typed found) => Evaluation.Wrong(
        $"`{filter.Spec.Name}` needs {expected}, found {Describe.Value(found.Value)} (character {filter.At + 1}).",
        found.IsNull ? "Give a value for null: `| default(\"…\")`." : null);
}
