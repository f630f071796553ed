using System.Collections.Immutable;
using OrleansEtl.Client;
using OrleansEtl.Engine.Limits;
using OrleansEtl.Engine.Plans;
using OrleansEtl.Shells.Limits;

namespace OrleansEtl.Silo.Embedded;

/// <summary>Named limits of a home. All its processes share them through the store; in line are those of the process that is asked.</summary>
public sealed partial class EmbeddedEtl
{
    private StoredLimits StoredLimits => new(
        _store.GrainStates, _clock, Guid.NewGuid,
        async (run, cancellation) => await _store.Drivers.Holder(run, _clock.GetUtcNow(), cancellation) is not null);

    public async Task<LimitView?> Limit(string name, CancellationToken cancellation) =>
        _silo is { } mine ? await mine.Limit(name).View() : await StoredLimits.View(name, cancellation);

    public Task<Listing<LimitSummary>> Limits(string? cursor, int limit, CancellationToken cancellation) =>
        StoredLimits.List(cursor, limit, cancellation);

    public Task<Fault?> TellLimit(string name, LimitOrder order, CancellationToken cancellation) =>
        LimitCheck.IsName(name) ? StoredLimits.Tell(name, order, cancellation) : Task.FromResult<Fault?>(LimitCheck.NoName(name));

    public Task<ImmutableArray<Fault>> Check(PipelineSpec spec, CancellationToken cancellation) =>
        Task.FromResult(PlanCheck.Check(spec, _options.Kinds.Specs) is PlanResult.Faulty faulty ? faulty.Faults : []);

    /// <summary>Limits and channels that are not there.</summary>
    private async Task<Begun.Refused?> Unstartable(PipelineSpec spec, CancellationToken cancellation)
    {
        var faults = await LimitChecks.Faults(spec, name => StoredLimits.Spec(name, cancellation));
        faults = [.. faults, .. await Alerts.Check(spec.Alerts ?? [], cancellation)];
        return faults.IsEmpty ? null : new Begun.Refused(faults);
    }
}
