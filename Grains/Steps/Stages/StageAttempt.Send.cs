using System.Collections.Immutable;
using OrleansEtl.Data;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps;

internal sealed partial class StageAttempt
{
    private Relation? Send(StepRun step, StepBehaviour.Sends sends, ImmutableArray<StepInput> inputs)
    {
        var plan = sends.Plan(Call(step, inputs));
        step.Columns = Describe(plan.Select, inputs);
        using var load = PostgresLoad.Begin(
            connections.Find(plan.Connection), plan.Load,
            new LoadOwner(work.Run.Value, work.Item is { } item ? $"{step.Id}.{item}" : step.Id.Value, work.Attempt.Number), cancellation);
        if (load.Applied is not null) LogOf(step).Info("an earlier attempt has written everything; nothing is written again");
        step.RowsOut = load.Applied ?? Send(step, plan.Select, load);
        return null;
    }

    private long Send(StepRun step, string select, PostgresLoad load)
    {
        var written = load.Fit(select, session.DescribeTypes(_segment.Over(select), cancellation));
        if (load.Ambiguous(select) is { } ambiguous) RefuseAmbiguous(ambiguous);
        _segment.Add(Name(), written, step, counted: false);
        RunQuery(sql => Written(sql, select, load));
        return load.Apply();
    }

    private long Written(string sql, string select, PostgresLoad load)
    {
        try
        {
            using var rows = session.Query(sql, cancellation);
            return load.Write(rows);
        }
        catch (DuckException e) when (e.Fault.Code == DataCodes.ValueInvalid)
        {
            throw Misfit(select, load) ?? (Exception)e;
        }
    }

    private FaultException? Misfit(string select, PostgresLoad load)
    {
        foreach (var (column, type, misfit) in load.Misfits(select))
        {
            using var row = session.Query(_segment.Over(misfit), cancellation);
            if (row.Read())
                return new FaultException(new Fault(
                    FaultKind.Invalid, PostgresCodes.ValueRefused,
                    $"column '{column}' holds '{row.Text(0)}'; the table's column takes {type}.",
                    Hint: "Put such rows aside or convert them before."));
        }

        return null;
    }

    private void RefuseAmbiguous(string ambiguous)
    {
        using var rows = session.Query(_segment.Over(ambiguous), cancellation);
        var samples = new List<string>();
        while (rows.Read())
        {
            var key = string.Join(", ", rows.Columns.SkipLast(1).Select((column, i) => $"{column.Name} = {rows.Text(i) ?? "NULL"}"));
            samples.Add($"{key}: {rows.Text(rows.Columns.Length - 1)} rows");
        }

        if (samples.Count > 0)
            throw new FaultException(new Fault(
                FaultKind.Invalid, PostgresCodes.KeyInvalid,
                $"the key does not tell all rows apart: {string.Join("; ", samples)}.", "with.key",
                "Keep one row of each key before, with transform.deduplicate; a key cannot be NULL."));
    }
}
