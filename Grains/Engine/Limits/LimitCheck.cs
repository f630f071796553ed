using System.Collections.Immutable;
using OrleansEtl.Engine.Plans;

namespace OrleansEtl.Engine.Limits;

/// <summary>What is wrong with a limit as it is set, and with the limits that a pipeline asks for.</summary>
public static class LimitCheck
{
    /// <summary>As of pipelines: a letter, then at most 62 letters, digits, <c>_</c>, <c>-</c> and <c>.</c>.</summary>
    public static bool IsName(string? text) => text is { Length: > 0 and <= 63 } && char.IsAsciiLetter(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    public static Fault NoName(string name) => Wrong($"'{Excerpt.Of(name, 70)}' cannot name a limit.",
        "A name starts with a letter and has at most 63 letters, digits, `_`, `-` and `.`.");

    /// <summary>Null: it may be set.</summary>
    public static Fault? Fault(string name, LimitSpec spec)
    {
        if (!IsName(name)) return NoName(name);
        if (spec is { Concurrency: null, Rate: null })
            return Wrong($"Limit {name} limits nothing.", "Give it a concurrency, a rate, or both: --concurrency 5 --rate 100/1m");
        if (spec.Concurrency is < 1 or > LimitBounds.HoldersMax)
            return Wrong($"The concurrency is {spec.Concurrency}; expected 1 to {LimitBounds.HoldersMax}.",
                $"To let nobody in, pause it: etl limits pause {name}");
        if (spec.Rate is { } rate && Rate(rate) is { } wrong) return wrong;
        if (spec.Shares.Length > LimitBounds.SharesMax)
            return Wrong($"{spec.Shares.Length} namespaces have a share; at most {LimitBounds.SharesMax} may.");
        if (spec.Shares.FirstOrDefault(share => share.Share is < 1 or > LimitBounds.ShareMax) is { } share)
            return Wrong($"The share of {share.Namespace} is {share.Share}; expected 1 to {LimitBounds.ShareMax}.");
        if (spec.Shares.FirstOrDefault(one => !IsName(one.Namespace) || one.Namespace.Contains('.')) is { } nameless)
            return Wrong($"'{Excerpt.Of(nameless.Namespace, 70)}' is no namespace.", "A namespace is the name of a pipeline up to its first dot.");
        if (spec.Shares.GroupBy(one => one.Namespace).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return Wrong($"The share of {twice.Key} is given {twice.Count()} times.", "Give it once.");
        return spec.Description?.Length > LimitBounds.SaidMax
            ? Wrong($"The description has {spec.Description.Length} characters; at most {LimitBounds.SaidMax} are allowed.")
            : null;
    }

    public static bool AreSame(LimitSpec one, LimitSpec other) =>
        one with { Shares = [] } == other with { Shares = [] }
        && one.Shares.OrderBy(share => share.Namespace, StringComparer.Ordinal)
            .SequenceEqual(other.Shares.OrderBy(share => share.Namespace, StringComparer.Ordinal));

    /// <summary>The names of all limits that a pipeline asks for.</summary>
    public static ImmutableArray<string> NamesIn(PipelineSpec spec) =>
        [.. spec.Takes().Concat(spec.Steps.SelectMany(step => step.Takes())).Select(use => use.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Why a pipeline would never come through the limits as they are set.</summary>
    /// <param name="find">The limit of that name as it is set; null: it is not.</param>
    public static ImmutableArray<Fault> Faults(PipelineSpec spec, Func<string, LimitSpec?> find)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        Look(spec.Takes(), LimitOf.Runs, "limits");
        for (var i = 0; i < spec.Steps.Length; i++) Look(spec.Steps[i].Takes(), LimitOf.Steps, SpecPath.Field(SpecPath.Step(i), "limits"));
        return faults.DrainToImmutable();

        void Look(ImmutableArray<LimitUse> uses, LimitOf of, string path)
        {
            foreach (var use in uses)
                if (Fault(use, of, find(use.Name)) is { } fault) faults.Add(fault with { Path = SpecPath.Field(path, use.Name) });
        }
    }

    private static Fault? Fault(LimitUse use, LimitOf of, LimitSpec? set)
    {
        if (set is null)
            return new Fault(FaultKind.NotFound, LimitCodes.NoLimit, $"There is no limit {use.Name}.", null,
                $"Set it first: etl limits set {use.Name} --concurrency 5{(of == LimitOf.Runs ? " --of runs" : "")}");
        if (set.Of != of)
            return new Fault(FaultKind.Invalid, LimitCodes.OtherScope, $"Limit {use.Name} is one of {set.Of.ToString().ToLowerInvariant()}.", null,
                set.Of == LimitOf.Runs ? "Name it in `limits` of the pipeline, not of a step." : "Name it in `limits` of a step, not of the pipeline.");
        var most = Math.Min(set.Concurrency ?? int.MaxValue, set.Rate?.Burst ?? int.MaxValue);
        return use.Weight <= most ? null : new Fault(
            FaultKind.Invalid, LimitCodes.NeverEnough, $"{use.Weight} of limit {use.Name} are asked for, of which there are {most} at most.", null,
            $"Ask for less, or raise it: etl limits set {use.Name}");
    }

    private static Fault? Rate(LimitRate rate)
    {
        if (rate.Count is < 1 or > LimitBounds.RateMax || rate.Per < LimitBounds.PerMin || rate.Per > LimitBounds.PerMax)
            return Wrong($"The rate is {rate}; expected 1 to {LimitBounds.RateMax} in {Durations.ToText(LimitBounds.PerMin)} "
                + $"to {Durations.ToText(LimitBounds.PerMax)}.", "For example: --rate 100/1m");
        return rate.Burst is >= 1 and <= LimitBounds.RateMax ? null
            : Wrong($"The burst is {rate.Burst}; expected 1 to {LimitBounds.RateMax}.");
    }

    private static Fault Wrong(string message, string? hint = null) => new(FaultKind.Invalid, LimitCodes.WrongSpec, message, null, hint);
}
