using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Definitions;

/// <summary><c>params</c> of a pipeline or of a template.</summary>
internal sealed class ParamsReader(Unfolding values, Findings findings, SourceMap map)
{
    /// <param name="checksDefaults">Whether no plan is made that would hold names and defaults against their types.</param>
    public ImmutableArray<ParamSpec> Read(Node.Entry? entry, bool checksDefaults = false)
    {
        if (entry is null || SpecReader.IsNothing(entry.Value)) return [];
        if (entry.Value is not Node.Mapping mapping)
        {
            findings.Error(YamlCodes.WrongShape, $"`params` must be a mapping from names to values, found {entry.Value.Shape}.",
                entry.Value.Range, "params", "For example: params: { day: 2026-01-31 }");
            return [];
        }
        var reader = new ParamReader(values, findings, map);
        var seen = new HashSet<string>();
        var specs = ImmutableArray.CreateBuilder<ParamSpec>();
        foreach (var param in mapping.Entries)
        {
            var path = SpecPath.Field("params", param.Key.Text);
            if (!seen.Add(param.Key.Text))
            {
                findings.Error(YamlCodes.DuplicateKey, $"The parameter `{param.Key.Text}` stands here a second time.",
                    param.Key.Range, path,
                    "Keep one of them.");
                continue;
            }
            map.AddKey(path, param.Key.Range);
            var spec = reader.Read(param.Key.Text, param.Value, path);
            if (checksDefaults) Check(spec, param.Key.Range, path);
            specs.Add(spec);
        }
        return specs.ToImmutable();
    }

    private void Check(ParamSpec param, SourceRange key, string path)
    {
        var at = map.Place(SpecPath.Field(path, "default"), preferKey: false);
        if (!PlanCheck.IsParamName(param.Name))
            findings.Error(PlanCodes.WrongName, $"{Describe.Quote(param.Name)} cannot name a parameter.", key, path,
                "A name starts with a letter and has at most 63 letters, digits and `_`.");
        else if (param.Default is not (null or SpecValue.Null) && Values.Conform(param.Type, param.Default) is { Succeeded: false, Fault: var fault })
            findings.Error(PlanCodes.WrongDefault, $"The default of `{param.Name}`: {fault.Message}", at, path);
        else if (param.Default is not null && Template.IsIn(param.Default))
            findings.Error(PlanCodes.WrongDefault, $"The default of `{param.Name}` cannot be a template.", at, path);
    }
}
