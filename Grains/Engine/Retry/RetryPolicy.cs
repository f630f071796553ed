using System.Collections.Immutable;

namespace OrleansEtl.Engine.Retry;

/// <summary>Which retries a fault gets. Pure. Each rule counts its own, so that a source which is often away uses up nothing of what there is
/// for a lack of memory.</summary>
public static class RetryPolicy
{
    /// <summary>Rules of one policy; a step that knows more faults by name than this handles them in its own program.</summary>
    public const int RulesMax = 20;

    /// <summary>Under which name retries after this fault are counted: its code, else its kind, where a rule names it; null: the policy
    /// itself.</summary>
    public static string? Rule(RetrySpec spec, Fault fault) => (Find(spec, fault.Code) ?? Find(spec, fault.Kind.Word()))?.For;

    /// <summary>How long to wait before the next attempt; null: there is none.</summary>
    /// <param name="retried">All retries that there were.</param>
    /// <param name="under">Of those, the ones that rules have counted.</param>
    public static TimeSpan? Wait(
        RetrySpec spec, Fault fault, int retried, ImmutableSortedDictionary<string, int>? under, double chance)
    {
        var rule = Rule(spec, fault);
        if (rule is null && !fault.IsTransient) return null;
        var before = rule is null ? retried - (under?.Values.Sum() ?? 0) : under?.GetValueOrDefault(rule) ?? 0;
        var policy = rule is null ? spec : With(spec, Find(spec, rule)!);
        return before < policy.Max ? Backoff.Delay(policy, before + 1, chance) : null;
    }

    /// <summary>The policy where the rule holds.</summary>
    public static RetrySpec With(RetrySpec spec, RetryRule rule)
    {
        var initial = rule.Initial ?? spec.Initial;
        return new RetrySpec(
            rule.Max ?? spec.Max, initial, rule.Factor ?? spec.Factor,
            rule.MaxDelay ?? (initial > spec.MaxDelay ? initial : spec.MaxDelay), rule.Jitter ?? spec.Jitter);
    }

    private static RetryRule? Find(RetrySpec spec, string name)
    {
        if (spec.On is not { } on) return null;
        foreach (var rule in on.Rules)
            if (rule.For == name) return rule;
        return null;
    }
}
