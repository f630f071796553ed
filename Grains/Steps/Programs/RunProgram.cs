using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps.Programs;

internal static partial class RunProgram
{
    private const string Promise =
        "The program runs again from its beginning, in an empty folder; what it did outside it must bear being done twice "
        + "(ETL_RUN, ETL_STEP and ETL_ATTEMPT tell whose turn it is). Its datasets are published together, once, when it has succeeded.";

    /// <summary>A step that is stopped holds its slot and its folder that long.</summary>
    private static readonly TimeSpan GraceMax = TimeSpan.FromMinutes(10);

    private static readonly WithField<string> Program = Fields.Text(
        "program", "Its name or absolute path. Who runs the steps has to allow it (--allow-program).");
    private static readonly WithField<ImmutableArray<string>> Arguments = Fields.Texts(
        "args", "Given as they are: there is no shell that would read them.").Optional();
    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Environment = Fields.Map(
        "env", new FieldType.Text(), "Variables besides PATH, LANG, TZ, HOME, TMPDIR and those that begin with ETL_; it gets no others.").Optional();
    private static readonly WithField<string> Input = Fields.Text("stdin", "Its standard input.").Default("");
    private static readonly WithField<ImmutableArray<string>> Inputs = Fields.Inputs(
        "inputs", "Datasets that are not the out of a step, such as orders.rejects. Steps of depends_on that are not named here hand over "
        + "their out.").Optional();
    private static readonly WithField<string> InputsAs = Fields.Choice(
        "inputs_as", "The format of the inputs. parquet are the datasets' own files, uncopied.", "parquet", "csv", "ndjson").Default("parquet");
    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> Values = Fields.Map(
        "values", new FieldType.Choice([.. Enum.GetNames<ValueType>().Select(type => type.ToLowerInvariant())]),
        "The values that it has to give, and their types.").Optional();
    private static readonly WithField<long?> Memory = Fields.Size(
        "memory", "Address space of each of its processes. Default: no limit.", 1 << 20).Optional();
    private static readonly WithField<TimeSpan?> CpuTime = Fields.Duration(
        "cpu_time", "Processor time of each of its processes, in whole seconds. Default: no limit.").Optional();
    private static readonly WithField<long> OutputMax = Fields.Size(
        "output_max", "Bytes of what it prints that are kept: half of them the beginning, half the end.", 4 << 10, 256 << 20).DefaultSize("1MiB");
    private static readonly WithField<long> FilesMax = Fields.Size(
        "files_max", "Bytes that its working folder may grow by.").DefaultSize("10GiB");
    private static readonly WithField<TimeSpan> Grace = Fields.Duration(
        "grace", "Between SIGTERM and SIGKILL, when the step is cancelled or takes too long; at most 10 minutes.").Default(TimeSpan.FromSeconds(3));
    private static readonly WithField<ImmutableArray<long>> SuccessCodes = Fields.Integers(
        "success_codes", "Exit codes that mean success.", 0, 255).Default(0);
    private static readonly WithField<ImmutableArray<long>> RetryCodes = Fields.Integers(
        "retry_codes", "Exit codes that mean: try again. All others fail the step for good.", 0, 255).Optional();

    private static readonly WithField<string> OutputFile = Fields.Text("file", "Below the working folder, ending in .csv, .parquet, .ndjson or .jsonl.");
    private static readonly WithField<ImmutableArray<KeyValuePair<string, string>>> OutputColumns = Fields.Map(
        "columns", new FieldType.ColumnType(), "The columns to take and their types. Default: all, as they are found.").Optional();
    private static readonly WithField<ImmutableArray<KeyValuePair<string, (string File, ImmutableArray<Column> Columns)>>> Outputs =
        Fields.Records(
            "outputs", "The files that it writes, by the names of the datasets that they become. CSV has a header and commas.",
            [OutputFile, OutputColumns],
            with => (with.Get(OutputFile), with.Get(OutputColumns).Select(c => new Column(c.Key, SqlType.Checked(c.Value))).ToImmutableArray()),
            (new FieldType.Text(), file => (file, []))).Optional();

    public static readonly StepKind Kind = StepKind.Outside("process", "Runs a program of yours.")
        .Describe("Each attempt has an empty folder to work in, which is removed afterwards. Inputs lie there in inputs/: ETL_INPUT_NAME is the "
            + "path of a file (of a folder, where a dataset has several), and inputs.json lists all; they are not to be changed. Outputs are "
            + "written below the folder, for example at the path ETL_OUTPUT_NAME. Values are one JSON object in values.json, or behind "
            + "ETL_VALUES in a line on stdout; a line ETL_PROGRESS rows=10 total=200 tells how far it is. Everything that it starts ends with "
            + "it, and it ends with the step: SIGTERM to its process group, SIGKILL to all after the grace, SIGKILL at once when the silo dies. "
            + "Only processes that become another user's escape that, and daemons when the process that watches over them is killed "
            + "too. It has its own environment, but the rights of the user who runs the silo: allow a program only if every pipeline may do "
            + "with it what that user can.")
        .Takes(Program, Arguments, Environment, Input, Inputs, InputsAs, Outputs, Values, Memory, CpuTime, OutputMax, FilesMax, Grace, SuccessCodes, RetryCodes)
        .Port("log", "What it printed: line, stream, at, text. Kept also when it fails.")
        .DeclaresPorts("outputs")
        .Declares("values")
        .Gives("exit_code", ValueType.Integer, "Its exit code.")
        .Gives("cpu_seconds", ValueType.Number, "Processor time that it took.")
        .Promises(Promise)
        .Example("The ten largest orders, by tools of the system", """
            pipeline: largest
            steps:
              - id: orders
                kind: extract.generate
                with:
                  rows: 100
                  columns: {amount: {generator: uniform, min: 1, max: 999}, id: {generator: sequence}}
              - id: largest
                kind: process
                depends_on: [orders]
                timeout: 1m
                with:
                  program: sh
                  args: [-euc, "(echo amount,id; tail -n +2 $ETL_INPUT_ORDERS | sort -t, -k1,1nr | head -n 10) >top.csv; echo 'ETL_VALUES {\"kept\": 10}'"]
                  inputs_as: csv
                  outputs: {out: top.csv}
                  values: {kept: integer}
              - id: file
                kind: load.csv
                depends_on: [largest]
                with: {path: "out/top-{{ steps.largest.values.kept }}.csv"}
            """)
        .Starts(Plan);

    /// <summary>Variables that some shell obeys before it begins, or some C library while it loads.</summary>
    private static readonly FrozenSet<string> OfShells = ["BASHOPTS", "BASH_ENV", "ENV", "GCONV_PATH", "IFS", "PS4", "SHELLOPTS"];

    /// <summary>A variable of a program, and of a shell.</summary>
    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();

    private static ProgramPlan Plan(StepCall step)
    {
        var (arguments, environment) = (step.Get(Arguments), step.Get(Environment));
        CheckTexts(arguments.Prepend(step.Get(Program)).Concat(environment.Select(one => $"{one.Key}={one.Value}")));
        foreach (var (name, _) in environment) CheckVariable(name);
        if (step.Get(Grace) > GraceMax) throw Invalid("grace", $"{step.Get(Grace)} is longer than {GraceMax.TotalMinutes:0} minutes.");
        return new ProgramPlan(
            step.Get(Program), arguments, environment, step.Get(Input),
            [.. step.Get(Outputs).Select(one => Output(one.Key, one.Value.File, one.Value.Columns))],
            [.. step.Get(Values).Select(one => KeyValuePair.Create(one.Key, Enum.Parse<ValueType>(one.Value, ignoreCase: true)))],
            Enum.Parse<TableFile>(step.Get(InputsAs), ignoreCase: true),
            new ProgramBounds(step.Get(Memory), step.Get(CpuTime), step.Get(OutputMax), step.Get(FilesMax), step.Get(Grace)),
            new ExitCodes(step.Get(SuccessCodes), step.Get(RetryCodes)));
    }

    private static ProgramOutput Output(string port, string file, ImmutableArray<Column> columns)
    {
        if (!ForeignFile.IsInside(file))
            throw Invalid($"outputs.{port}", $"'{file}' is not the path of a file below the working folder.");
        return new ProgramOutput(port, file, Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".csv" => TableFile.Csv,
            ".parquet" => TableFile.Parquet,
            ".ndjson" or ".jsonl" => TableFile.Ndjson,
            _ => throw Invalid($"outputs.{port}", $"'{file}' ends in none of .csv, .parquet, .ndjson, .jsonl."),
        }, columns);
    }

    /// <summary>The kernel takes no more, and no text with a zero in it.</summary>
    private static void CheckTexts(IEnumerable<string> texts)
    {
        const int oneMax = 120_000, allMax = 1_000_000;
        var all = 0;
        foreach (var text in texts)
        {
            if (text.Contains('\0')) throw Invalid("args", "an argument or a variable holds a character 0.");
            var bytes = Encoding.UTF8.GetByteCount(text);
            all += bytes;
            if (bytes > oneMax || all > allMax)
                throw Invalid("args", $"arguments and variables may have {oneMax} bytes each, and {allMax} together; larger things go to stdin.");
        }
    }

    private static void CheckVariable(string name)
    {
        if (!VariableName().IsMatch(name)) throw Invalid($"env.{name}", $"'{Printable.Of(name)}' is no name of a variable.");
        if (name.StartsWith("ETL_", StringComparison.Ordinal)) throw Invalid($"env.{name}", $"'{name}': the names with ETL_ are ours.");
        if (name.StartsWith("LD_", StringComparison.Ordinal))
            throw Invalid($"env.{name}", $"'{name}' would load code into the program that was not allowed with it.");
        if (OfShells.Contains(name) || name.StartsWith("BASH_FUNC", StringComparison.Ordinal))
            throw Invalid($"env.{name}", $"'{name}' would have the shell that sets the limits run something else first.");
    }

    private static FaultException Invalid(string field, string message) =>
        new(new Fault(FaultKind.Invalid, StepCodes.FieldInvalid, message, $"with.{field}"));
}
