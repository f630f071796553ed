using System.Collections.Immutable;
using System.Globalization;
using OrleansEtl.Cli.Output;

namespace OrleansEtl.Cli;

/// <summary>The values of <c>-p name=value</c> in the types that the pipeline declares.</summary>
internal abstract record ParamValues
{
    private ParamValues() { }

    public sealed record Bound(ImmutableArray<Field> Values) : ParamValues;

    public sealed record Wrong(ImmutableArray<string> Sentences) : ParamValues
    {
        public ExitCode Print(Terminal terminal)
        {
            foreach (var sentence in Sentences) terminal.Talk.WriteLine(sentence);
            return ExitCode.Usage;
        }
    }

    /// <summary>For the start of a run: what is neither given nor has a default is missed.</summary>
    public static ParamValues Parse(PipelineSpec spec, IReadOnlyList<string> given)
    {
        var parsed = ParseGiven(spec, given);
        if (parsed is not Bound bound) return parsed;
        var missing = spec.Params.Where(p => p.Default is null && bound.Values.All(v => v.Name != p.Name)).ToArray();
        return missing.Length == 0
            ? bound
            : new Wrong([.. missing.Select(p => $"parameter '{p.Name}' of {spec.Name} has no default: give it with -p {p.Name}=VALUE")]);
    }

    /// <summary>Only what is given.</summary>
    public static ParamValues ParseGiven(PipelineSpec spec, IReadOnlyList<string> given)
    {
        var (values, wrong) = (new Dictionary<string, Field>(), new List<string>());
        foreach (var text in given)
        {
            var (name, value) = text.IndexOf('=') is > 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
            if (value is null)
            {
                wrong.Add($"-p takes NAME=VALUE; found '{text}'");
            }
            else if (spec.Params.FirstOrDefault(p => p.Name == name) is not { } param)
            {
                var names = spec.Params.IsEmpty ? "it has none" : "it has " + string.Join(", ", spec.Params.Select(p => p.Name));
                wrong.Add($"{spec.Name} has no parameter '{name}'; {names}");
            }
            else if (Read(param.Type, value) is { } read)
            {
                values[name] = new Field(name, read);
            }
            else
            {
                wrong.Add($"parameter '{name}' is of type {param.Type.ToString().ToLowerInvariant()}; found '{value}'");
            }
        }
        return wrong.Count > 0 ? new Wrong([.. wrong]) : new Bound([.. values.Values]);
    }

    /// <summary>The first of the given values that is not the stored one, in words; null when none differs.</summary>
    public static string? Differ(ImmutableArray<Field> stored, ImmutableArray<Field> given)
    {
        foreach (var field in given)
        {
            var before = stored.FirstOrDefault(f => f.Name == field.Name)?.Value;
            if (before?.ToJson() != field.Value.ToJson())
            {
                return $"{field.Name} was {before?.ToPlainText() ?? "its default"}, now {field.Value.ToPlainText()}";
            }
        }
        return null;
    }

    private static SpecValue? Read(ValueType type, string text)
    {
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            ValueType.Text or ValueType.Any => new SpecValue.Text(text),
            ValueType.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var n) ? new SpecValue.Integer(n) : null,
            ValueType.Number => double.TryParse(text, NumberStyles.Float, invariant, out var r) && double.IsFinite(r)
                ? new SpecValue.Real(r) : null,
            ValueType.Flag => text switch { "true" => new SpecValue.Flag(true), "false" => new SpecValue.Flag(false), _ => null },
            ValueType.Date => DateOnly.TryParseExact(text, "yyyy-MM-dd", invariant, DateTimeStyles.None, out _)
                ? new SpecValue.Text(text) : null,
            ValueType.Timestamp => DateTimeOffset.TryParse(text, invariant, DateTimeStyles.AssumeUniversal, out _)
                ? new SpecValue.Text(text) : null,
            ValueType.List => new SpecValue.List([.. text.Split(',').Select(t => (SpecValue)new SpecValue.Text(t.Trim()))]),
            _ => null,
        };
    }
}
