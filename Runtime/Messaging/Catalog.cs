using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The activations of one silo: one of a grain, or the workers of a stateless one.</summary>
internal sealed class Catalog(SiloNode node)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly ConcurrentDictionary<GrainId, StatelessWorkers> _workers = new();

    public IEnumerable<Activation> All => _activations.Values.Concat(_workers.Values.SelectMany(w => w.All));

    public IEnumerable<StatelessWorkers> Workers => _workers.Values;

    /// <summary>How many activations there are, without the workers of stateless grains.</summary>
    public int Count => _activations.Count;

    public Activation? Find(GrainId grainId) => _activations.GetValueOrDefault(grainId);

    public Activation GetOrStart(GrainId grainId, Metadata.GrainClass grainClass, Request request)
    {
        if (_activations.TryGetValue(grainId, out var known)) return known;
        var made = new Activation(node, grainClass, grainId);
        var winner = _activations.GetOrAdd(grainId, made);
        if (ReferenceEquals(winner, made)) made.StartActivating(request.Context);
        return winner;
    }

    public StatelessWorkers WorkersOf(GrainId grainId, Metadata.GrainClass grainClass) =>
        _workers.GetOrAdd(
            grainId, static (id, a) => new StatelessWorkers(a.node, a.grainClass, id), (node, grainClass));

    public void Remove(Activation activation)
    {
        if (activation.Workers is { } workers) workers.Remove(activation);
        else _activations.TryRemove(new(activation.GrainId, activation));
    }

    public void Clear()
    {
        foreach (var activation in All) activation.Abandon();
        _activations.Clear();
        _workers.Clear();
    }
}

/// <summary>
/// The activations of one stateless grain on one silo: the least busy one gets the next request, and another
/// is started while all are busy and the limit is not reached. Idle ones beyond the first are removed.
/// </summary>
internal sealed class StatelessWorkers(SiloNode node, Metadata.GrainClass grainClass, GrainId grainId)
{
    private readonly Lock _gate = new();
    private readonly List<Activation> _workers = [];

    public Activation[] All
    {
        get
        {
            lock (_gate) return [.. _workers];
        }
    }

    public void Receive(Request request)
    {
        while (!Choose(request).Receive(request))
        {
        }
    }

    public void Remove(Activation activation)
    {
        lock (_gate) _workers.Remove(activation);
    }

    public void RemoveIdle(TimeSpan age)
    {
        if (grainClass.Traits.Workers is not { RemoveIdle: true }) return;
        foreach (var worker in All.Skip(1))
        {
            if (worker.IsIdleFor(age))
                worker.Deactivate(new(DeactivationReasonCode.ActivationIdle, "The worker was idle."));
        }
    }

    private Activation Choose(Request request)
    {
        lock (_gate)
        {
            _workers.RemoveAll(static worker => worker.IsEnding);
            var best = _workers.MinBy(static worker => worker.Load);
            if (best is not null
                && (best.Load == 0 || _workers.Count >= grainClass.Traits.Workers!.MaxLocal)) return best;
            var made = new Activation(node, grainClass, grainId) { Workers = this };
            _workers.Add(made);
            made.StartActivating(request.Context);
            return made;
        }
    }
}
