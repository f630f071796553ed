using System.Text.Json;
using OrleansEtl.Cli.Registry;
using OrleansEtl.Definitions;

namespace OrleansEtl.Cli.Output;

/// <summary>What would be done to the registry of pipelines, and what was.</summary>
internal static class RegistryText
{
    public static void PrintPlan(Terminal terminal, IReadOnlyCollection<PlannedChange> changes)
    {
        var table = new Table("CHANGE", "PIPELINE", "VERSION", "FILE");
        foreach (var change in changes) table.Row(Sign(change), change.Pipeline, Versions(change), change.File?.File);
        table.Print(terminal);
        PrintDiffs(terminal, changes);
    }

    public static void PrintApplied(Terminal terminal, IReadOnlyCollection<AppliedChange> applied)
    {
        var table = new Table("RESULT", "CHANGE", "PIPELINE", "VERSION", "FILE");
        foreach (var one in applied)
            table.Row(Result(one), Sign(one.Planned), one.Planned.Pipeline, $"{one.Version}", one.Planned.File?.File);
        table.Print(terminal);
        PrintDiffs(terminal, [.. applied.Where(one => one.Outcome == ApplyOutcome.Applied).Select(one => one.Planned)]);
        foreach (var one in applied)
            foreach (var fault in one.Faults) FaultText.Print(terminal, fault, one.Planned.Pipeline);
    }

    /// <summary><c>1 to create, 2 to change, 4 unchanged</c></summary>
    public static string Sum(IReadOnlyCollection<PlannedChange> changes)
    {
        var parts = Enum.GetValues<ChangeKind>().Select(kind => (Kind: kind, Count: changes.Count(change => change.Kind == kind)))
            .Where(part => part.Count > 0)
            .Select(part => part.Kind == ChangeKind.Unchanged ? $"{part.Count} unchanged" : $"{part.Count} to {part.Kind.ToString().ToLowerInvariant()}");
        return string.Join(", ", parts);
    }

    /// <summary><c>2 applied, 1 failed, 3 not tried</c></summary>
    public static string Sum(IReadOnlyCollection<AppliedChange> applied) => string.Join(", ",
        new[] { ApplyOutcome.Applied, ApplyOutcome.Unchanged, ApplyOutcome.Failed, ApplyOutcome.NotTried }
            .Select(outcome => applied.Where(one => one.Outcome == outcome).ToArray()).Where(some => some.Length > 0)
            .Select(some => $"{some.Length} {some[0].Word.Replace('_', ' ')}"));

    public static void Change(Utf8JsonWriter json, PlannedChange change)
    {
        json.WriteStartObject();
        ChangeFields(json, change);
        json.WriteEndObject();
    }

    public static void Applied(Utf8JsonWriter json, AppliedChange applied)
    {
        json.WriteStartObject();
        json.WriteString("result", applied.Word);
        JsonText.Number(json, "version", applied.Version);
        ChangeFields(json, applied.Planned);
        json.WriteStartArray("errors");
        foreach (var fault in applied.Faults) JsonText.FaultObject(json, fault);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Why nothing was planned: what is wrong with the files, and with the folders.</summary>
    public static Action<Utf8JsonWriter> Invalid(IEnumerable<CheckedPipeline> files, IEnumerable<Fault> faults) => json =>
    {
        json.WriteStartObject();
        JsonText.Files(json, files);
        json.WriteStartArray("errors");
        foreach (var fault in faults) JsonText.FaultObject(json, fault);
        json.WriteEndArray();
        json.WriteEndObject();
    };

    /// <summary>One document with one list.</summary>
    public static void List<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> item)
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var one in items) item(json, one);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void ChangeFields(Utf8JsonWriter json, PlannedChange change)
    {
        json.WriteString("change", change.Word);
        json.WriteString("pipeline", change.Pipeline);
        json.WriteString("file", change.File?.File);
        JsonText.Number(json, "from", change.From);
        JsonText.Number(json, "to", change.To);
        JsonText.Texts(json, "diff", change.Diff);
        if (change.Refusal is not { } refusal) return;
        json.WritePropertyName("refusal");
        JsonText.FaultObject(json, refusal);
    }

    private static void PrintDiffs(Terminal terminal, IReadOnlyCollection<PlannedChange> changes)
    {
        foreach (var change in changes.Where(change => !change.Diff.IsEmpty))
        {
            terminal.Talk.WriteLine($"{change.Pipeline} {Versions(change)}:");
            foreach (var line in change.Diff) terminal.Talk.WriteLine($"   {terminal.Paint(Words.OnOneLine(line), InkOf(line))}");
        }
    }

    public static Ink InkOf(string line) => line[0] switch { '+' => Ink.Green, '-' => Ink.Red, _ => Ink.Yellow };

    private static Cell Sign(PlannedChange change) => new(change.Word, change.Kind switch
    {
        ChangeKind.Create => Ink.Green, ChangeKind.Change => Ink.Yellow, ChangeKind.Retire => Ink.Red, _ => Ink.Faint,
    });

    private static Cell Result(AppliedChange applied) => new(applied.Word.Replace('_', ' '), applied.Outcome switch
    {
        ApplyOutcome.Applied => Ink.Green, ApplyOutcome.Failed => Ink.Red, _ => Ink.Faint,
    }, Plain: applied.Word);

    private static string Versions(PlannedChange change) => change.Kind == ChangeKind.Unchanged || (change.From is null && change.To is null)
        ? $"{change.From}"
        : $"{(change.From is { } from ? $"{from} → " : "")}{change.To?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}";
}
