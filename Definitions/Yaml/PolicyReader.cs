using System.Collections.Immutable;
using OrleansEtl.Engine.Retry;

namespace OrleansEtl.Definitions;

/// <summary>How a step is tried: <c>retry</c> (a number, or a mapping), <c>timeout</c>, and flags.</summary>
internal sealed class PolicyReader(Findings findings, SourceMap map)
{
    private static readonly ImmutableArray<string> RetryKeys = ["max", "initial", "factor", "max_delay", "jitter", "on"];

    private static readonly ImmutableArray<string> RuleKeys = RetryKeys.Remove("on");
    private static readonly string Forms = "a number of retries or a mapping with " + string.Join(", ", RetryKeys);

    public RetrySpec? Retry(Keys keys, string path)
    {
        if (keys["retry"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        switch (entry.Value)
        {
            case Node.Scalar scalar when Whole(scalar) is { } max: return RetrySpec.Default with { Max = max };
            case Node.Mapping mapping:
                path = SpecPath.Field(path, "retry");
                var inner = new Keys(mapping, RetryKeys, path, "a retry", map, findings, Missed);
                var read = Rule("", inner);
                return RetryPolicy.With(RetrySpec.Default, read) with { On = Rules(inner, path) };
            default:
                keys.Wrong("retry", entry.Value, Forms, null);
                return null;
        }
    }

    private RetryRules? Rules(Keys keys, string path)
    {
        if (keys["on"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is not Node.Mapping mapping)
        {
            keys.Wrong("on", entry.Value, "a mapping from faults to their retries",
                "For example: on: { unavailable: { max: 10 }, ETL4301: 0 }");
            return null;
        }
        var names = mapping.Entries.Select(one => one.Key.Text).Distinct().ToImmutableArray();
        var rules = new Keys(mapping, names, SpecPath.Field(path, "on"), "a retry's `on`", map, findings, _ => null);
        var read = names.Select(name => Rule(rules, name, SpecPath.Field(SpecPath.Field(path, "on"), name))).OfType<RetryRule>();
        return read.ToImmutableArray() is { IsEmpty: false } some ? new RetryRules(some) : null;
    }

    private RetryRule? Rule(Keys rules, string name, string path)
    {
        switch (rules[name]!.Value)
        {
            case Node.Scalar scalar when Whole(scalar) is { } max: return new RetryRule(name, max);
            case Node.Mapping mapping: return Rule(name, new Keys(mapping, RuleKeys, path, "a rule of a retry", map, findings, Missed));
            case var other:
                rules.Wrong(name, other, "a number of retries or a mapping with " + string.Join(", ", RuleKeys), null);
                return null;
        }
    }

    private static RetryRule Rule(string name, Keys keys) => new(
        name,
        Number(keys, "max") is { } tries ? (int)Math.Clamp(tries, int.MinValue, int.MaxValue) : null,
        keys.Duration("initial"), Number(keys, "factor"), keys.Duration("max_delay"), Number(keys, "jitter"));

    private static int? Whole(Node.Scalar scalar) =>
        CoreSchema.Read(scalar) is SpecValue.Integer { Value: >= int.MinValue and <= int.MaxValue and var whole } ? (int)whole : null;

    /// <summary>A duration; <c>off</c> is none.</summary>
    public static TimeSpan? Reuse(Keys keys)
    {
        if (keys["reuse"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar { Text: "off" or "false" }) return TimeSpan.Zero;
        return keys.Duration("reuse", orElse: ", or off");
    }

    public static OnConflict? OnConflict(Keys keys)
    {
        if (keys["on_conflict"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && StartWords.OnConflict(scalar.Text) is { } rule) return rule;
        keys.Wrong("on_conflict", entry.Value, $"one of {string.Join(", ", StartWords.OnConflicts)}", null);
        return null;
    }

    private static double? Number(Keys keys, string name)
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        var isWhole = name == "max";
        switch (entry.Value is Node.Scalar scalar ? CoreSchema.Read(scalar) : null)
        {
            case SpecValue.Integer i: return i.Value;
            case SpecValue.Real r when !isWhole: return r.Value;
            default:
                keys.Wrong(name, entry.Value, isWhole ? "a whole number" : "a number", null);
                return null;
        }
    }

    private static string? Missed(string name) => name switch
    {
        "attempts" or "retries" or "count" => "max",
        "delay" or "backoff" => "initial",
        _ => null,
    };
}
