namespace OrleansEtl.Cli.Output;

/// <summary>Faults as people read them, on stderr: code, message, what to do, where the page is.</summary>
internal static class FaultText
{
    /// <param name="of">The step whose fault it is.</param>
    /// <param name="at">Where in which file.</param>
    public static void Print(Terminal terminal, Fault fault, string? of = null, string? at = null)
    {
        var head = terminal.Paint($"error[{fault.Code}]", Ink.Red);
        var place = (of, fault.Path) switch
        {
            (null, null) => "",
            ({ } step, null) => $"{step}: ",
            (null, { } path) => $"{path}: ",
            ({ } step, { } path) => $"{step} ({path}): ",
        };
        terminal.Talk.WriteLine($"{head}: {place}{fault.Message}");
        if (at is not null) terminal.Talk.WriteLine($"  --> {at}");
        if (fault.Hint is { } hint) terminal.Talk.WriteLine($"   = help: {hint}");
        if (fault.Correlation is { } call) terminal.Talk.WriteLine(terminal.Paint($"   = call: {call}", Ink.Faint));
        terminal.Talk.WriteLine(terminal.Paint($"   = docs: etl explain {fault.Code}", Ink.Faint));
    }

    public static ExitCode PrintAll(Terminal terminal, IReadOnlyCollection<Fault> faults)
    {
        foreach (var fault in faults) Print(terminal, fault);
        return faults.Count == 0 ? ExitCode.Error : ExitCodes.Of(faults.First());
    }
}
