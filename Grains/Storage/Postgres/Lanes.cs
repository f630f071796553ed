namespace OrleansEtl.Storage;

/// <summary>A batch store with a connection of its own.</summary>
internal interface ILane<TWrite, TAnswer> : IBatchStore<TWrite, TAnswer>, IAsyncDisposable;

/// <summary>Group commits side by side, each with a connection; a key always takes the same one, so that its writes keep their
/// order.</summary>
internal sealed class Lanes<TWrite, TAnswer> : IAsyncDisposable
{
    private readonly (ILane<TWrite, TAnswer> Store, GroupCommit<TWrite, TAnswer> Commits)[] _lanes;

    public Lanes(int count, GroupCommitBounds bounds, TimeProvider clock, Func<ILane<TWrite, TAnswer>> open)
    {
        _lanes = new (ILane<TWrite, TAnswer>, GroupCommit<TWrite, TAnswer>)[count];
        for (var i = 0; i < count; i++)
        {
            var lane = open();
            _lanes[i] = (lane, new GroupCommit<TWrite, TAnswer>(lane, bounds, clock, static pump => _ = Task.Run(pump)));
        }
    }

    public Task<TAnswer> Offer(TWrite write, CancellationToken cancellation)
    {
        var lane = _lanes.Length == 1 ? 0 : (uint)_lanes[0].Store.KeyOf(write).GetHashCode() % (uint)_lanes.Length;
        return _lanes[lane].Commits.Offer(write, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, commits) in _lanes) await commits.DisposeAsync();
        foreach (var (store, _) in _lanes) await store.DisposeAsync();
    }
}
