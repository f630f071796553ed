using System.Collections.Immutable;
using OrleansEtl.Engine.Limits;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Limits;

/// <summary>Limits as the store has them, read and changed without their grains: for a home, in which no silo may run, and for lists. Who
/// stands in line is not stored. A grain whose limit was changed so finds it when it writes next.</summary>
/// <param name="newId">Makes the id of a write.</param>
/// <param name="lives">Whether somebody drives the run of a holder; those of dead processes hold nothing. Null: the grains see to that.</param>
public sealed class StoredLimits(
    IGrainStates states, TimeProvider clock, Func<Guid> newId, Func<RunId, CancellationToken, Task<bool>>? lives = null)
{
    private const string GrainType = "limit";
    /// <summary>Others may write between a read and a write, but not again and again.</summary>
    private const int TriesMax = 100;

    public async Task<LimitView?> View(string name, CancellationToken cancellation) => (await Living(name, cancellation)).Limit.View();

    /// <summary>How it is set; null: it is not.</summary>
    public async Task<LimitSpec?> Spec(string name, CancellationToken cancellation) => (await Read(name, cancellation)).Limit.Spec;

    public async Task<Listing<LimitSummary>> List(string? cursor, int limit, CancellationToken cancellation)
    {
        var page = await states.List(GrainType, LimitRecord.Name, cursor, limit, cancellation);
        var summaries = ImmutableArray.CreateBuilder<LimitSummary>(page.Items.Length);
        foreach (var stored in page.Items)
            if (Summary(await WithoutDead(Of(stored.Key, stored.Value), cancellation)) is { } summary) summaries.Add(summary);
        return new Listing<LimitSummary>(summaries.DrainToImmutable(), page.Next);
    }

    /// <summary>Null: it is done.</summary>
    public async Task<Fault?> Tell(string name, LimitOrder order, CancellationToken cancellation)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var (limit, version) = await Living(name, cancellation);
            var decision = Limit.Decide(limit, new LimitCommand.Order(order), clock.GetUtcNow());
            if (decision is LimitDecision.Refused refused) return refused.Fault;
            var events = ((LimitDecision.Accepted)decision).Events;
            if (events.IsEmpty) return null;
            var after = events.Aggregate(limit, Limit.Apply);
            var value = after.Spec is null && after.HoldersCount == 0 ? null : LimitJson.Write(after.State());
            if (await states.Write(new StateWrite(newId(), Key(name), version, value), cancellation) is StateOutcome.Stored) return null;
        }
        return new Fault(FaultKind.Unavailable, LimitGrain.BusyCode, $"Limit {name} changes all the time.", null, "Try again.");
    }

    private async Task<(Limit Limit, long Version)> Living(string name, CancellationToken cancellation)
    {
        var (limit, version) = await Read(name, cancellation);
        return (await WithoutDead(limit, cancellation), version);
    }

    private async Task<(Limit Limit, long Version)> Read(string name, CancellationToken cancellation)
    {
        var stored = await states.Read(Key(name), cancellation);
        return (stored?.Value is { } value ? Of(name, value) : Limit.Named(name), stored?.Version ?? 0);
    }

    private Limit Of(string name, byte[] value) => Limit.Named(name).With(LimitJson.Read(value), clock.GetUtcNow());

    private async Task<Limit> WithoutDead(Limit limit, CancellationToken cancellation)
    {
        if (lives is null) return limit;
        foreach (var run in limit.Holders.GroupBy(ticket => ticket.Run).ToArray())
        {
            if (await lives(run.Key, cancellation)) continue;
            foreach (var ticket in run)
                if (Limit.Decide(limit, new LimitCommand.Release(ticket), clock.GetUtcNow()) is LimitDecision.Accepted released)
                    limit = released.Events.Aggregate(limit, Limit.Apply);
        }
        return limit;
    }

    private static LimitSummary? Summary(Limit limit) => limit.Spec is { } spec
        ? new LimitSummary(limit.Name, spec, limit.Pause is not null, limit.Held, limit.HoldersCount)
        : null;

    private static StateKey Key(string name) => new($"{GrainType}/{name}", LimitRecord.Name);
}
