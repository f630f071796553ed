using System.Collections.Immutable;

namespace OrleansEtl.Steps;

/// <summary>The faults of kinds in one place, so that they speak alike: what was found, what was expected, the nearest
/// name.</summary>
public static class StepFaults
{
    private const int NamesShownMax = 20;

    public static FaultException NoColumn(string name, StepInput input) => new(new Fault(
        FaultKind.Invalid, StepCodes.ColumnUnknown,
        $"column '{name}' is not in input '{input.Name}' ({Names(input.ColumnNames)}).",
        Hint: Meant(name, input.ColumnNames)));

    public static FaultException NoInput(string name, ImmutableArray<StepInput> inputs) => new(new Fault(
        FaultKind.Invalid, StepCodes.InputUnknown,
        $"'{name}' is not an input of the step ({Names(inputs.Select(i => i.Name))}).",
        Hint: Meant(name, inputs.Select(i => i.Name))));

    public static FaultException InputCount(ImmutableArray<StepInput> inputs, string expected) => new(new Fault(
        FaultKind.Invalid, StepCodes.InputUnknown,
        $"the step has {inputs.Length} inputs ({Names(inputs.Select(i => i.Name))}); expected {expected}.",
        Hint: "The inputs of a step are the steps in its depends_on."));

    public static FaultException Conflict(string message, string? hint = null) =>
        new(new Fault(FaultKind.Invalid, StepCodes.FieldsConflict, message, Hint: hint));

    public static FaultException ColumnTwice(string name) => new(new Fault(
        FaultKind.Invalid, StepCodes.ColumnTwice, $"the output would have two columns '{name}'.",
        Hint: "Rename one of them."));

    public static FaultException TooManyFiles(string pattern, int found, int allowed) => new(new Fault(
        FaultKind.Invalid, StepCodes.FileInvalid,
        $"'{pattern}' means {found} files; at most {allowed} are read by one step."));

    public static FaultException NoFile(string pattern) => new(new Fault(
        FaultKind.NotFound, StepCodes.FileMissing, $"no file is at '{pattern}'.",
        Hint: "Relative paths start at the folder of the pipeline's file."));

    public static FaultException BadFile(string file, string what, string? hint = null) =>
        new(new Fault(FaultKind.Invalid, StepCodes.FileInvalid, $"{file}: {what}", Hint: hint));

    public static FaultException TooManyColumns(string file, long found, int allowed) => new(new Fault(
        FaultKind.Invalid, StepCodes.ColumnsTooMany,
        $"{file} has at least {found} columns; at most {allowed} are read.",
        Hint: "Is the delimiter right?"));

    public static FaultException ColumnsDiffer(
        string file, string what, IEnumerable<string> found, string? hint = null) => new(new Fault(
        FaultKind.Invalid, StepCodes.ColumnsDiffer, $"{file}: {what}; its columns are {Names(found)}.", Hint: hint));

    public static string? Meant(string name, IEnumerable<string> names) =>
        Spelling.Nearest(name, names) is { } nearest ? $"Did you mean '{nearest}'?" : null;

    public static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        var shown = string.Join(", ", all.Take(NamesShownMax));
        return all.Count switch
        {
            0 => "none",
            > NamesShownMax => $"{shown} and {all.Count - NamesShownMax} more",
            _ => shown,
        };
    }
}
