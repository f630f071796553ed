using System.Collections.Immutable;
using OrleansEtl.Engine.Expressions;

namespace OrleansEtl.Engine.Plans;

/// <summary>Whether a step can run for each item, and of what the list is made.</summary>
public sealed partial class PlanCheck
{
    private Graph? _graph;

    private void CheckForEach(StepDraft draft, InputsOf inputs)
    {
        if (draft.Spec.ForEach is not { } rule) return;
        var path = SpecPath.Field(draft.Path, "for_each");
        if (draft.Kind!.Awaits is not (null or AwaitKind.Run))
            Wrong(draft.Index, PlanCodes.CannotRepeat, $"`{draft.Kind.Name}` waits and cannot run for each item.", path,
                "Let it wait once, in a step before.");
        Within(rule.Concurrency is >= 1 and <= ForEachSpec.ConcurrencyMax, "concurrency", $"from 1 to {ForEachSpec.ConcurrencyMax}");
        Within(rule.Count is null or >= 0 && rule.Percent is null or >= 0 and <= 100, "on_item_failure", "a number from 0 or a part from 0% to 100%");
        var word = rule.From.ToString().ToLowerInvariant();
        var written = new WrittenFields(new Names(_spec, _steps, _graph!, _kinds, draft.Index, hasItem: false).Find);
        if (rule.From == ItemSource.Items) CheckItems(draft, written, rule.Of, SpecPath.Field(path, word));
        else written.Record([new FieldSpec(word, TypeOf(rule), "", Required: true)], new SpecValue.Map([new Field(word, rule.Of)]), path, "`for_each`");
        if (rule.From == ItemSource.Partitions && written.Faults.Count == 0)
            written.Faults.AddRange(PartitionFields.Faults(rule.Of).Select(
                fault => fault with { Path = SpecPath.Field(SpecPath.Field(path, word), fault.Path!) }));
        foreach (var fault in written.Faults) _faults.Add((draft.Index, fault));
        draft.Fields.ValuesOf.UnionWith(written.ValuesOf);
        draft.ItemInputs = inputs.OfItems(written);

        void Within(bool holds, string name, string range)
        {
            if (!holds) Wrong(draft.Index, PlanCodes.WrongQuantity, $"`{name}` of `for_each` must be {range}.", SpecPath.Field(path, name));
        }
    }

    /// <summary>What each source asks for; the schema of pipeline files says the same.</summary>
    private static FieldType TypeOf(ForEachSpec rule) => rule.From switch
    {
        ItemSource.Files => new FieldType.OneOf([new FieldType.ReadPath(), new FieldType.List(new FieldType.ReadPath(), 1)]),
        ItemSource.Dataset => new FieldType.Input(),
        ItemSource.Query => new FieldType.Query(),
        ItemSource.Range => new FieldType.OneOf([new FieldType.Integer(0), new FieldType.Record([
            new FieldSpec("from", new FieldType.Integer(), "The first number.", Required: true),
            new FieldSpec("to", new FieldType.Integer(), "The last number.", Required: true),
        ])]),
        ItemSource.Partitions => PartitionFields.TypeOf(rule.Of),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private void CheckItems(StepDraft draft, WrittenFields written, SpecValue of, string path)
    {
        foreach (var text in Template.In(of))
        {
            var template = Template.Parse(text);
            if (!template.Succeeded)
            {
                written.Faults.Add(template.Fault with { Path = path });
                return;
            }
            var types = template.Value.Expressions.Select(expression => written.TypeOf(expression, path)).ToArray();
            if (of is not SpecValue.Text || template.Value.Whole is not null && types[0] is null or ValueType.List or ValueType.Any) continue;
            Wrong(draft.Index, PlanCodes.TypesDiffer, $"`items` must be a list, but `{text.Trim()}` gives something else.", path, null);
        }
        if (of is SpecValue.List || of is SpecValue.Text all && Template.IsIn(all.Value)) return;
        Wrong(draft.Index, PlanCodes.WrongType, $"`items` must be a list, found {Describe.Value(of)}.", path,
            "For example: items: [a, b], or items: \"{{ steps.list.values.files }}\".");
    }
}
