using OrleansEtl.Data.Datasets;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

internal sealed partial class StageAttempt
{
    private Relation? Compute(StepRun step, StepBehaviour.Computes computes)
    {
        step.RowsIn = step.Work.Inputs.Sum(bound => bound.Rows);
        var call = new CodeCall(
            step, [.. step.Work.Inputs.Select(Input)], session, NewScratch, LogOf(step), programs.Time, cancellation);
        SqlFields.Check(
            session, step.Kind.Spec, (SpecValue.Map)step.With.Place.Value,
            [.. call.Inputs.Select(input => new StepInput(input.Name, input.Table, input.Columns))]);
        step.Says = () => call.Told;
        try
        {
            Run(step, computes, call);
        }
        finally
        {
            call.Close();
        }
        foreach (var port in step.Kind.Spec.Ports)
        {
            var output = call.Output(port.Name) ?? throw CodeFault(step, $"'{step.Kind.Name}' wrote nothing to its port '{port.Name}'.");
            Publish(step, port.Name, output.Select());
            if (port.Name == "out" || step.Kind.Spec.Ports.Length == 1) step.RowsOut = output.Rows;
        }
        step.Values.AddRange(call.Values);
        var bytes = new SpecValue.Map([.. step.Values]).ToJson().Length;
        return bytes <= options.ValuesBytesMax ? null
            : throw CodeFault(step, $"the values of '{step.Kind.Name}' have {bytes} bytes; at most {options.ValuesBytesMax} are kept.");
    }

    private CodeInput Input(InputBinding bound)
    {
        var files = FilesOf(bound);
        return new CodeInput(bound.Name, bound.Dataset.Columns, bound.Rows, files) { Select = DatasetReading.SelectOf(files) };
    }

    /// <summary>The code of others may throw anything. What it says as a fault is kept; what the world does to it may heal.</summary>
    private void Run(StepRun step, StepBehaviour.Computes computes, CodeCall call)
    {
        try
        {
            computes.Run(call).GetAwaiter().GetResult();
            cancellation.ThrowIfCancellationRequested();
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (e is not (FaultException or DuckException))
        {
            LogOf(step).Error(e.ToString());
            var mayHeal = e is IOException or TimeoutException or HttpRequestException or OperationCanceledException;
            throw CodeFault(step, $"'{step.Kind.Name}' threw {e.GetType().Name}: {e.Message}", mayHeal ? FaultKind.Unavailable : FaultKind.Invalid);
        }
    }

    private static FaultException CodeFault(StepRun step, string message, FaultKind kind = FaultKind.Invalid) => new(new Fault(
        kind, StepCodes.OwnKindFailed, message, Hint: $"Those who wrote the kind know more; the step's log has what it said (etl logs RUN --step {step.Id})."));
}
