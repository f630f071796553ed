namespace OrleansEtl.Definitions;

/// <summary>Values of single words. Null: missing, or something else, which is found; one that is not needed may be empty.</summary>
internal sealed partial class Keys
{
    public bool? Flag(string name) => Value(name, "true or false", null, isNeeded: true, scalar => (CoreSchema.Read(scalar) as SpecValue.Flag)?.Value);

    public int? Whole(string name, string expected = "a whole number", string? help = null, int least = int.MinValue) =>
        Value(name, expected, help, isNeeded: false, scalar =>
            CoreSchema.Read(scalar) is SpecValue.Integer { Value: <= int.MaxValue } whole && whole.Value >= least ? (int)whole.Value : (int?)null);

    /// <param name="orElse">What it may be besides.</param>
    public TimeSpan? Duration(string name, string? help = null, string orElse = "", bool isNeeded = false)
    {
        var isNumber = this[name]?.Value is Node.Scalar { IsPlain: true } plain && CoreSchema.Read(plain) is SpecValue.Integer;
        return Value(name, $"a duration such as 250ms, 30s, 5m, 2h or 1d{orElse}",
            help ?? (isNumber ? $"Add a unit: {((Node.Scalar)this[name]!.Value).Text}s." : null), isNeeded,
            scalar => Durations.TryParse(scalar.Text, out var duration) ? duration : (TimeSpan?)null);
    }

    public T? Choice<T>(string name, bool isNeeded = false) where T : struct, Enum
    {
        var words = EnumWords.All<T>();
        return Value(name, string.Join(", ", words[..^1]) + " or " + words[^1],
            this[name]?.Value is Node.Scalar text && Spelling.Nearest(text.Text, words) is { } nearest ? $"Did you mean `{nearest}`?" : null, isNeeded,
            scalar => EnumWords.TryParse<T>(scalar.Text, out var value) ? value : (T?)null);
    }

    private T? Value<T>(string name, string expected, string? help, bool isNeeded, Func<Node.Scalar, T?> read) where T : struct
    {
        if (this[name] is not { } entry || !isNeeded && SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && read(scalar) is { } value) return value;
        Wrong(name, entry.Value, expected, help);
        return null;
    }
}
