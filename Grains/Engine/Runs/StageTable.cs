namespace OrleansEtl.Engine.Runs;

/// <summary>An immutable list of stage states in which replacing one costs about the same among ten and among ten thousand:
/// rows of 64, of which one is copied.</summary>
public sealed class StageTable
{
    private const int RowLength = 64;
    private readonly StageState[][] _rows;

    public static readonly StageTable Empty = new([], 0);

    private StageTable(StageState[][] rows, int count) => (_rows, Count) = (rows, count);

    public static StageTable Of(IEnumerable<StageState> states)
    {
        var rows = states.Chunk(RowLength).ToArray();
        return new StageTable(rows, rows.Sum(row => row.Length));
    }

    public int Count { get; }

    public StageState this[int stage] => _rows[stage / RowLength][stage % RowLength];

    public StageTable With(int stage, StageState state)
    {
        var rows = (StageState[][])_rows.Clone();
        var row = (StageState[])rows[stage / RowLength].Clone();
        row[stage % RowLength] = state;
        rows[stage / RowLength] = row;
        return new StageTable(rows, Count);
    }

    public IEnumerable<StageState> All() => _rows.SelectMany(row => row);
}
