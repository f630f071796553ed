using System.Collections.Immutable;

namespace OrleansEtl.Engine.Runs;

/// <summary>An immutable list of stage states in which replacing one costs about the same among ten and among ten thousand: a tree of
/// nodes with 32 places, of which one on each level is copied (one level up to 32 stages, three up to 32,768).</summary>
public sealed class StageTable
{
    private const int Bits = 5;
    private const int Places = 1 << Bits;

    /// <summary>Nodes hold nodes, and on the lowest level states.</summary>
    private readonly object[] _root;
    /// <summary>How far a stage number is shifted to find its place in the root.</summary>
    private readonly int _shift;

    public static readonly StageTable Empty = Of([]);

    private StageTable(object[] root, int shift, int count) => (_root, _shift, Count) = (root, shift, count);

    public static StageTable Of(IEnumerable<StageState> states)
    {
        object[] level = [.. states];
        var (count, shift) = (level.Length, 0);
        for (; level.Length > Places; shift += Bits) level = [.. level.Chunk(Places)];
        return new StageTable(level, shift, count);
    }

    public int Count { get; }

    public StageState this[int stage]
    {
        get
        {
            var node = _root;
            for (var shift = _shift; shift > 0; shift -= Bits) node = (object[])node[stage >> shift & Places - 1];
            return (StageState)node[stage & Places - 1];
        }
    }

    public StageTable With(int stage, StageState state)
    {
        var table = Copied(stage, out var lowest);
        lowest[stage & Places - 1] = state;
        return table;
    }

    /// <summary>Changes several; neighbours are copied together.</summary>
    public StageTable With(ImmutableArray<int> stages, Func<StageState, StageState> change)
    {
        var table = this;
        for (var i = 0; i < stages.Length;)
        {
            var neighbours = stages[i] >> Bits;
            table = table.Copied(stages[i], out var lowest);
            for (; i < stages.Length && stages[i] >> Bits == neighbours; i++)
            {
                ref var place = ref lowest[stages[i] & Places - 1];
                place = change((StageState)place);
            }
        }
        return table;
    }

    /// <summary>The table with its own copies of the nodes on the way to the stage.</summary>
    private StageTable Copied(int stage, out object[] lowest)
    {
        var root = (object[])_root.Clone();
        lowest = root;
        for (var shift = _shift; shift > 0; shift -= Bits)
        {
            ref var place = ref lowest[stage >> shift & Places - 1];
            lowest = (object[])((object[])place).Clone();
            place = lowest;
        }
        return new StageTable(root, _shift, Count);
    }

    public IEnumerable<StageState> All() => Enumerable.Range(0, Count).Select(stage => this[stage]);
}
