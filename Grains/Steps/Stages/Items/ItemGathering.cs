using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>Makes one dataset <c>items</c> of what became of all items, in their order, and one of what they gave at each port.</summary>
internal sealed class ItemGathering(
    StageWork work, ItemWork.Gather gather, DuckSession session, DatasetStore store, StepOptions options, CancellationToken cancellation)
{
    private const string Columns = "\"index\", \"key\", item, status, attempt, rows_in, rows_out, rows_rejected, \"values\", path, fault_code, fault";

    private readonly StepId _step = work.Steps[0].Id;
    private readonly Staging _staging = store.Stage(StagingKey.Of(work.Run.Value, work.Steps[0].Id.Value, work.Attempt.ToString()));

    public StageOutcome Write()
    {
        var file = _staging.NewFile("notes");
        try
        {
            ReadNotes(file);
            var items = Publish("items", $"SELECT {All} FROM {Sql.Nested(Items())} ORDER BY \"index\"", ItemRow.RowGroupRows);
            var outputs = Ports().Select(port => Output(port)).Append(new StepOutput("items", items, null, items.Rows, items.Bytes)).ToImmutableArray();
            return new StageOutcome.Succeeded([Result(items, outputs)]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private void ReadNotes(string file)
    {
        var elsewhere = gather.Elsewhere.ToDictionary(notes => notes.Attempt, notes => notes.Start);
        var unheard = gather.Unheard.ToHashSet();
        var lines = Notes.Gather(
            store, work.Run.Value, _step.Value, attempt => unheard.Contains(attempt) ? null : elsewhere.GetValueOrDefault(attempt), file, cancellation);
        if (lines != gather.Kept)
            throw new FaultException(new Fault(
                FaultKind.Unavailable, StepCodes.NotesMissing, $"found what was noted of {lines} items; {gather.Kept} were noted.",
                Hint: "Where datasets are on a network drive, others' files may show up late; it is tried again."));
        using (var all = new FileStream(file, FileMode.Append, FileAccess.Write))
            foreach (var end in gather.Ends ?? []) all.Write([.. ItemNote.Of(end, work.Attempt, _step), (byte)'\n']);
        session.Execute(
            $"CREATE TEMP TABLE _notes AS SELECT * FROM read_json({Sql.File(file)}, format='newline_delimited', "
            + $"columns={{{ItemNote.Columns}}}, maximum_object_size={Sql.Number(options.LineBytesMax)})", cancellation);
    }

    /// <summary>Of which nothing is noted, it has succeeded, or was not run.</summary>
    private string Items()
    {
        var notRun = gather.NotRun.IsEmpty ? "FALSE" : string.Join(" OR ", gather.NotRun.Select(range =>
            $"l.position >= {Sql.Number(range.From)} AND l.position < {Sql.Number(range.End)}"));
        var here = $"""
            SELECT l."index", l."key", l.item,
                coalesce(n.status, CASE WHEN {notRun} THEN 'waiting' ELSE 'succeeded' END) AS status,
                n.attempt, n.rows_in, n.rows_out, n.rows_rejected, n."values", n.path, n.code AS fault_code, n.fault{OfRuns}
            FROM {List} AS l LEFT JOIN _notes AS n USING (position)
            """;
        return gather.Again is not { } again ? here
            : $"{here}\nUNION ALL SELECT {All} FROM {Sql.Nested(store.Select(again.Items))} AS _before ANTI JOIN {List} AS _now USING (\"index\")";
    }

    /// <summary>What items that start runs have of them besides.</summary>
    private bool StartsRuns => gather.Ends is not null;
    private string All => StartsRuns ? $"{Columns}, {AwaitFields.RunId}" : Columns;
    private string OfRuns => StartsRuns ? $", n.\"values\" ->> '$.{AwaitFields.RunId}' AS {AwaitFields.RunId}" : "";

    private string List => Sql.Nested(store.Select(gather.Version));

    private ImmutableArray<string> Ports()
    {
        var ports = new SortedSet<string>(StringComparer.Ordinal);
        using var rows = session.Query("SELECT DISTINCT unnest(outputs).port FROM _notes", cancellation);
        while (rows.Read()) ports.Add(rows.Text(0)!);
        foreach (var output in gather.Again?.Outputs ?? [])
            if (output.Port != "items") ports.Add(output.Port);
        return [.. ports];
    }

    /// <summary>What an earlier run has done comes first.</summary>
    private StepOutput Output(string port)
    {
        var files = ImmutableArray.CreateBuilder<string>();
        var before = gather.Again?.Outputs.FirstOrDefault(output => output.Port == port)?.Dataset;
        if (before is not null) files.AddRange(store.Files(before));
        using (var rows = session.Query($"""
            SELECT o.location || '/' || unnest(o.files) FROM (SELECT position, unnest(outputs) AS o FROM _notes)
            WHERE o.port = {Sql.Text(port)} ORDER BY position
            """, cancellation))
            while (rows.Read()) files.Add(Path.Combine(store.Root, rows.Text(0)!));
        var version = Publish(port, $"SELECT * FROM read_parquet({Sql.Files(files)}, union_by_name = true, hive_partitioning = false)", options.RowGroupRows);
        return new StepOutput(port, version, null, version.Rows, version.Bytes);
    }

    private DatasetVersion Publish(string port, string select, int rowGroupRows)
    {
        var folder = $"{_step}.{port}";
        session.Execute(
            $"COPY {Sql.Nested(select)} TO {Sql.Text(_staging.NewFile(folder))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rowGroupRows})",
            cancellation);
        var name = port == "out" ? $"{work.Pipeline}/{_step}" : $"{work.Pipeline}/{_step}.{port}";
        return _staging.Seal(session, folder, new DatasetRef(name, work.Run.Value), [.. work.Steps[0].Inputs.Select(input => input.Dataset.Ref)], cancellation);
    }

    private StepResult Result(DatasetVersion items, ImmutableArray<StepOutput> outputs)
    {
        using var row = session.Query($"""
            SELECT sum(rows_in)::BIGINT, sum(rows_out)::BIGINT, sum(rows_rejected)::BIGINT, count(*), count(*) FILTER (status = 'succeeded'),
                count(*) FILTER (status = 'failed')
            FROM {Sql.Nested(store.Select(items))}
            """, cancellation);
        row.Read();
        return new StepResult(_step, Count(0), Count(1), Count(2), outputs,
        [
            new("items_total", new SpecValue.Integer(row.Int64(3))), new("items_succeeded", new SpecValue.Integer(row.Int64(4))),
            new("items_failed", new SpecValue.Integer(row.Int64(5))),
        ]);

        long? Count(int column) => row.IsNull(column) ? null : row.Int64(column);
    }
}
