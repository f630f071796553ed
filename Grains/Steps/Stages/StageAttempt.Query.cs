using System.Collections.Immutable;
using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;
using OrleansEtl.Steps.Sources;

namespace OrleansEtl.Steps;

internal sealed partial class StageAttempt
{
    /// <summary>Runs the segment into a file, and begins a new one that reads it under the same name.</summary>
    /// <param name="publish">The step whose dataset the file becomes; null: a temporary one.</param>
    private Relation Store(
        Relation relation, StepRun? publish, FileFormat.Parquet? pages = null, string? dataset = null)
    {
        var port = publish is null ? null : $"{publish.Id}.out";
        var file = port is null ? NewScratch("rows") : _staging.Value.NewFile(port);
        using (publish is null ? null : Staging.FlushMeanwhile(file))
            RunQuery(sql => session.Execute(
                $"COPY {Sql.Nested(Storable(relation, sql))} TO {Sql.Text(file)} ({(pages ?? Pages).Options()})",
                cancellation));

        var version = port is null ? null : Seal(publish!, "out", port, dataset);
        var select = $"SELECT * FROM read_parquet({Sql.Texts([file])}, hive_partitioning = false)";
        _segment = new Segment();
        _segment.AddStored(relation.Name, select);
        return relation with { IsStored = true, Version = version, Columns = version?.Columns
            ?? session.Describe(select, cancellation) };
    }

    /// <summary>Writes rows beside the chain: rejects, reports.</summary>
    private DatasetVersion Publish(StepRun step, string port, string select)
    {
        _staging.Value.Write(session, $"{step.Id}.{port}", select, cancellation);
        return Seal(step, port, $"{step.Id}.{port}", null);
    }

    private DatasetVersion Seal(StepRun step, string port, string folder, string? dataset)
    {
        var name = dataset ?? (port == "out" ? $"{work.Pipeline}/{step.Id}" : $"{work.Pipeline}/{step.Id}.{port}");
        var version = _staging.Value.Seal(
            session, folder, new DatasetRef(name, work.Run.Value), _lineage, cancellation);
        step.Outputs.Add(new StepOutput(port, version, null, version.Rows, version.Bytes));
        return version;
    }

    /// <summary>Parquet lacks some types; most queries have none of them and are not looked at again.</summary>
    private string Storable(Relation relation, string sql) =>
        relation.Columns.Any(column => ParquetLacks.Any(word => column.Type.Contains(word, StringComparison.Ordinal)))
            ? ParquetTypes.Storable(session, sql, cancellation) : sql;

    private FileFormat.Parquet Pages => new(RowGroupRows: options.RowGroupRows);

    private static readonly string[] ParquetLacks =
        ["HUGEINT", "INTERVAL", "BIT", "ENUM", "UNION", "BIGNUM", "TIME WITH TIME ZONE", "NULL", "ARRAY", "["];

    /// <summary>Runs the segment's query and takes the counts from it. Where the data does not fit the source's fast
    /// way, once more by its lenient way.</summary>
    /// <param name="write">Runs a query and tells the rows that it gave.</param>
    private void RunQuery(Func<string, long> write)
    {
        while (true)
        {
            var (sql, tapped) = _segment.Render(session.RentTaps, out var taps);
            using (taps)
            {
                _live.Begin(taps, tapped, [.. _segment.Steps]);
                SayQuery(sql);
                try
                {
                    var written = write(sql);
                    var counts = tapped.Select((step, tap) => (step, Rows: taps!.Rows(tap)))
                        .ToDictionary(one => one.step, one => one.Rows);
                    _live.End();
                    Count(written, counts);
                    return;
                }
                catch (DuckException e) when (
                    e.Fault.Kind == FaultKind.Invalid && _scan is { Plan.Lenient: { } lenient } scan)
                {
                    LogOf(scan.Step).Warn("not all rows fit; reads again, and puts aside those that do not",
                        new Field("first", new SpecValue.Text(e.Fault.Message)));
                    Discard(scan.Plan.Rejects);
                    _scan = (scan.Step, Within(scan.Step, lenient) with { Lenient = null });
                    _segment.ReplaceSource(_scan.Value.Plan.Select);
                }
                catch (FeedException e) when (_scan is { } source && StepFailure.FaultOf(e) is { } fault)
                {
                    throw new StepFailure(source.Step, fault);
                }
                catch (DuckException e)
                {
                    throw new StepFailure(Blamed(e.Fault), StepFailure.OfSql(e.Fault, []));
                }
                finally
                {
                    _live.End();
                }
            }
        }
    }

    /// <summary>Its beginning: enough to know it again, and to see what the engine was asked.</summary>
    private void SayQuery(string sql)
    {
        const int charactersMax = 1_000;
        var text = Excerpt.Of(sql, charactersMax).ReplaceLineEndings(" ");
        log.Say(LineLevel.Debug, [.. _segment.Steps.Select(step => step.Id)], $"query: {text}");
    }

    private void Count(long written, Dictionary<StepRun, long> counts)
    {
        var steps = _segment.Steps.ToList();
        foreach (var (step, before) in steps.Zip(steps.Prepend(null)))
        {
            step.RowsIn ??= before?.RowsOut;
            var isLast = step == steps[^1];
            // Where the engine sees beforehand that nothing can come out, it does not read what goes in, and the taps
            // stay at 0.
            step.RowsOut = counts.TryGetValue(step, out var rows)
                ? rows == 0 && !isLast && before?.RowsOut != 0 ? CountedAlone(step) : rows
                : step.RowsKnown ?? (step.KeepsCount && !isLast ? step.RowsIn : written);
            if (_scan is not { } scan || scan.Step != step) continue;
            _scan = null;
            PutAside(step, scan.Plan);
        }
    }

    /// <summary>The rows that a step gives, by running the chain up to it and reading all that it gives.</summary>
    private long CountedAlone(StepRun step)
    {
        if (_scan is { } scan) Discard(scan.Plan.Rejects);
        var (sql, _) = _segment.Render(session.RentTaps, out var inner, step);
        using (inner)
        using (var outer = session.RentTaps(1))
        {
            session.Execute($"SELECT count(*) FROM {Sql.Nested(outer.Behind(0, sql))}", cancellation);
            return outer.Rows(0);
        }
    }

    /// <summary>The rejects of a source that has been read become a dataset, and fail the step when they are too
    /// many.</summary>
    private void PutAside(StepRun step, ScanPlan plan)
    {
        if (plan.Rejects is not { } rejects)
        {
            step.RowsIn = step.RowsOut;
            return;
        }

        var aside = Within(step, () => Publish(
            step, "rejects", session.Count(rejects.Any, cancellation) == 0 ? RejectFields.None : rejects.Select));
        Discard(rejects);
        if (aside.Rows > 0)
            LogOf(step).Warn("puts malformed rows aside", new("rows", new SpecValue.Integer(aside.Rows)), new("first", new SpecValue.Text(First(aside))));
        step.RowsRejected = aside.Rows;
        step.RowsIn = step.RowsOut + aside.Rows;
        var tooMany = aside.Rows > rejects.Limit.Rows || aside.Rows > rejects.Limit.Ratio * step.RowsIn;
        if (tooMany)
            throw new StepFailure(step, new Fault(
                FaultKind.Invalid, StepCodes.RejectsTooMany,
                $"{aside.Rows} of {step.RowsIn} rows are malformed; allowed are {rejects.Limit.Rows} and a part of "
                + $"{rejects.Limit.Ratio}. "
                + $"{First(aside)}",
                Hint: $"All are in the dataset {aside.Ref}. rejects_max and rejects_max_ratio allow more."));
    }

    private string First(DatasetVersion rejects)
    {
        using var rows = session.Query($"SELECT line, reason FROM ({store.Select(rejects)}) LIMIT 1", cancellation);
        return rows.Read() ? $"The first, in line {rows.Text(0)}: {rows.Text(1)}" : "";
    }

    private void Discard(RejectsPlan? rejects)
    {
        if (rejects is { Cleanup.Length: > 0 }) session.Execute(rejects.Cleanup, cancellation);
    }

    /// <summary>Whose fault it is when a query of several steps fails on a value: each step is tried with those before
    /// it alone.</summary>
    private StepRun Blamed(DuckFault fault)
    {
        var steps = _segment.Steps.ToList();
        if (fault.Kind != FaultKind.Invalid || steps.Count <= 1) return steps.Count > 0 ? steps[^1] : _steps[^1];
        foreach (var step in steps.SkipLast(1))
        {
            try
            {
                CountedAlone(step);
            }
            catch (DuckException)
            {
                return step;
            }
        }

        return steps[^1];
    }
}
