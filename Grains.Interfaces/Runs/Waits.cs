using Orleans;

namespace OrleansEtl;

/// <summary>What a run or a step that does not go on waits for.</summary>
[GenerateSerializer, Alias(WireNames.WaitFor)]
public enum WaitFor
{
    /// <summary>Steps before it have not ended.</summary>
    Input,
    /// <summary>The time of its next attempt.</summary>
    Retry,
    /// <summary>A slot of the silo that is to run it: processor or memory.</summary>
    Slot,
    /// <summary>A silo that can run it: none has the role, or the one that it belongs to is not reached.</summary>
    Silo,
    /// <summary>The store, which has not taken what happened.</summary>
    Store,
    /// <summary>A process that drives it: the one that did is gone.</summary>
    Driver,
    /// <summary>That somebody resumes the run, which is paused.</summary>
    Resume,
    /// <summary>A signal.</summary>
    Signal,
    /// <summary>Somebody who approves or rejects.</summary>
    Approval,
    /// <summary>A time.</summary>
    Time,
    /// <summary>A named limit.</summary>
    Limit,
    /// <summary>The end of a run that it started.</summary>
    Run,
    /// <summary>That somebody redrives the run, which is quarantined.</summary>
    Redrive,
}

/// <param name="Text">For people, in a few words.</param>
/// <param name="Since">Null: not known.</param>
/// <param name="Until">When it ends by itself; null: not known.</param>
/// <param name="Limit">The name of the limit that it waits for.</param>
/// <param name="Before">How many are let in before it; null: not known, or there is no line.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Wait)]
public sealed record Wait(
    WaitFor For, string Text, DateTimeOffset? Since = null, DateTimeOffset? Until = null, string? Limit = null, int? Before = null)
{
    /// <summary>The word in JSON: <c>slot</c>, <c>retry</c> ….</summary>
    public string Word => For.ToString().ToLowerInvariant();
}

/// <summary>Where an attempt stands in the line for slots.</summary>
/// <param name="Before">Attempts that are let in before it, as it looks now.</param>
/// <param name="IsCpuShort">Whether there are too few processor slots for it, or for the one that is first in line.</param>
/// <param name="IsMemoryShort">As <paramref name="IsCpuShort"/>.</param>
[GenerateSerializer, Immutable, Alias(WireNames.SlotWait)]
public sealed record SlotWait(DateTimeOffset Since, int Before, bool IsCpuShort, bool IsMemoryShort)
{
    public Wait Wait() => new(WaitFor.Slot, $"waits for {Short}, {Place}", Since, Before: Before);

    private string Short => (IsCpuShort, IsMemoryShort) switch
    {
        (true, true) => "a processor slot and memory",
        (false, true) => "memory",
        (true, false) => "a processor slot",
        (false, false) => "a slot",
    };

    private string Place => Before == 0 ? "next in line" : $"{Before} before it";
}
