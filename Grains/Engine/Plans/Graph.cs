using System.Collections.Immutable;

namespace OrleansEtl.Engine.Plans;

/// <summary>Steps as positions and the edges between them. All questions are answered in time linear in steps and edges, but for
/// <see cref="IsAncestor"/>, whose table is made once, on the first question.</summary>
internal sealed class Graph
{
    private readonly ImmutableArray<ImmutableArray<int>> _dependsOn;
    private ulong[][]? _ancestors;

    public Graph(ImmutableArray<ImmutableArray<int>> dependsOn)
    {
        _dependsOn = dependsOn;
        var dependants = dependsOn.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        for (var step = 0; step < dependsOn.Length; step++)
            foreach (var needed in dependsOn[step]) dependants[needed].Add(step);
        Dependants = [.. dependants.Select(d => d.ToImmutable())];
        Order = Sort();
    }

    public ImmutableArray<int> DependsOn(int step) => _dependsOn[step];

    public ImmutableArray<ImmutableArray<int>> Dependants { get; }

    /// <summary>Every step after those that it depends on; steps on cycles, and behind them, are missing.</summary>
    public ImmutableArray<int> Order { get; }

    public bool HasCycles => Order.Length < _dependsOn.Length;

    /// <summary>One cycle of each knot, every step once, in the direction of the data, beginning with the step that was written
    /// first.</summary>
    public IEnumerable<ImmutableArray<int>> Cycles()
    {
        var sorted = Order.ToHashSet();
        var walkOf = new int[_dependsOn.Length];
        for (var start = 0; start < _dependsOn.Length; start++)
        {
            if (sorted.Contains(start) || walkOf[start] != 0) continue;
            var walk = new List<int>();
            var step = start;
            for (; walkOf[step] == 0; step = _dependsOn[step].First(d => !sorted.Contains(d)))
            {
                walkOf[step] = start + 1;
                walk.Add(step);
            }
            if (walkOf[step] != start + 1) continue;
            var cycle = walk[walk.IndexOf(step)..];
            cycle.Reverse();
            var first = cycle.IndexOf(cycle.Min());
            yield return [.. cycle[first..], .. cycle[..first]];
        }
    }

    /// <summary>Whether the step depends on the other, directly or not. Only for graphs without cycles.</summary>
    public bool IsAncestor(int other, int step)
    {
        if (_dependsOn[step].Contains(other)) return true;
        _ancestors ??= Ancestors();
        return (_ancestors[step][other >> 6] >> (other & 63) & 1) != 0;
    }

    private ImmutableArray<int> Sort()
    {
        var waiting = _dependsOn.Select(d => d.Length).ToArray();
        var order = ImmutableArray.CreateBuilder<int>(_dependsOn.Length);
        for (var step = 0; step < waiting.Length; step++)
            if (waiting[step] == 0) order.Add(step);
        for (var next = 0; next < order.Count; next++)
            foreach (var dependant in Dependants[order[next]])
                if (--waiting[dependant] == 0) order.Add(dependant);
        return order.ToImmutable();
    }

    private ulong[][] Ancestors()
    {
        var table = new ulong[_dependsOn.Length][];
        foreach (var step in Order)
        {
            var row = table[step] = new ulong[(_dependsOn.Length + 63) >> 6];
            foreach (var needed in _dependsOn[step])
            {
                var above = table[needed];
                for (var i = 0; i < row.Length; i++) row[i] |= above[i];
                row[needed >> 6] |= 1UL << (needed & 63);
            }
        }
        return table;
    }
}
