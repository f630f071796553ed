using System.Collections.Immutable;
using OrleansEtl.Data.Files;
using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps;

/// <summary>What a kind does, said as SQL, so that a chain of steps becomes one query. Nothing but code of a host's
/// own runs anything on data here.</summary>
public abstract record StepBehaviour
{
    private StepBehaviour() { }

    /// <summary>Reads files, or makes rows of nothing.</summary>
    public sealed record Scans(Func<ScanCall, ScanPlan> Plan) : StepBehaviour;
    /// <summary>Makes rows of rows.</summary>
    public sealed record Shapes(Func<StepCall, ShapePlan> Plan) : StepBehaviour;
    /// <summary>Looks at rows and gives them on as they are.</summary>
    public sealed record Verifies(Func<StepCall, CheckPlan> Plan) : StepBehaviour;
    /// <summary>Brings rows to where people want them.</summary>
    public sealed record Writes(Func<StepCall, WritePlan> Plan) : StepBehaviour;
    /// <summary>Is done as soon as it begins: no rows, no engine, no effect, so it may be done twice.</summary>
    public sealed record IsDone : StepBehaviour;
    /// <summary>Is never dispatched: the run itself waits, and knows what for by <see cref="KindSpec.Awaits"/>.</summary>
    public sealed record Waits : StepBehaviour;
    /// <summary>Brings rows into a table of a database. Its input is always a dataset.</summary>
    public sealed record Sends(Func<StepCall, SendPlan> Plan) : StepBehaviour;
    /// <summary>Runs a program over files. Its inputs are always datasets.</summary>
    public sealed record Starts(Func<StepCall, ProgramPlan> Plan) : StepBehaviour;
    /// <summary>Asks a service. It reads no datasets.</summary>
    public sealed record Calls(Func<StepCall, HttpPlan> Plan) : StepBehaviour;
    /// <summary>Is code in C#. Its inputs are always datasets.</summary>
    public sealed record Computes(Func<CodeCall, Task> Run) : StepBehaviour;
}

/// <summary>How rows come in.</summary>
/// <param name="Select">Gives the good rows.</param>
/// <param name="Rows">How many there are, where that is known without reading them.</param>
public sealed record ScanPlan(string Select, long? Rows = null)
{
    /// <summary>Where malformed rows are found when the scan is over.</summary>
    public RejectsPlan? Rejects { get; init; }

    /// <summary>A slower way that puts malformed rows aside, taken when the first one fails on the data.</summary>
    public Func<ScanPlan>? Lenient { get; init; }

    /// <summary>The bytes of all files, to be shown.</summary>
    public long? Bytes { get; init; }
}

/// <summary>Rows put aside, and how many of them are too many.</summary>
/// <param name="Select">Gives one row for each.</param>
/// <param name="Cleanup">Statements that remove what the scan left behind.</param>
public sealed record RejectsPlan(string Select, RejectsLimit Limit, string Cleanup = "")
{
    /// <summary>A number, 0 when there are none: cheaper than reading them.</summary>
    public string Any { get; init; } = "SELECT 1";
}

/// <param name="Rows">More rejected rows than this fail the step.</param>
/// <param name="Ratio">A larger part of all rows read than this fails the step.</param>
public readonly record struct RejectsLimit(long Rows, double Ratio);

/// <summary>How rows become other rows.</summary>
/// <param name="Select">One SELECT over the inputs, by their <see cref="StepInput.From"/>.</param>
public sealed record ShapePlan(string Select)
{
    /// <summary>Gives exactly the rows that it reads, changed or not.</summary>
    public bool KeepsCount { get; init; }

    /// <summary>Needs its input as a dataset: it reads it more than once, or may stop early, so that a count taken
    /// within one query would be wrong.</summary>
    public bool NeedsDataset { get; init; }

    /// <summary>Gives the rows that are put aside; needs the input as a dataset.</summary>
    public string? Rejects { get; init; }

    /// <summary>The one row that it gives is also the step's values.</summary>
    public bool GivesValues { get; init; }
}

/// <summary>What is checked of the input, which must be a dataset.</summary>
public sealed record CheckPlan(ImmutableArray<CheckRule> Rules, CheckTolerance Tolerance);

/// <summary>One thing that is checked.</summary>
/// <param name="Column">The column that it is about; null: the whole row or dataset.</param>
/// <param name="Rule">The rule as people say it.</param>
public abstract record CheckRule(string? Column, string Rule)
{
    /// <param name="IsBad">True for a bad row. All such rules of a step are counted in one reading.</param>
    public sealed record OfRows(string? Column, string Rule, string IsBad) : CheckRule(Column, Rule);

    /// <param name="Counts">Gives one row, two columns: rows checked, rows failed.</param>
    /// <param name="Sample">Gives the bad rows.</param>
    public sealed record OfDataset(string? Column, string Rule, string Counts, string Sample) : CheckRule(Column, Rule);
}

/// <param name="Fails">Whether too many bad rows fail the step.</param>
/// <param name="Rows">Bad rows that are tolerated.</param>
/// <param name="Ratio">The part of all rows that is tolerated; null: only the number counts.</param>
/// <param name="Samples">Bad rows shown in the report, a rule.</param>
public sealed record CheckTolerance(bool Fails, long Rows, double? Ratio, int Samples);

/// <summary>Where rows go.</summary>
/// <param name="Dataset">The name in the store; null: none, or the default when there is no path either.</param>
/// <param name="Path">A file outside the store, as written.</param>
/// <param name="Format">Of the file outside.</param>
/// <param name="Pages">Of the dataset.</param>
public sealed record WritePlan(
    string Select, string? Dataset, string? Path, FileFormat Format, FileFormat.Parquet Pages);

/// <summary>Which rows go where in a database.</summary>
/// <param name="Select">The rows.</param>
/// <param name="Connection">Its name.</param>
public sealed record SendPlan(string Select, string Connection, TableLoad Load);

/// <summary>What a service is asked.</summary>
/// <param name="Connection">Its name.</param>
/// <param name="Path">Below the connection's address.</param>
/// <param name="Body">Null: none is sent.</param>
/// <param name="SuccessCodes">Empty: 200 to 299.</param>
public sealed record HttpPlan(
    string Connection, string Method, string Path, ImmutableArray<KeyValuePair<string, string>> Query,
    ImmutableArray<KeyValuePair<string, string>> Headers, string? Body, string ContentType, bool KeepsBody,
    ImmutableArray<long> SuccessCodes, ImmutableArray<long> RetryCodes)
{
    public bool IsSuccess(int status) => SuccessCodes.IsEmpty ? status is >= 200 and <= 299 : SuccessCodes.Contains(status);
}

/// <summary>Which program is run, on what, within which bounds, and what is made of it.</summary>
/// <param name="Input">Its standard input.</param>
/// <param name="Outputs">The datasets that it gives: the files that it writes, below its working folder.</param>
/// <param name="Values">The values that it has to give, and their types.</param>
/// <param name="HandsOver">The format in which it gets its inputs.</param>
public sealed record ProgramPlan(
    string Program, ImmutableArray<string> Arguments, ImmutableArray<KeyValuePair<string, string>> Environment, string Input,
    ImmutableArray<ProgramOutput> Outputs, ImmutableArray<KeyValuePair<string, ValueType>> Values, TableFile HandsOver,
    ProgramBounds Bounds, ExitCodes Exits);

/// <param name="File">Below the working folder.</param>
/// <param name="Columns">Those that are taken, and their types; empty: all, as they are found.</param>
public sealed record ProgramOutput(string Port, string File, TableFile Format, ImmutableArray<Column> Columns);

/// <summary>How programs read and write tables.</summary>
public enum TableFile { Parquet, Csv, Ndjson }

/// <param name="MemoryBytes">Of address space, each process; null: no limit.</param>
/// <param name="Cpu">Of processor time, each process; null: no limit.</param>
/// <param name="OutputBytes">Of what it says that are kept.</param>
/// <param name="FilesBytes">Of its working folder.</param>
/// <param name="Grace">Between being asked to end and being killed.</param>
public sealed record ProgramBounds(long? MemoryBytes, TimeSpan? Cpu, long OutputBytes, long FilesBytes, TimeSpan Grace);

/// <param name="Success">Exit codes that mean success.</param>
/// <param name="Retry">Exit codes that mean: try again.</param>
public sealed record ExitCodes(ImmutableArray<long> Success, ImmutableArray<long> Retry);
