namespace OrleansEtl.Steps;

/// <summary>A field below <c>with:</c>. What can be said of it and how it is read are one thing, so that the two cannot
/// disagree.</summary>
public abstract record WithField(FieldSpec Spec);

/// <param name="Parse">Reads a value that is there; faults when it is of another type.</param>
/// <param name="Absent">What stands for a field that is not given; null: it has to be given.</param>
public sealed record WithField<T>(FieldSpec Spec, Func<Placed, T> Parse, Func<T>? Absent) : WithField(Spec)
{
    /// <summary>The names that the field has in files of the older form.</summary>
    public WithField<T> Alias(params string[] names) => this with { Spec = Spec with { Aliases = [.. names] } };
}

/// <summary>A value at its place in the spec, for example <c>measures.total.function</c>.</summary>
public readonly record struct Placed(SpecValue Value, string Path)
{
    private const int QuotedCharactersMax = 60;

    public Placed At(string name, SpecValue value) => new(value, Path.Length == 0 ? name : $"{Path}.{name}");
    public Placed At(int index, SpecValue value) => new(value, $"{Path}[{index}]");

    public FaultException Wrong(string expected) => new(new Fault(
        FaultKind.Invalid, StepCodes.FieldInvalid, $"'{Path}' is {Quoted()}; expected {expected}.", $"with.{Path}"));

    private string Quoted() => Excerpt.Of(Value.ToJson(), QuotedCharactersMax);
}

/// <summary>The filled-in <c>with:</c> of a step, or a record within it. The only reader of spec values in this
/// room.</summary>
public readonly record struct With(Placed Place)
{
    private SpecValue.Map Map => Place.Value as SpecValue.Map ?? throw Place.Wrong("a map");

    public T Get<T>(WithField<T> field)
    {
        if (Find(field) is { } given) return field.Parse(given);
        if (field.Absent is not null) return field.Absent();
        var path = Place.At(field.Spec.Name, Place.Value).Path;
        throw new FaultException(new Fault(
            FaultKind.Invalid, StepCodes.FieldMissing, $"'{path}' is missing. {field.Spec.Summary}", $"with.{path}"));
    }

    public bool Has(WithField field) => Find(field) is not null;

    /// <summary>The value under the field's name or one of its older names; null when it is absent or null.</summary>
    private Placed? Find(WithField field)
    {
        foreach (var name in field.Spec.Aliases.Prepend(field.Spec.Name))
            if (Map[name] is { } value and not SpecValue.Null) return Place.At(name, value);
        return null;
    }
}
