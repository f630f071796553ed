namespace OrleansEtl.Data.Logs;

/// <summary>How much may be said, and how soon it can be read. Numbers only.</summary>
public sealed record LogBounds
{
    /// <summary>What one attempt may write; what it says then is counted and left out.</summary>
    public int AttemptBytesMax { get; init; } = 4 << 20;
    /// <summary>Kept free behind that for errors: why an attempt failed is worth more than what it said before.</summary>
    public int ErrorBytes { get; init; } = 64 << 10;
    /// <summary>What a run may write. An attempt looks after every <see cref="LookAtRunBytes"/> of its own, and stops there.</summary>
    public long RunBytesMax { get; init; } = 256 << 20;
    public int LookAtRunBytes { get; init; } = 256 << 10;
    /// <summary>Characters of a message, and of the names and values of its fields together: what a person reads of one line.</summary>
    public int CharactersMax { get; init; } = 4_000;
    /// <summary>How long a line may lie in memory before it is in the file: what a killed process loses.</summary>
    public TimeSpan FlushAfter { get; init; } = TimeSpan.FromMilliseconds(250);
    /// <summary>More than this is written at once.</summary>
    public int FlushBytes { get; init; } = 64 << 10;
    /// <summary>Text of one page, in bytes as they lie in the files: well below a message's bound.</summary>
    public int PageBytesMax { get; init; } = 1 << 20;
    /// <summary>What is looked at for one page while few lines are wanted: some ten milliseconds of reading.</summary>
    public int LookedAtBytesMax { get; init; } = 16 << 20;
}
