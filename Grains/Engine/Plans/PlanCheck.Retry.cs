using System.Text.RegularExpressions;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Retry;

namespace OrleansEtl.Engine.Plans;

/// <summary>The check of how things are tried again.</summary>
public sealed partial class PlanCheck
{
    [GeneratedRegex("^ETL[0-9]{4}$", RegexOptions.CultureInvariant)]
    private static partial Regex FaultCode();

    /// <param name="step">-1: of the whole pipeline.</param>
    private void CheckRetry(int step, RetrySpec? retry, string path)
    {
        if (retry is null) return;
        Bounds(step, retry, path);
        if (retry.On is not { } on) return;
        path = SpecPath.Field(path, "on");
        if (on.Rules.Length > RetryPolicy.RulesMax)
            Wrong(step, PlanCodes.BoundMet, $"There are {on.Rules.Length} rules; at most {RetryPolicy.RulesMax} are allowed.", path);
        foreach (var rule in on.Rules.Take(RetryPolicy.RulesMax)) CheckRule(step, retry, rule, SpecPath.Field(path, rule.For));
    }

    private void CheckRule(int step, RetrySpec retry, RetryRule rule, string path)
    {
        var words = RetryRule.Kinds;
        if (!words.Contains(rule.For) && !FaultCode().IsMatch(rule.For))
            Wrong(step, PlanCodes.WrongName, $"{Describe.Quote(rule.For)} names no fault.", path,
                (Spelling.Nearest(rule.For, words) is { } nearest ? $"Did you mean `{nearest}`? " : "")
                + $"A rule is for one of {string.Join(", ", words)}, or for a code such as ETL4301.");
        else Bounds(step, RetryPolicy.With(retry, rule), path);
    }

    private void Bounds(int step, RetrySpec retry, string path)
    {
        Within(retry.Max is >= 0 and <= RetrySpec.RetriesMax, "max", $"from 0 to {RetrySpec.RetriesMax}");
        Within(retry.Initial >= TimeSpan.Zero && retry.Initial <= TimeSpan.FromDays(1), "initial", "from 0s to 1d");
        Within(retry.Factor is >= 1 and <= 100, "factor", "from 1 to 100");
        Within(retry.MaxDelay >= retry.Initial && retry.MaxDelay <= TimeSpan.FromDays(1), "max_delay", "from `initial` to 1d");
        Within(retry.Jitter is >= 0 and <= 1, "jitter", "from 0 to 1");

        void Within(bool holds, string name, string range)
        {
            if (!holds) Wrong(step, PlanCodes.WrongQuantity, $"`{name}` of a retry must be {range}.", SpecPath.Field(path, name));
        }
    }
}
