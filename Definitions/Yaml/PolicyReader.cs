using System.Collections.Immutable;

namespace OrleansEtl.Definitions;

/// <summary>How a step is tried: <c>retry</c> (a number, or a mapping), <c>timeout</c>, and flags.</summary>
internal sealed class PolicyReader(Findings findings, SourceMap map)
{
    private static readonly ImmutableArray<string> RetryKeys = ["max", "initial", "factor", "max_delay", "jitter"];

    public RetrySpec? Retry(Keys keys, string path)
    {
        if (keys["retry"] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar)
        {
            if (CoreSchema.Read(scalar) is SpecValue.Integer { Value: >= int.MinValue and <= int.MaxValue } max)
                return RetrySpec.Default with { Max = (int)max.Value };
            keys.Wrong("retry", scalar, "a number of retries or a mapping with " + string.Join(", ", RetryKeys), null);
            return null;
        }
        if (entry.Value is not Node.Mapping mapping)
        {
            keys.Wrong("retry", entry.Value, "a number of retries or a mapping with " + string.Join(", ", RetryKeys), null);
            return null;
        }
        var inner = new Keys(mapping, RetryKeys, SpecPath.Field(path, "retry"), "a retry", map, findings, Missed);
        var usual = RetrySpec.Default;
        var initial = Duration(inner, "initial") ?? usual.Initial;
        return new RetrySpec(
            Number(inner, "max") is { } tries ? (int)Math.Clamp(tries, int.MinValue, int.MaxValue) : usual.Max,
            initial,
            Number(inner, "factor") ?? usual.Factor,
            Duration(inner, "max_delay") ?? (initial > usual.MaxDelay ? initial : usual.MaxDelay),
            Number(inner, "jitter") ?? usual.Jitter);
    }

    public TimeSpan? Timeout(Keys keys) => Duration(keys, "timeout");

    public bool Flag(Keys keys, string name)
    {
        if (keys[name] is not { } entry) return false;
        if (entry.Value is Node.Scalar scalar && CoreSchema.Read(scalar) is SpecValue.Flag flag) return flag.Value;
        keys.Wrong(name, entry.Value, "true or false", null);
        return false;
    }

    private static TimeSpan? Duration(Keys keys, string name)
    {
        if (keys[name] is not { } entry || SpecReader.IsNothing(entry.Value)) return null;
        if (entry.Value is Node.Scalar scalar && Durations.TryParse(scalar.Text, out var duration)) return duration;
        var isNumber = entry.Value is Node.Scalar { IsPlain: true } s && CoreSchema.Read(s) is SpecValue.Integer;
        keys.Wrong(name, entry.Value, "a duration such as 250ms, 30s, 5m, 2h or 1d",
            isNumber ? $"Add a unit: {((Node.Scalar)entry.Value).Text}s." : null);
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
