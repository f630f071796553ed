using System.Collections.Immutable;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Warden;

namespace OrleansEtl.Steps;

internal sealed partial class StageAttempt
{
    /// <summary>All that a program finds in its environment besides its own variables and ours.</summary>
    private static readonly ImmutableArray<KeyValuePair<string, string>> PlainEnvironment =
    [
        new("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), new("LANG", "C.UTF-8"), new("TZ", "UTC"),
    ];

    private Relation? Execute(StepRun step, StepBehaviour.Starts starts)
    {
        var plan = starts.Plan(Call(step, []));
        var program = programs.Allowed.Find(plan.Program);
        step.RowsIn = step.Work.Inputs.Sum(bound => bound.Rows);
        using var folder = programs.Folders.Take();
        var handed = new HandedOver(folder.Work, session, cancellation);
        foreach (var bound in step.Work.Inputs)
            if (plan.HandsOver == TableFile.Parquet) handed.Link(bound, FilesOf(bound));
            else handed.Write(bound, SelectOf(bound), plan.HandsOver);
        handed.WriteList();
        File.WriteAllText(folder.Input, plan.Input);
        foreach (var output in plan.Outputs)
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.Work, output.File))!);
        var said = new ProgramLog(plan.Bounds.OutputBytes, programs.Time, Heard(LogOf(step)));
        step.Says = () => said.Told is { } told ? new StepProgress(step.Id, told.Rows, null, told.Part) : null;
        LogOf(step).Info($"runs {program}", new Field("arguments", new SpecValue.Integer(plan.Arguments.Length)));
        var ended = Run(program, plan, Environment(step, plan, handed, folder), folder, said);
        PublishLog(step, folder, said);
        handed.CheckUnchanged();
        if (!ended.Succeeded) throw ProgramFaults.Of(ended.Fault, said);
        var ending = ended.Value;
        ProgramFaults.ThrowUnlessSucceeded(plan, ending, said);
        TakeValues(step, plan, ending, folder, said);
        TakeOutputs(step, plan, folder);
        return null;
    }

    /// <summary>stderr is where programs warn, whatever they call it.</summary>
    private static Action<string, string> Heard(StepLog log) => (stream, text) =>
    {
        if (stream == "stderr") log.Warn(text, new Field("stream", new SpecValue.Text(stream)));
        else log.Info(text, new Field("stream", new SpecValue.Text(stream)));
    };

    private Outcome<Ending> Run(
        string program, ProgramPlan plan, ImmutableArray<string> environment, WorkFolder folder, ProgramLog said)
    {
        var (bounds, before) = (plan.Bounds, folder.Measure(options.FilesMax).Bytes);
        var limits = new ProgramLimits(bounds.MemoryBytes ?? 0, (long)Math.Ceiling(bounds.Cpu?.TotalSeconds ?? 0), bounds.Grace);
        var order = new Order(program, plan.Arguments, environment, folder.Work, folder.Input, folder.Report, limits);
        try
        {
            var bytesMax = before + bounds.FilesBytes;
            var ending = WardenProcess.Run(order, said, () => TooMuch(folder, bytesMax), options.ProgressEvery, cancellation);
            return TooMuch(folder, bytesMax) is { } full ? full : ending;
        }
        catch (OperationCanceledException)
        {
            throw new ProgramStopped(said.LastWords(), cancellation);
        }
        catch (FaultException e)
        {
            return e.Fault;
        }
    }

    private Fault? TooMuch(WorkFolder folder, long bytesMax)
    {
        var (files, bytes) = folder.Measure(options.FilesMax);
        return files > options.FilesMax ? ProgramFaults.FolderFull($"more than {options.FilesMax} files")
            : bytes > bytesMax ? ProgramFaults.FolderFull($"{bytes} bytes") : null;
    }

    private ImmutableArray<string> Environment(StepRun step, ProgramPlan plan, HandedOver handed, WorkFolder folder)
    {
        var all = new Dictionary<string, string>(PlainEnvironment) { ["HOME"] = folder.Work, ["TMPDIR"] = folder.Work };
        foreach (var (name, value) in plan.Environment) all[name] = value;
        all["ETL_RUN"] = work.Run.Value;
        all["ETL_STEP"] = step.Id.Value;
        all["ETL_ATTEMPT"] = work.Attempt.ToString();
        foreach (var (name, path) in handed.Paths) all[name] = path;
        foreach (var output in plan.Outputs)
            all[$"ETL_OUTPUT_{output.Port.ToUpperInvariant()}"] = Path.Combine(folder.Work, output.File);
        return [.. all.Select(one => $"{one.Key}={one.Value}")];
    }

    private void PublishLog(StepRun step, WorkFolder folder, ProgramLog said)
    {
        said.Write(folder.Log);
        Publish(step, "log",
            $"SELECT * FROM read_json({Sql.Text(folder.Log)}, format='newline_delimited', "
            + "columns={'line': 'BIGINT', 'stream': 'VARCHAR', 'at': 'TIMESTAMP', 'text': 'VARCHAR'}) ORDER BY line");
    }

    private void TakeValues(StepRun step, ProgramPlan plan, Ending ending, WorkFolder folder, ProgramLog said)
    {
        var file = folder.NewTaken(".json");
        var json = ForeignFile.Take(folder.Work, ProgramValues.FileName, file) switch
        {
            FoundFile.Taken when new FileInfo(file).Length is var bytes && bytes > options.ValuesBytesMax =>
                throw ProgramValues.TooLarge(bytes, options.ValuesBytesMax),
            FoundFile.Taken => File.ReadAllText(file),
            FoundFile.Missing => said.ValuesText,
            var other => throw ProgramFaults.NoOutput(ProgramValues.FileName, other, folder.Work),
        };
        step.Values.AddRange(ProgramValues.Read(json, plan.Values, options.ValuesBytesMax));
        step.Values.RemoveAll(value => value.Name is "exit_code" or "cpu_seconds");
        step.Values.Add(new Field("exit_code", new SpecValue.Integer(ending.Number)));
        step.Values.Add(new Field("cpu_seconds", new SpecValue.Real(ending.Cpu.TotalSeconds)));
    }

    private void TakeOutputs(StepRun step, ProgramPlan plan, WorkFolder folder)
    {
        foreach (var output in plan.Outputs)
        {
            var file = folder.NewTaken(Path.GetExtension(output.File));
            var found = ForeignFile.Take(folder.Work, output.File, file);
            if (found != FoundFile.Taken) throw ProgramFaults.NoOutput(output.File, found, folder.Work);
            try
            {
                var version = Publish(step, output.Port, Select(output, file));
                if (output.Port == "out" || plan.Outputs.All(one => one.Port != "out")) step.RowsOut = (step.RowsOut ?? 0) + version.Rows;
            }
            catch (DuckException e) when (e.Fault.Kind == FaultKind.Invalid)
            {
                throw new FaultException(ProgramFaults.Unreadable(output.File, e.Fault.Message.Replace(file, output.File)));
            }
        }
    }

    private static string Select(ProgramOutput output, string file)
    {
        var all = output.Columns.IsEmpty;
        var columns = all ? "*" : string.Join(", ", output.Columns.Select(column =>
            $"CAST({Sql.Name(column.Name)} AS {column.Type}) AS {Sql.Name(column.Name)}"));
        return $"SELECT {columns} FROM " + output.Format switch
        {
            TableFile.Parquet => $"read_parquet({Sql.Texts([file])}, hive_partitioning = false)",
            TableFile.Ndjson => $"read_json({Sql.Text(file)}, format='newline_delimited', sample_size=-1)",
            _ => $"read_csv({Sql.Text(file)}, header=true, delim=',', quote='\"', escape='\"', comment='', skip=0, "
                + $"sample_size=-1, all_varchar={(all ? "false" : "true")})",
        };
    }
}
