using System.Collections.Immutable;
using OrleansEtl.Engine.Runs;
using OrleansEtl.Storage;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>Everything that is known when a battle is over, as plain values: what was asked for, what clients saw, what is stored, what was
/// done to the world outside, and how the processes lived.</summary>
internal sealed record Evidence(
    ImmutableArray<Asked> Asked,
    ImmutableArray<Sighting> Sightings,
    ImmutableArray<Chronicle> Chronicles,
    ImmutableArray<DatasetRow> Datasets,
    ImmutableArray<Effect> Effects,
    ImmutableArray<Call> Calls,
    ImmutableArray<Life> Lives);

/// <summary>A run that a client wanted.</summary>
/// <param name="Key">The idempotency key, which the run also carries as its parameter <c>key</c>.</param>
/// <param name="Runs">The run of every start that was answered; all answers should name the same one.</param>
/// <param name="Expected">How the run ends when nothing disturbs it.</param>
internal sealed record Asked(string Key, ImmutableArray<RunId> Runs, Ending Expected);

/// <summary>What a client was shown of a run, in the order in which it was shown.</summary>
internal sealed record Sighting(RunId Run, RunStatus Status, long Version, string? FaultCode);

/// <summary>How a run ended: what of it must be the same however often it was disturbed.</summary>
/// <param name="Effects">The rows that each step put into the outside world.</param>
internal sealed record Ending(
    RunStatus Status, string? FaultCode, ImmutableArray<StepEnding> Steps, ImmutableArray<string> Datasets, ImmutableArray<Effects> Effects)
{
    public override string ToString() =>
        $"{Status.Word()}{(FaultCode is null ? "" : " " + FaultCode)} [{string.Join("; ", Steps)}] datasets [{string.Join(", ", Datasets)}]";

    public bool Equals(Ending? other) => other is not null && ToString() == other.ToString();
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <remarks>Where its steps are when a run is given up is a matter of moments, so that is no part of its end.</remarks>
    public static Ending Of(Chronicle chronicle, ImmutableArray<Effects> effects) => new(
        chronicle.Row.Status, chronicle.Row.FaultCode,
        chronicle.Row.Status == RunStatus.Cancelled ? [] : [.. chronicle.Steps.OrderBy(s => s.Position).Select(s => new StepEnding(
            s.Id, s.Status, s.RowsIn, s.RowsOut, s.RowsRejected, s.FaultCode))],
        [.. chronicle.Datasets.Select(d => $"{d.Name}({d.Step}): {d.Rows}").Order(StringComparer.Ordinal)],
        effects);
}

internal sealed record StepEnding(StepId Id, StepStatus Status, long? RowsIn, long? RowsOut, long? RowsRejected, string? FaultCode)
{
    public override string ToString() => $"{Id} {Status.Word()} {RowsIn}/{RowsOut}/{RowsRejected} {FaultCode}";
}

/// <param name="Items">Each with its number from 0.</param>
internal sealed record Effects(string Step, int Items);

/// <summary>A run as it is stored.</summary>
/// <param name="Version">Of the journal: the number of its events.</param>
internal sealed record Chronicle(
    RunRow Row, ImmutableArray<StepRow> Steps, long Version, ImmutableArray<RunEvent> Events, ImmutableArray<DatasetRow> Datasets);

/// <summary>A row of an effect table.</summary>
/// <param name="Times">How often it was written.</param>
internal sealed record Effect(string Key, string Step, long Item, int Times);

/// <summary>A call of a client that has ended, in whatever way.</summary>
internal sealed record Call(string Verb, TimeSpan Took, TimeSpan Bound);

/// <summary>How a process lived.</summary>
/// <param name="Said">What it wrote to its outputs.</param>
/// <param name="Ended">How it ended, if it did.</param>
internal sealed record Life(string Name, ImmutableArray<string> Said, long PeakBytes, long PeakBytesMax, LifeEnd? Ended);

/// <param name="Took">Since it was asked to end, or could know that it must.</param>
/// <param name="WasKilled">By a test, without a chance to do anything.</param>
/// <param name="TookCalls">Whether it had started: one that could not, because the database was away, says so and goes.</param>
internal sealed record LifeEnd(bool WasKilled, bool TookCalls, int ExitCode, TimeSpan Took, TimeSpan Bound);
