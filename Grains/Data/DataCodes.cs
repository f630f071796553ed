namespace OrleansEtl.Data;

/// <summary>The codes of the faults that this room can give; each has its page (<c>etl explain CODE</c>).</summary>
public static class DataCodes
{
    /// <summary>The native DuckDB library is missing or cannot be loaded.</summary>
    public const string LibraryMissing = "ETL4001";
    /// <summary>The engine does not open with these settings.</summary>
    public const string EngineSettings = "ETL4002";
    /// <summary>SQL is not valid: syntax, unknown names, types that do not fit.</summary>
    public const string SqlInvalid = "ETL4010";
    /// <summary>A value does not fit: a cast, a range, a malformed row.</summary>
    public const string ValueInvalid = "ETL4011";
    /// <summary>Something else than one SELECT (or one expression) was given.</summary>
    public const string SqlNotOneSelect = "ETL4012";
    /// <summary>SQL names a table that is no input of the step.</summary>
    public const string SqlTableUnknown = "ETL4013";
    /// <summary>SQL calls a function that reaches outside the query.</summary>
    public const string SqlFunctionRefused = "ETL4014";
    /// <summary>SQL uses a form that is not supported here.</summary>
    public const string SqlFormRefused = "ETL4015";
    /// <summary>The memory budget was met.</summary>
    public const string MemoryExhausted = "ETL4020";
    /// <summary>The disk, or the spill folder's share of it, is full.</summary>
    public const string DiskExhausted = "ETL4021";
    /// <summary>Reading or writing failed for a reason that may pass.</summary>
    public const string InputOutput = "ETL4030";
    /// <summary>A file is not there.</summary>
    public const string FileMissing = "ETL4031";
    /// <summary>A file, a setting or an extension is out of bounds.</summary>
    public const string OutOfBounds = "ETL4032";
    /// <summary>Stopped on request.</summary>
    public const string Stopped = "ETL4040";
    /// <summary>A staging key holds a name that is no plain name.</summary>
    public const string StagingKeyInvalid = "ETL4501";
    /// <summary>An attempt started over too often.</summary>
    public const string StagingExhausted = "ETL4502";
    /// <summary>A dataset version's files are not what was recorded.</summary>
    public const string DatasetDamaged = "ETL4503";
    /// <summary>A path leads outside the allowed folders.</summary>
    public const string PathOutside = "ETL4301";
    /// <summary>A URL was given where a file is expected.</summary>
    public const string PathIsUrl = "ETL4302";
    /// <summary>A path is no path: empty, or with characters that none can have.</summary>
    public const string PathInvalid = "ETL4303";
    /// <summary>A path names a folder, a pipe, a socket or a device where a file is expected, or a file where a folder is.</summary>
    public const string PathWrongKind = "ETL4304";
    /// <summary>A pattern names more files than may be read at a time.</summary>
    public const string PathTooMany = "ETL4305";
    /// <summary>A cursor of a log is none that a page gave.</summary>
    public const string LogCursorInvalid = "ETL6600";
    /// <summary>The folder of the logs cannot be read.</summary>
    public const string LogUnreadable = "ETL6601";
    /// <summary>What is looked for in a log is too long.</summary>
    public const string LogTextInvalid = "ETL6602";
    /// <summary>DuckDB or its binding broke.</summary>
    public const string EngineBug = "ETL4099";
}
