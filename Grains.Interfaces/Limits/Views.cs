using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>Where an attempt stands in the line for a named limit.</summary>
/// <param name="Before">Those that are let in before it, as it looks now.</param>
/// <param name="Until">When time alone lets the first in line in; null: it does not.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitWait)]
public sealed record LimitWait(string Name, DateTimeOffset Since, int Before, LimitCause Cause, DateTimeOffset? Until = null)
{
    public Wait Wait() => new(WaitFor.Limit, Text, Since, Until, Name, Cause is LimitCause.NotSet or LimitCause.Unknown ? null : Before);

    private string Text => Cause switch
    {
        LimitCause.NotSet => $"waits for limit {Name}, which is not set: etl limits set {Name}",
        LimitCause.Paused => $"waits for limit {Name}, which is paused, {Place}",
        LimitCause.TooLarge => $"waits for limit {Name}, of which there will never be enough for it: etl limits set {Name}",
        LimitCause.Unknown => $"waits for limit {Name}",
        LimitCause.Rate => $"waits for the rate of limit {Name}, {Place}",
        _ => $"waits for limit {Name}, {Place}",
    };

    private string Place => Before == 0 ? "next in line" : $"{Before} before it";
}

/// <summary>Why a limit does not let somebody in.</summary>
[GenerateSerializer, Alias(WireNames.LimitCause)]
public enum LimitCause
{
    /// <summary>Others hold it.</summary>
    Held,
    /// <summary>Enough have begun in the time that its rate counts.</summary>
    Rate,
    /// <summary>It is paused.</summary>
    Paused,
    /// <summary>There is no such limit.</summary>
    NotSet,
    /// <summary>More is asked than there is of it at all.</summary>
    TooLarge,
    /// <summary>It has not answered yet.</summary>
    Unknown,
}

/// <summary>A limit as people see it.</summary>
/// <param name="Spec">Null: it is not set, and yet somebody waits for it.</param>
/// <param name="Held">The weights of all holders.</param>
/// <param name="Holders">The first <see cref="ShownMax"/>, oldest first.</param>
/// <param name="Line">The first <see cref="ShownMax"/> in the order in which they are let in, as it looks now. In a home: those of the
/// process that is asked.</param>
/// <param name="Acts">What people did to it, newest first.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitView)]
public sealed record LimitView(
    string Name,
    LimitSpec? Spec,
    LimitPause? Paused,
    long Held,
    int HoldersTotal,
    ImmutableArray<LimitHolder> Holders,
    int LineTotal,
    ImmutableArray<LimitHolder> Line,
    ImmutableArray<LimitAct> Acts)
{
    public const int ShownMax = 200;
}

/// <summary>Since when nobody is let in, and why.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.LimitPause)]
public sealed record LimitPause(DateTimeOffset Since, string Reason, string? By);

/// <param name="Since">When it was let in; or when it began to wait.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitHolder)]
public sealed record LimitHolder(
    LimitTicket Ticket, string For, string Namespace, int Weight, int Priority, DateTimeOffset Since);

/// <param name="What">In a few words: <c>set to concurrency 5</c>, <c>released run_…: its machine burnt</c>.</param>
[GenerateSerializer, Immutable, Alias(WireNames.LimitAct)]
public sealed record LimitAct(DateTimeOffset At, string What, string? By);

/// <summary>A limit as a line of a list.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.LimitSummary)]
public sealed record LimitSummary(string Name, LimitSpec Spec, bool IsPaused, long Held, int Holders);
