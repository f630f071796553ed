using Orleans;

namespace OrleansEtl;

/// <summary>What the one who meets a fault can do about it.</summary>
[GenerateSerializer, Alias(WireNames.FaultKind)]
public enum FaultKind
{
    /// <summary>The input is wrong: mend it. Never tried again.</summary>
    Invalid,
    NotFound,
    /// <summary>Not allowed by a rule or a setting.</summary>
    Denied,
    /// <summary>Somebody else was first: read again.</summary>
    Conflict,
    /// <summary>The caller is no longer the owner: stop.</summary>
    Fenced,
    /// <summary>May heal by itself: tried again.</summary>
    Unavailable,
    /// <summary>A bound was met (memory, disk, time): tried again, within the step's retries.</summary>
    Exhausted,
    /// <summary>Stopped on request.</summary>
    Cancelled,
    /// <summary>Our mistake: report it.</summary>
    Bug,
}

public static class FaultKinds
{
    /// <summary>The word in JSON and YAML: <c>unavailable</c>, <c>not_found</c> ….</summary>
    public static string Word(this FaultKind kind) => kind == FaultKind.NotFound ? "not_found" : kind.ToString().ToLowerInvariant();
}

/// <summary>A fault as people and programs get it.</summary>
/// <param name="Code"><c>ETL</c> and four digits; <c>etl explain CODE</c> shows its page.</param>
/// <param name="Message">Place, found, expected, in one or two sentences.</param>
/// <param name="Path">Where in the spec, for example <c>steps[2].with.columns[0]</c>; null when not about the spec.</param>
/// <param name="Hint">The next step: the nearest valid name, the command to try.</param>
/// <param name="Correlation">Names the call of a cluster's client that met the fault; the silos' logs have it too.</param>
[GenerateSerializer, Immutable, Alias(WireNames.Fault)]
public sealed record Fault(
    FaultKind Kind,
    string Code,
    string Message,
    string? Path = null,
    string? Hint = null,
    string? Correlation = null)
{
    /// <summary>Whether trying again can help.</summary>
    public bool IsTransient => Kind is FaultKind.Unavailable or FaultKind.Exhausted;
    public override string ToString() => Hint is null ? $"{Code} {Message}" : $"{Code} {Message} {Hint}";
}

/// <summary>A fault on its way up through code that cannot return it.</summary>
[GenerateSerializer, Alias(WireNames.FaultException)]
public sealed class FaultException(Fault fault) : Exception(fault.ToString())
{
    [Id(0)] public Fault Fault { get; } = fault;
}
