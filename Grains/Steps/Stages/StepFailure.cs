using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>A step's fault on its way out of the attempt.</summary>
internal sealed class StepFailure(StepRun step, Fault fault) : Exception(fault.ToString())
{
    public StepRun Step { get; } = step;
    public Fault Fault { get; } = fault;

    /// <summary>The fault behind an exception; null for being stopped, which is no fault.</summary>
    public static Fault? FaultOf(Exception exception) => exception switch
    {
        OperationCanceledException => null,
        StepFailure step => step.Fault,
        FaultException given => given.Fault,
        FeedException { InnerException: { } reason } => FaultOf(reason),
        DuckException duck => duck.Fault.ToFault(),
        UnauthorizedAccessException denied => new Fault(FaultKind.Denied, StepCodes.FileInvalid, denied.Message),
        FileNotFoundException missing => new Fault(FaultKind.NotFound, StepCodes.FileMissing, missing.Message),
        IOException io => new Fault(FaultKind.Unavailable, StepCodes.FileInvalid, io.Message),
        _ => new Fault(FaultKind.Bug, StepCodes.Bug, $"{exception.GetType().Name}: {exception.Message}",
        Hint: "Report it, with the pipeline's file."),
    };

    /// <summary>What DuckDB says of a step's SQL, with the names that it could have used.</summary>
    public static Fault OfSql(DuckFault fault, ImmutableArray<StepInput> inputs)
    {
        var plain = fault.ToFault();
        if (fault.Kind != FaultKind.Invalid) return plain;
        if (fault.Name is not { } name || inputs.IsEmpty) return plain with { Code = StepCodes.SqlInvalid };
        var known = string.Join(
            "; ", inputs.Select(input => $"'{input.Name}' has {StepFaults.Names(input.ColumnNames)}"));
        return plain with
        {
            Code = StepCodes.ColumnUnknown,
            Message = $"{plain.Message.TrimEnd('.')}. Input {known}.",
            Hint = StepFaults.Meant(name, inputs.SelectMany(input => input.ColumnNames)) ?? plain.Hint,
        };
    }
}
