using System.Collections.Immutable;
using System.Globalization;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Files;

namespace OrleansEtl.Steps;

internal sealed partial class StageAttempt
{
    private Relation? Write(
        StepRun step, StepBehaviour.Writes writes, ImmutableArray<StepInput> inputs, Relation? current)
    {
        var plan = writes.Plan(Call(step, inputs));
        step.Columns = Describe(plan.Select, inputs);
        step.KeepsCount = true;
        var target = plan.Path is null ? null : paths.Write(plan.Path, "with.path");
        _segment.Add(Name(), plan.Select, step, counted: false);
        var relation = new Relation(Name(), step.Columns, false);
        if (plan.Dataset is not null || target is null)
            relation = Store(relation, step, plan.Pages, plan.Dataset ?? $"{work.Pipeline}/{step.Id}");
        if (target is not null)
        {
            StagedExport? staged = null;
            try
            {
                if (relation.IsStored) Stage(_segment.Over($"SELECT * FROM {relation.Name}"));
                else RunQuery(sql => Stage(sql).Rows); // fails when too many rows were malformed: then nothing takes the file's place
                var file = staged!.Place();
                step.Outputs.Add(new StepOutput("out", null, file.Path, file.Rows, file.Bytes));
            }
            finally
            {
                staged?.Dispose();
            }
            StagedExport Stage(string sql) =>
                staged = FileExport.Stage(session, sql, target, plan.Format, _staging.Value.Key, cancellation);
        }

        return null;
    }

    private Relation WithValues(StepRun step, Relation given)
    {
        var stored = Store(given, step.Work.Published ? step : null);
        using var rows = session.Query(_segment.Over($"SELECT * FROM {stored.Name}"), cancellation);
        if (!rows.Read()) throw Wrong("the query gave no row");
        step.Values.AddRange(step.Columns.Select((column, i) => new Field(column.Name, Plain(rows, i))));
        if (rows.Read()) throw Wrong("the query gave more than one row");
        var bytes = new SpecValue.Map([.. step.Values]).ToJson().Length;
        return bytes <= options.ValuesBytesMax ? stored
            : throw Wrong($"they have {bytes} bytes; at most {options.ValuesBytesMax} are kept");

        static FaultException Wrong(string what) => new(new Fault(
            FaultKind.Invalid, StepCodes.ValuesInvalid, $"values: {what}.", "with.query",
            "Large or many things belong into a dataset."));
    }

    private static SpecValue Plain(DuckRows row, int column) => row.Value(column) switch
    {
        null => new SpecValue.Null(),
        bool flag => new SpecValue.Flag(flag),
        long whole => new SpecValue.Integer(whole),
        sbyte or short or int or byte or ushort or uint => new SpecValue.Integer(row.Int64(column)),
        double or float => new SpecValue.Real(row.Double(column)),
        DateTime moment => new SpecValue.Text(
        moment.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFF", CultureInfo.InvariantCulture)),
        _ => new SpecValue.Text(row.Text(column) ?? ""),
    };

    private Relation Verify(
        StepRun step, StepBehaviour.Verifies checks, ImmutableArray<StepInput> inputs, Relation? current)
    {
        var call = Call(step, inputs);
        var (input, plan) = (call.Input, checks.Plan(call));
        foreach (var rule in plan.Rules) Describe(Sample(rule, input), inputs);
        (step.Columns, step.KeepsCount) = (input.Columns, true);

        Relation given;
        if (current is null && step.Work.Inputs[0].Only is not null)
        {
            given = Store(new Relation(input.From, input.Columns, false), step.Work.Published ? step : null);
        }
        else if (current is null)
        {
            var bound = step.Work.Inputs[0].Dataset;
            given = new Relation(input.From, input.Columns, true, bound);
            step.Outputs.Add(new StepOutput("out", bound, null, bound.Rows, bound.Bytes));
        }
        else
        {
            given = current.IsStored ? current : Store(current, step.Work.Published ? step : null);
            if (current is { IsStored: true, Version: { } version })
                step.Outputs.Add(new StepOutput("out", version, null, version.Rows, version.Bytes));
            step.RowsIn ??= _steps[^2].RowsOut;
        }

        step.RowsOut = step.RowsIn;
        Report(step, plan, input);
        return given;
    }

    private static string Sample(CheckRule rule, StepInput input) => rule switch
    {
        CheckRule.OfRows rows => $"SELECT * FROM {input.From} WHERE {rows.IsBad}",
        CheckRule.OfDataset dataset => dataset.Sample,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private sealed record Verdict(CheckRule Rule, long Checked, long Failed, bool Passed, string? Sample);

    private void Report(StepRun step, CheckPlan plan, StepInput input)
    {
        var verdicts = Counts(plan, input).Select(count => Judge(plan, input, count.Rule, count.Checked, count.Failed))
            .ToList();
        var rows = verdicts.Select(one =>
            $"SELECT {Sql.Text(step.Id.Value)} AS \"check\", {Text(one.Rule.Column)}::VARCHAR AS \"column\", "
            + $"{Sql.Text(one.Rule.Rule)} AS rule, "
            + $"{Sql.Number(one.Checked)}::BIGINT AS rows_checked, {Sql.Number(one.Failed)}::BIGINT AS rows_failed, "
            + $"{(one.Passed ? "TRUE" : "FALSE")} AS passed, {Text(one.Sample)}::JSON AS sample");
        foreach (var one in verdicts) Say(step, one);
        var report = Publish(step, "report", string.Join(" UNION ALL ", rows));
        var (failed, passed) = (verdicts.Sum(one => one.Failed), verdicts.TrueForAll(one => one.Passed));
        step.Values.Add(new Field("failed_rows", new SpecValue.Integer(failed)));
        step.Values.Add(new Field("passed", new SpecValue.Flag(passed)));
        if (passed || !plan.Tolerance.Fails) return;

        var bad = verdicts.Where(one => !one.Passed).Select(one =>
            $"{(one.Rule.Column is { } column ? $"'{column}' {one.Rule.Rule}" : one.Rule.Rule)}: {one.Failed} of "
            + $"{one.Checked} rows are not so");
        throw new StepFailure(step, new Fault(
            FaultKind.Invalid, StepCodes.CheckFailed, $"the check failed. {string.Join("; ", bad)}.",
            Hint: $"The bad rows are in the dataset {report.Ref}."));

        static string Text(string? text) => text is null ? "NULL" : Sql.Text(text);
    }

    private void Say(StepRun step, Verdict verdict)
    {
        var rule = verdict.Rule.Column is { } column ? $"{column}: {verdict.Rule.Rule}" : verdict.Rule.Rule;
        Field[] counts = [new("checked", new SpecValue.Integer(verdict.Checked)), new("failed", new SpecValue.Integer(verdict.Failed))];
        if (verdict.Passed) LogOf(step).Info($"checked {rule}", counts);
        else LogOf(step).Warn($"not so: {rule}", counts);
    }

    /// <summary>All rules about single rows are counted in one reading.</summary>
    private IEnumerable<(CheckRule Rule, long Checked, long Failed)> Counts(CheckPlan plan, StepInput input)
    {
        var single = plan.Rules.OfType<CheckRule.OfRows>().ToList();
        if (single.Count > 0)
        {
            var counts = single.Select(rule => $"count(*) FILTER (WHERE {rule.IsBad})").Prepend("count(*)");
            using var row = session.Query(
                _segment.Over($"SELECT {string.Join(", ", counts)} FROM {input.From}"), cancellation);
            row.Read();
            var numbers = Enumerable.Range(0, single.Count + 1).Select(row.Int64).ToList();
            row.Dispose();
            for (var i = 0; i < single.Count; i++) yield return (single[i], numbers[0], numbers[i + 1]);
        }

        foreach (var rule in plan.Rules.OfType<CheckRule.OfDataset>())
        {
            using var row = session.Query(_segment.Over(rule.Counts), cancellation);
            row.Read();
            var (seen, failed) = (row.Int64(0), row.Int64(1));
            row.Dispose();
            yield return (rule, seen, failed);
        }
    }

    private Verdict Judge(CheckPlan plan, StepInput input, CheckRule rule, long seen, long failed)
    {
        var (rows, ratio, samples) = (plan.Tolerance.Rows, plan.Tolerance.Ratio, plan.Tolerance.Samples);
        var passed = ratio is { } part ? failed <= part * seen : failed <= rows;
        if (failed == 0 || samples == 0) return new Verdict(rule, seen, failed, passed, null);
        var sample = session.Scalar(_segment.Over(
            $"SELECT to_json(list(_row))::VARCHAR FROM (SELECT _bad AS _row FROM ({Sample(rule, input)} LIMIT "
            + $"{samples}) AS _bad)"), cancellation);
        // Wide rows: no sample at all says less than a shorter one, but a cut one would be no JSON.
        return new Verdict(rule, seen, failed, passed, sample is string { } text
            && text.Length <= options.ValuesBytesMax ? text : null);
    }
}
