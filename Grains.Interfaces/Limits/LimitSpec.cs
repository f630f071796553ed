using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What a step, or a whole run, takes of a named limit before it begins.</summary>
/// <param name="Weight">How much of it: of its concurrency while it goes on, of its rate once.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitUse)]
public sealed record LimitUse(string Name, int Weight = 1)
{
    /// <summary>As it is written in a spec: <c>limits: [db]</c>, or <c>limits: { db: 2 }</c>; without any, nothing.</summary>
    public static IEnumerable<Field> ToFields(ImmutableArray<LimitUse>? limits)
    {
        if (limits is not { IsEmpty: false } uses) return [];
        return [new Field("limits", uses.All(use => use.Weight == 1)
            ? new SpecValue.List([.. uses.Select(use => (SpecValue)new SpecValue.Text(use.Name))])
            : new SpecValue.Map([.. uses.Select(use => new Field(use.Name, new SpecValue.Integer(use.Weight)))]))];
    }
}

/// <summary>A named limit as people set it: how much goes on at once, how much begins in a time, or both.</summary>
/// <param name="Concurrency">The weights of all that hold it add up to at most this; null: no bound.</param>
/// <param name="Of">Whether steps take it or whole runs. It is never both, so that no run can wait for a step of a run that waits for
/// it.</param>
/// <param name="Shares">Of namespaces that get more than others where several wait; every other has 1.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitSpec)]
public sealed record LimitSpec(
    int? Concurrency, LimitRate? Rate, LimitOf Of, ImmutableArray<LimitShare> Shares, string? Description = null);

/// <summary>At most <paramref name="Count"/> in each <paramref name="Per"/>, and <paramref name="Burst"/> at once after a rest.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.LimitRate)]
public sealed record LimitRate(int Count, TimeSpan Per, int Burst)
{
    public override string ToString() => $"{Count}/{Durations.ToText(Per)}{(Burst == Count ? "" : $" burst {Burst}")}";
}

/// <param name="Namespace">The name of a pipeline up to its first dot.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitShare)]
public sealed record LimitShare(string Namespace, int Share);

/// <summary>Who takes a limit.</summary>
[GenerateSerializer, Alias(WireNames.LimitOf)]
public enum LimitOf { Steps, Runs }

/// <summary>Who asks for a limit and holds it: one attempt of a stage, or a whole run.</summary>
/// <param name="Stage">Null: the whole run, which has no attempts.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitTicket)]
public readonly record struct LimitTicket(RunId Run, int? Stage, Attempt Attempt)
{
    public static LimitTicket Of(RunId run) => new(run, null, Attempt.None);

    /// <summary><c>run_…/3/2</c>: the second attempt of stage 3; <c>run_…</c>: the run.</summary>
    public override string ToString() => Stage is { } stage ? $"{Run}/{stage}/{Attempt}" : Run.Value;

    public static bool TryParse(string text, out LimitTicket ticket)
    {
        ticket = default;
        var parts = text.Split('/');
        if (parts.Length is not (1 or 3) || !RunId.TryParse(parts[0], out var run)) return false;
        ticket = Of(run);
        if (parts.Length == 1) return true;
        if (!Number(parts[1], out var stage) || !Number(parts[2], out var attempt)) return false;
        ticket = new LimitTicket(run, stage, new Attempt(attempt));
        return true;

        static bool Number(string digits, out int number) => int.TryParse(
            digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}
