namespace OrleansEtl.Steps;

/// <summary>The codes of the faults that this room can give; each has its page (<c>etl explain CODE</c>).</summary>
public static class StepCodes
{
    /// <summary>A field of a step holds a value of the wrong type or out of range.</summary>
    public const string FieldInvalid = "ETL5001";
    /// <summary>A field that a step needs is not given.</summary>
    public const string FieldMissing = "ETL5002";
    /// <summary>Fields of a step contradict each other, or one needs another.</summary>
    public const string FieldsConflict = "ETL5003";
    /// <summary>A column is not in the input.</summary>
    public const string ColumnUnknown = "ETL5010";
    /// <summary>Two columns of the output would have one name.</summary>
    public const string ColumnTwice = "ETL5011";
    /// <summary>An input is missing or has an unknown name.</summary>
    public const string InputUnknown = "ETL5012";
    /// <summary>A SQL expression, query or type of a step is not valid over its input.</summary>
    public const string SqlInvalid = "ETL5013";
    /// <summary>No file is at the path.</summary>
    public const string FileMissing = "ETL5020";
    /// <summary>A file cannot be read as what the step takes it for.</summary>
    public const string FileInvalid = "ETL5021";
    /// <summary>The columns of a file are not those that were declared, or those of the files beside it.</summary>
    public const string ColumnsDiffer = "ETL5022";
    /// <summary>A file has more columns than allowed.</summary>
    public const string ColumnsTooMany = "ETL5023";
    /// <summary>More rows were rejected than allowed.</summary>
    public const string RejectsTooMany = "ETL5030";
    /// <summary>A check found more bad rows than it tolerates.</summary>
    public const string CheckFailed = "ETL5040";
    /// <summary>A value cannot be computed: a cast, a division, a range.</summary>
    public const string ValueInvalid = "ETL5050";
    /// <summary>The small values of a step are too large, or not one row.</summary>
    public const string ValuesInvalid = "ETL5051";
    /// <summary>The time for an attempt is over.</summary>
    public const string TimedOut = "ETL5052";
    /// <summary>No kind of this name.</summary>
    public const string KindUnknown = "ETL5060";
    /// <summary>A program is not among those that may be run.</summary>
    public const string ProgramRefused = "ETL5070";
    /// <summary>A program is not there, or is not what it was when this process started.</summary>
    public const string ProgramMissing = "ETL5071";
    /// <summary>A program ended with an exit code that does not mean success.</summary>
    public const string ProgramFailed = "ETL5072";
    /// <summary>A program was ended by a signal.</summary>
    public const string ProgramKilled = "ETL5073";
    /// <summary>A program met a bound: its processor time, or the size of its working folder.</summary>
    public const string ProgramBoundMet = "ETL5074";
    /// <summary>A program did not write a file that it was to give, or something else is in its place.</summary>
    public const string ProgramOutputInvalid = "ETL5075";
    /// <summary>A program could not be started, or what watched over it was killed.</summary>
    public const string ProgramNotStarted = "ETL5076";
    /// <summary>A program wrote to a dataset that it was given to read.</summary>
    public const string ProgramChangedInput = "ETL5077";
    /// <summary>A service refused, or gave an answer that does not mean success.</summary>
    public const string HttpRefused = "ETL4901";
    /// <summary>A service was not reached, or did not answer in time.</summary>
    public const string HttpUnreachable = "ETL4902";
    /// <summary>The answer of a service has more than a step's values may have.</summary>
    public const string HttpTooLarge = "ETL4903";
    /// <summary>A connection is not one of an HTTP service.</summary>
    public const string HttpConnectionInvalid = "ETL4904";
    /// <summary>A path leads out of what the connection allows.</summary>
    public const string HttpDenied = "ETL4905";
    /// <summary>The code of a kind that the host added failed.</summary>
    public const string OwnKindFailed = "ETL6603";
    /// <summary>A kind that the host adds has a name that is taken, or none.</summary>
    public const string OwnKindInvalid = "ETL6604";
    /// <summary>What a step is to run for is no list.</summary>
    public const string ItemsNotListed = "ETL6204";
    /// <summary>A step is to run for more items than it may.</summary>
    public const string ItemsTooMany = "ETL6205";
    /// <summary>Items that are asked for are not there, or cannot be run again.</summary>
    public const string ItemsNotThere = "ETL6206";
    /// <summary>What an item starts its run with is too large.</summary>
    public const string ItemFieldsTooLarge = "ETL6837";
    /// <summary>What was noted of items is not all there.</summary>
    public const string NotesMissing = "ETL6207";
    /// <summary>Our mistake.</summary>
    public const string Bug = "ETL5099";
}
