using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Expressions;

/// <summary>What the filters of <see cref="FilterSpec.All"/> do.</summary>
internal static class Filters
{
    private const int FormLengthMax = 40;

    public static Outcome<Typed> Apply(Expression.Filter filter, Typed operand, ImmutableArray<Typed> arguments)
    {
        switch (filter.Spec.Name)
        {
            case "default": return operand.IsNull ? arguments[0] : operand;
            case "json": return Typed.Of(new SpecValue.Text(operand.Value.ToJson()));
            case "length": return Length(filter, operand);
            case "date": return Date(filter, operand, arguments.IsEmpty ? null : arguments[0]);
            case "join": return Join(filter, operand, arguments[0]);
        }
        if (operand.Value is not SpecValue.Text text) return Refused(filter, "a text", operand);
        if (filter.Spec.InTemplates) return OnlyInTemplates(filter.Spec);
        var result = filter.Spec.Name switch
        {
            "upper" => text.Value.ToUpperInvariant(),
            "lower" => text.Value.ToLowerInvariant(),
            "trim" => text.Value.Trim(),
            "replace" when arguments is [{ Value: SpecValue.Text { Value.Length: > 0 } old }, { Value: SpecValue.Text to }] =>
                text.Value.Replace(old.Value, to.Value, StringComparison.Ordinal),
            "replace" => null,
            _ => throw new UnreachableException(),
        };
        return result is null ? Refused(filter, "two texts, the first of them not empty", arguments[0])
            : result.Length > Templates.FilledLengthMax
                ? Evaluation.Wrong($"`{filter.Spec.Name}` makes a text of more than {Templates.FilledLengthMax} characters.")
            : Typed.Of(new SpecValue.Text(result));
    }

    /// <summary>Why one that writes SQL cannot stand in a pipeline.</summary>
    public static Fault OnlyInTemplates(FilterSpec filter) => new(FaultKind.Invalid, PlanCodes.OnlyInTemplates,
        $"The filter `{filter.Name}` writes SQL: only a pipeline template has it, as the last one of an expression.", null,
        "A value of a run goes into SQL as a literal; give a column through a field that holds a column's name.");

    private static Outcome<Typed> Join(Expression.Filter filter, Typed operand, Typed between)
    {
        if (operand.Value is not SpecValue.List list) return Refused(filter, "a list", operand);
        if (between.Value is not SpecValue.Text text) return Refused(filter, "a text between the items", between);
        if (list.Items.Any(item => item is SpecValue.List or SpecValue.Map or SpecValue.Null))
            return Refused(filter, "a list of texts and numbers", operand);
        return Typed.Of(new SpecValue.Text(string.Join(text.Value, list.Items.Select(item => item.ToPlainText()))));
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
