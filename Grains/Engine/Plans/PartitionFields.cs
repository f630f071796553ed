using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;
using OrleansEtl.Engine.Schedules;

namespace OrleansEtl.Engine.Plans;

/// <summary><c>for_each: { partitions: … }</c>: what it asks for, of a dataset or of a time, and what its items are.</summary>
public static class PartitionFields
{
    public const string Dataset = "dataset";
    public const string By = "by";
    public const string From = "from";
    public const string To = "to";
    public const string Every = "every";
    public const string TimeZone = "time_zone";
    public const string Rows = "rows";
    public const string Start = "start";
    public const string End = "end";

    private static readonly FieldType.Record OfDataset = new([
        new FieldSpec(Dataset, new FieldType.Input(), "The dataset whose rows they are.", Required: true),
        new FieldSpec(By, new FieldType.OneOf([new FieldType.Column(), new FieldType.List(new FieldType.Column(), 1)]),
            "The columns in whose values the rows of a partition agree.", Required: true) { Aliases = ["columns", "column", "partition_by", "keys"] },
    ]);

    private static readonly FieldType.Record OfTime = new([
        new FieldSpec(From, new FieldType.Text(), "Where the time begins.", Required: true),
        new FieldSpec(To, new FieldType.Text(), "Where it ends; this moment is no longer part of it.", Required: true),
        new FieldSpec(Every, new FieldType.Text(), "How long a partition is.", Required: true),
        new FieldSpec(TimeZone, new FieldType.Text(), "Whose days they are.") { Aliases = ["timezone", "tz", "zone"] },
    ]);

    private static readonly ImmutableArray<string> OwnFields = ["index", "key", Rows];

    public static bool AreOfTime(SpecValue of) =>
        of is SpecValue.Map map && map[Dataset] is null && map[By] is null && OfTime.Fields.Any(field => map[field.Name] is not null);

    public static FieldType TypeOf(SpecValue of) =>
        of is not SpecValue.Map ? new FieldType.OneOf([OfDataset, OfTime]) : AreOfTime(of) ? OfTime : OfDataset;

    public static ImmutableArray<string> ByOf(SpecValue of) => (of as SpecValue.Map)?[By] switch
    {
        SpecValue.List many => [.. many.Items.Select(one => one.ToPlainText())],
        { } one => [one.ToPlainText()],
        null => [],
    };

    /// <summary>What is wrong though each field by itself is right, as far as it is written down. The path of each is a field's.</summary>
    public static ImmutableArray<Fault> Faults(SpecValue of)
    {
        if (of is not SpecValue.Map map) return [];
        if (!AreOfTime(of)) return [.. SameNames(ByOf(of))];
        var faults = new List<Fault>();
        TimePartitions.Read(new SpecValue.Map([.. map.Fields.Where(field => !Template.IsIn(field.Value))]), faults);
        return [.. faults];
    }

    /// <summary>An item has each field once, whatever its case: columns are called so.</summary>
    public static IEnumerable<Fault> SameNames(ImmutableArray<string> by)
    {
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in by)
            if (OwnFields.Contains(name, StringComparer.OrdinalIgnoreCase))
                yield return new Fault(FaultKind.Invalid, PlanCodes.SameItemField,
                    $"An item has `{name.ToLowerInvariant()}` of its own, and cannot have it from a column.", By, "Rename the column in a step before.");
            else if (!named.Add(name))
                yield return new Fault(FaultKind.Invalid, PlanCodes.SameItemField, $"The column `{name}` is named twice.", By, "Name it once.");
    }

    /// <summary>What an item has besides its index and key; null: only the run knows.</summary>
    public static ImmutableArray<ValueSpec>? ItemValues(ForEachSpec rule)
    {
        if (rule.From != ItemSource.Partitions) return null;
        if (AreOfTime(rule.Of))
            return [new(Start, ValueType.Timestamp, "Where the partition begins, UTC,"), new(End, ValueType.Timestamp, "and where the next one does.")];
        var by = ByOf(rule.Of);
        return by.Any(Template.IsIn) ? null
            : [.. by.Select(name => new ValueSpec(name, ValueType.Any, "")), new(Rows, ValueType.Integer, "The rows of the partition.")];
    }

    /// <summary>Fields of the items that are moments; null: none.</summary>
    internal static ImmutableArray<string>? MomentsOf(ForEachSpec rule) =>
        rule.From == ItemSource.Partitions && AreOfTime(rule.Of) ? [Start, End] : null;

    /// <summary>The input of which each item sees the rows of its partition alone; null: there is none.</summary>
    internal static string? InputOf(PlannedStep step) =>
        step.Spec.ForEach?.From == ItemSource.Partitions && step.ItemInputs is [var listed]
            ? step.Inputs.FirstOrDefault(input => input.Step == listed.Step && input.Port == listed.Port)?.Name : null;
}
