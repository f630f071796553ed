using System.Collections.Immutable;
using OrleansEtl.Data.Logs;

namespace OrleansEtl.Steps;

/// <summary>The first and the last lines of an attempt's log: where it ran, how long, and what came of it.</summary>
internal sealed class AttemptEnds
{
    private readonly AttemptLog _log;
    private readonly ImmutableArray<StepId> _steps;
    private readonly TimeProvider _time;
    private readonly long _begun;

    public AttemptEnds(AttemptLog log, StageWork work, TimeProvider time)
    {
        (_log, _steps, _time, _begun) = (log, [.. work.Steps.Select(step => step.Id)], time, time.GetTimestamp());
        log.Say(LineLevel.Info, _steps, work.Item is { } item ? $"item {item} begins" : $"attempt {work.Attempt} begins",
            new("host", new SpecValue.Text(Environment.MachineName)), new("process", new SpecValue.Integer(Environment.ProcessId)));
    }

    public StageOutcome Say(StageOutcome outcome)
    {
        var took = new Field("seconds", new SpecValue.Real(Math.Round(_time.GetElapsedTime(_begun).TotalSeconds, 3)));
        switch (outcome)
        {
            case StageOutcome.Succeeded succeeded:
                foreach (var result in succeeded.Results) Say(result);
                _log.Say(LineLevel.Info, _steps, "succeeded", took);
                break;
            case StageOutcome.Failed failed:
                foreach (var result in failed.Results) Say(result);
                _log.Say(LineLevel.Error, [failed.Step], failed.Fault.Message.Split('\n')[0], [.. Fields(failed.Fault), took]);
                break;
            default:
                _log.Say(LineLevel.Warn, _steps, "stopped on request", took);
                break;
        }
        return outcome;
    }

    private void Say(StepResult result)
    {
        var rejected = result.RowsRejected is 0 ? null : result.RowsRejected;
        var counts = Known(("rows_in", result.RowsIn), ("rows_out", result.RowsOut), ("rows_rejected", rejected));
        if (counts.Length > 0) _log.Say(LineLevel.Info, [result.Step], "rows", counts);
        foreach (var output in result.Outputs)
            _log.Say(LineLevel.Info, [result.Step], output.Path is { } path ? $"wrote {path}" : $"wrote the dataset {output.Dataset?.Ref}",
                Known(("rows", output.Rows), ("bytes", output.Bytes)));
    }

    private static Field[] Known(params (string Name, long? Count)[] counts) =>
        [.. counts.Where(one => one.Count is not null).Select(one => new Field(one.Name, new SpecValue.Integer(one.Count!.Value)))];

    private static IEnumerable<Field> Fields(Fault fault)
    {
        yield return new Field("code", new SpecValue.Text(fault.Code));
        if (fault.Path is not null) yield return new Field("path", new SpecValue.Text(fault.Path));
        if (fault.Hint is not null) yield return new Field("hint", new SpecValue.Text(fault.Hint));
    }
}
