using OrleansEtl.Engine.Limits;
using OrleansEtl.Storage;

namespace OrleansEtl.Shells.Limits;

/// <summary>Limits as the store has them, read and changed without their grains: for a home, in which no silo may run, and for lists. Who
/// stands in line is not stored. A grain whose limit was changed so finds it when it writes next.</summary>
/// <param name="newId">Makes the id of a write.</param>
public sealed class StoredLimits(IGrainStates states, TimeProvider clock, Func<Guid> newId)
{
    private const string GrainType = "limit";
    /// <summary>Others may write between a read and a write, but not again and again.</summary>
    private const int TriesMax = 100;

    public async Task<LimitView?> View(string name, CancellationToken cancellation) => (await Read(name, cancellation)).Limit.View();

    /// <summary>How it is set; null: it is not.</summary>
    public async Task<LimitSpec?> Spec(string name, CancellationToken cancellation) => (await Read(name, cancellation)).Limit.Spec;

    public async Task<Listing<LimitSummary>> List(string? cursor, int limit, CancellationToken cancellation)
    {
        var page = await states.List(GrainType, LimitRecord.Name, cursor, limit, cancellation);
        return new Listing<LimitSummary>([.. page.Items.Select(Summary).OfType<LimitSummary>()], page.Next);
    }

    /// <summary>Null: it is done.</summary>
    public async Task<Fault?> Tell(string name, LimitOrder order, CancellationToken cancellation)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var (limit, version) = await Read(name, cancellation);
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

    private async Task<(Limit Limit, long Version)> Read(string name, CancellationToken cancellation)
    {
        var (limit, stored) = (Limit.Named(name), await states.Read(Key(name), cancellation));
        return (stored?.Value is { } value ? limit.With(LimitJson.Read(value), clock.GetUtcNow()) : limit, stored?.Version ?? 0);
    }

    private static LimitSummary? Summary(KeyedState stored)
    {
        var state = LimitJson.Read(stored.Value);
        return state.Spec is { } spec
            ? new LimitSummary(stored.Key, spec, state.Pause is not null, state.Holders.Sum(holding => (long)holding.Ask.Weight), state.Holders.Length)
            : null;
    }

    private static StateKey Key(string name) => new($"{GrainType}/{name}", LimitRecord.Name);
}
