namespace OrleansEtl.Steps;

/// <summary>The bounds within which steps work. Numbers only.</summary>
public sealed record StepOptions
{
    /// <summary>Columns of a file. More than this is a wrong delimiter, or needs reshaping before.</summary>
    public int ColumnsMax { get; init; } = 10_000;

    /// <summary>Files that one step reads. Every header is looked at, so this bounds the time before the first
    /// row.</summary>
    public int FilesMax { get; init; } = 100_000;

    /// <summary>Bytes looked at for the first record of a CSV file, and that one line of a file may have: 16 MiB, which
    /// <see cref="ColumnsMax"/> columns of 1,600 characters fill.</summary>
    public int LineBytesMax { get; init; } = 16 << 20;

    /// <summary>Rows of a Parquet row group. DuckDB's own default: one vector batch of its storage.</summary>
    public int RowGroupRows { get; init; } = 122_880;

    /// <summary>Characters of a rejected line that are kept.</summary>
    public int RejectedTextCharactersMax { get; init; } = 10_000;

    /// <summary>The wait between two reports of progress: a person sees a quarter of a second as "live".</summary>
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Items that a step runs for. The run stays small with more, but its list, its notes and its last attempt do not.</summary>
    public int ItemsMax { get; init; } = 1_000_000;

    /// <summary>Bytes of the filled-in fields of one item that starts a run, as JSON: they stand in the journal, and those of all runs that go on at
    /// once in the run's state.</summary>
    public int ItemFieldsBytesMax { get; init; } = 16 << 10;

    /// <summary>Bytes of a step's values as JSON, and of the samples of one rule in a check's report.</summary>
    public int ValuesBytesMax { get; init; } = 64 << 10;
}
