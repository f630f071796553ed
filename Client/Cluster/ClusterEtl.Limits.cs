using OrleansEtl.Engine.Limits;

namespace OrleansEtl.Client;

/// <summary>Named limits of a cluster.</summary>
public sealed partial class ClusterEtl
{
    /// <inheritdoc/>
    public Task<LimitView?> Limit(string name, CancellationToken cancellation) =>
        LimitCheck.IsName(name) ? _calls.Ask(_ => LimitNamed(name).View(), cancellation) : Task.FromResult<LimitView?>(null);

    /// <inheritdoc/>
    public Task<Listing<LimitSummary>> Limits(string? cursor, int limit, CancellationToken cancellation) =>
        _calls.Ask(_ => _grains.GetGrain<ILimitCatalogGrain>(AnyKey()).List(cursor, limit), cancellation);

    /// <inheritdoc/>
    /// <remarks>A holder from whom the limit was taken, and a limit that was deleted, are not found by a repetition of the call, whose first
    /// answer was lost.</remarks>
    public async Task<Fault?> TellLimit(string name, LimitOrder order, CancellationToken cancellation)
    {
        if (!LimitCheck.IsName(name)) return LimitCheck.NoName(name);
        var (fault, wasRepeated) = await _calls.AskNoting(() => LimitNamed(name).Tell(order), cancellation);
        var isDone = (order, fault?.Code) is (LimitOrder.Free, LimitCodes.NoHolder) or (LimitOrder.Delete, LimitCodes.NoLimit);
        return wasRepeated && isDone ? null : fault;
    }

    private ILimitGrain LimitNamed(string name) => _grains.GetGrain<ILimitGrain>(name);
}
