using System.Collections.Immutable;
using OrleansEtl.Cli.Output;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Cli;

/// <summary>The values of <c>-p name=value</c> in the types that the pipeline declares.</summary>
internal static class ParamValues
{
    /// <summary>The values, or null after the mistakes were printed: they are the command line's, so the exit code is that of usage.</summary>
    public static ImmutableArray<Field>? Read(PipelineSpec spec, IReadOnlyList<string> given, Terminal terminal)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var text in given)
        {
            if (text.IndexOf('=') is > 0 and var at)
            {
                pairs.Add(new(text[..at], text[(at + 1)..]));
                continue;
            }
            terminal.Talk.WriteLine($"-p takes NAME=VALUE; found '{text}'");
            return null;
        }
        switch (RunParams.FromText(spec, pairs))
        {
            case ParamsResult.Complete complete: return complete.Params;
            case ParamsResult.Faulty faulty:
                foreach (var fault in faulty.Faults) FaultText.Print(terminal, fault);
                return null;
            default: throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Only those that were given, for a run that has the others already.</summary>
    public static ImmutableArray<Field>? ReadGiven(PipelineSpec spec, IReadOnlyList<string> given, Terminal terminal)
    {
        var names = given.Select(g => g.Split('=')[0]).ToHashSet();
        var withDefaults = spec with { Params = [.. spec.Params.Select(p => p with { Default = p.Default ?? new SpecValue.Null() })] };
        return Read(withDefaults, given, terminal) is { } all ? [.. all.Where(f => names.Contains(f.Name))] : null;
    }

    /// <summary>The first of the values that is not the stored one, in words; null when none differs.</summary>
    public static string? Differ(ImmutableArray<Field> stored, ImmutableArray<Field> given)
    {
        foreach (var field in given)
        {
            var before = stored.FirstOrDefault(f => f.Name == field.Name)?.Value;
            if (before?.ToJson() != field.Value.ToJson())
            {
                return $"{field.Name} was {before?.ToPlainText() ?? "not set"}, now {field.Value.ToPlainText()}";
            }
        }
        return null;
    }
}
