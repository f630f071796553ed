using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>How often and how patiently a step is tried. Transient faults are tried again, and those that a rule names.</summary>
/// <param name="Max">Tries after the first; 0 to 100.</param>
/// <param name="Initial">The wait before the first retry; each next one is <paramref name="Factor"/> times as long.</param>
/// <param name="MaxDelay">No wait is longer.</param>
/// <param name="Jitter">The part of each wait that chance decides, 0 to 1.</param>
/// <param name="On">What holds for some faults instead; null: nothing.</param>
[GenerateSerializer, Immutable, Alias(WireNames.RetrySpec)]
public sealed record RetrySpec(
    int Max,
    TimeSpan Initial,
    double Factor,
    TimeSpan MaxDelay,
    double Jitter,
    RetryRules? On = null)
{
    /// <summary>Tries after the first, at most.</summary>
    public const int RetriesMax = 100;

    public static readonly RetrySpec Default = new(3, TimeSpan.FromMilliseconds(500), 2, TimeSpan.FromMinutes(1), 0.2);

    /// <summary>The same, but otherwise for the faults of one kind or code.</summary>
    /// <param name="fault">As <see cref="RetryRule.For"/>.</param>
    public RetrySpec For(
        string fault, int? max = null, TimeSpan? initial = null, double? factor = null, TimeSpan? maxDelay = null, double? jitter = null) =>
        this with { On = new RetryRules([.. On?.Rules ?? [], new RetryRule(fault, max, initial, factor, maxDelay, jitter)]) };

    public SpecValue.Map ToValue() => new SpecValue.Map([
        new("max", new SpecValue.Integer(Max)),
        new("initial", new SpecValue.Real(Initial.TotalSeconds)),
        new("factor", new SpecValue.Real(Factor)),
        new("max_delay", new SpecValue.Real(MaxDelay.TotalSeconds)),
        new("jitter", new SpecValue.Real(Jitter)),
        .. On is null ? [] : new Field[] { new("on", new SpecValue.Map([.. On.Rules.Select(rule => new Field(rule.For, rule.ToValue()))])) },
    ]);
}

/// <summary>Rules for some faults, of whole steps and not of items; equal when all their rules are.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.RetryRules)]
public sealed record RetryRules(ImmutableArray<RetryRule> Rules)
{
    public bool Equals(RetryRules? other) => other is not null && Rules.AsSpan().SequenceEqual(other.Rules.AsSpan());
    public override int GetHashCode() => Rules.Length;
}

/// <summary>Retries of the faults of one kind or code. What is null is as in the policy that the rule belongs to.</summary>
/// <param name="For">A kind of fault (<c>unavailable</c>) or a code (<c>ETL4301</c>).</param>
[GenerateSerializer, Immutable, Alias(WireNames.RetryRule)]
public sealed record RetryRule(
    string For,
    int? Max = null,
    TimeSpan? Initial = null,
    double? Factor = null,
    TimeSpan? MaxDelay = null,
    double? Jitter = null)
{
    /// <summary>Kinds of faults by which a rule may be named: what is fenced or cancelled ends no attempt.</summary>
    public static readonly ImmutableArray<string> Kinds =
        [.. Enum.GetValues<FaultKind>().Except([FaultKind.Fenced, FaultKind.Cancelled]).Select(kind => kind.Word())];

    public SpecValue.Map ToValue() => new SpecValue.Map([
        .. Max is { } max ? [new("max", new SpecValue.Integer(max))] : Array.Empty<Field>(),
        .. Initial is { } initial ? [new("initial", new SpecValue.Real(initial.TotalSeconds))] : Array.Empty<Field>(),
        .. Factor is { } factor ? [new("factor", new SpecValue.Real(factor))] : Array.Empty<Field>(),
        .. MaxDelay is { } delay ? [new("max_delay", new SpecValue.Real(delay.TotalSeconds))] : Array.Empty<Field>(),
        .. Jitter is { } jitter ? [new("jitter", new SpecValue.Real(jitter))] : Array.Empty<Field>(),
    ]);
}
