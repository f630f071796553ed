using System.Collections.Immutable;
using Orleans;

namespace OrleansEtl;

/// <summary>What a start does while another run goes on: of the same run key, or without one any of the same pipeline.</summary>
[GenerateSerializer, Alias(WireNames.OnConflict)]
public enum OnConflict
{
    /// <summary>Starts beside it.</summary>
    Allow,
    /// <summary>Is refused.</summary>
    Reject,
    /// <summary>Answers with that run and starts none.</summary>
    UseExisting,
    /// <summary>Cancels all such runs, waits until they have ended, and starts.</summary>
    CancelOther,
}

/// <summary>What a start does when the last run of its run key has ended.</summary>
[GenerateSerializer, Alias(WireNames.OnEnded)]
public enum OnEnded
{
    /// <summary>Starts.</summary>
    Allow,
    /// <summary>Starts unless that run succeeded.</summary>
    OnlyIfFailed,
    /// <summary>Is refused.</summary>
    Reject,
}

/// <summary>Which other runs a start minds.</summary>
/// <param name="RunKey">What the run is about, within its pipeline: a day, an order. Null: nothing in particular.</param>
[GenerateSerializer, Immutable, Alias(WireNames.StartRules)]
public sealed record StartRules(string? RunKey, OnConflict OnConflict = OnConflict.Allow, OnEnded OnEnded = OnEnded.Allow)
{
    public const int RunKeyLengthMax = 200;

    /// <summary>Whether it minds none.</summary>
    public bool AllowAll => OnConflict == OnConflict.Allow && OnEnded == OnEnded.Allow;
}

/// <summary>The words of those rules in YAML, JSON and on the command line.</summary>
public static class StartWords
{
    public static readonly ImmutableArray<string> OnConflicts = ["allow", "reject", "use_existing", "cancel_other"];
    public static readonly ImmutableArray<string> OnEndeds = ["allow", "only_if_failed", "reject"];

    public static string Word(this OnConflict rule) => OnConflicts[(int)rule];

    /// <summary>Null: no such word.</summary>
    public static OnConflict? OnConflict(string? word) => OnConflicts.IndexOf(word!) is >= 0 and var index ? (OnConflict)index : null;

    /// <inheritdoc cref="OnConflict"/>
    public static OnEnded? OnEnded(string? word) => OnEndeds.IndexOf(word!) is >= 0 and var index ? (OnEnded)index : null;
}

/// <summary>What came of a start that minds other runs.</summary>
[GenerateSerializer, Immutable, Alias(WireNames.StartAnswer)]
public abstract record StartAnswer
{
    private StartAnswer() { }

    /// <param name="IsExisting">Whether it went on before and nothing was started.</param>
    [GenerateSerializer, Immutable, Alias(WireNames.StartAnswerRun)]
    public sealed record Run(RunId Id, bool IsExisting) : StartAnswer;

    [GenerateSerializer, Immutable, Alias(WireNames.StartAnswerRefused)]
    public sealed record Refused(ImmutableArray<Fault> Faults) : StartAnswer;
}
