using System.Collections.Immutable;
using OrleansEtl.Client;

namespace OrleansEtl.Cli.Registry;

internal enum ApplyOutcome { Unchanged, Applied, Failed, NotTried }

/// <summary>What became of a planned change.</summary>
/// <param name="Version">The version that is active now; null: none, or not known.</param>
/// <param name="Faults">Of one that failed.</param>
internal sealed record AppliedChange(PlannedChange Planned, ApplyOutcome Outcome, int? Version, ImmutableArray<Fault> Faults)
{
    /// <summary><c>applied</c>, <c>not_tried</c> …</summary>
    public string Word => Outcome == ApplyOutcome.NotTried ? "not_tried" : Outcome.ToString().ToLowerInvariant();
}

/// <summary>Carries changes out, one after another, each over the version that it was planned over. The first that fails ends it: what
/// comes after was not touched, what came before stays. Applying again goes on where it stopped.</summary>
internal static class RegistryApply
{
    public static async Task<ImmutableArray<AppliedChange>> All(
        IEtl etl, ImmutableArray<PlannedChange> changes, string by, string? comment, CancellationToken cancellation)
    {
        var applied = ImmutableArray.CreateBuilder<AppliedChange>();
        foreach (var change in changes)
            applied.Add(applied.Any(one => one.Outcome == ApplyOutcome.Failed)
                ? new AppliedChange(change, ApplyOutcome.NotTried, change.From, [])
                : await One(etl, change, by, comment, cancellation));
        return applied.ToImmutable();
    }

    private static async Task<AppliedChange> One(IEtl etl, PlannedChange change, string by, string? comment, CancellationToken cancellation)
    {
        if (change.Kind == ChangeKind.Unchanged) return new AppliedChange(change, ApplyOutcome.Unchanged, change.From, []);
        try
        {
            var answer = change.Kind == ChangeKind.Retire
                ? await etl.Retire(change.Pipeline, by, comment, cancellation)
                : await etl.Register(
                    new DefinitionCommand.Register(change.File!.Spec!, change.Folder, by, comment, change.From ?? 0), cancellation);
            if (answer is DefinitionAnswer.Refused refused) return new AppliedChange(change, ApplyOutcome.Failed, null, refused.Faults);
            ImmutableArray<Fault> faults =
            [
                .. await etl.Schedules.Apply(change.Pipeline, change.File?.Schedules ?? [], cancellation),
                .. await etl.Triggers.Apply(change.Pipeline, change.File?.Triggers ?? [], cancellation),
            ];
            return new AppliedChange(
                change, faults.IsEmpty ? ApplyOutcome.Applied : ApplyOutcome.Failed, ((DefinitionAnswer.Done)answer).Active, faults);
        }
        catch (FaultException e)
        {
            return new AppliedChange(change, ApplyOutcome.Failed, null, [e.Fault]);
        }
    }
}
