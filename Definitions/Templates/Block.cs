using System.Collections.Immutable;

namespace OrleansEtl.Definitions.Templates;

/// <summary>
/// What <c>if</c> and <c>each</c> stand on: an item of <c>steps</c> (a step, or a block with <c>steps</c> of its own), or, anywhere in a step,
/// <c>{ if: …, value: …, else: … }</c> and <c>{ each: { name: … }, value: … }</c>.
/// </summary>
internal static class Block
{
    public const string If = "if", Each = "each", Else = "else", Steps = "steps", Value = "value";

    private static readonly ImmutableArray<string> Words = [If, Each, Else, Value];

    /// <summary>Whether a mapping within a step is a choice or a loop, and no value of its own.</summary>
    public static bool IsChoice(Node.Mapping mapping) =>
        mapping.Has(Value) && (mapping.Has(If) || mapping.Has(Each)) && mapping.Entries.All(entry => Words.Contains(entry.Key.Text));

    /// <summary>Whether an item of <c>steps</c> is more than a step.</summary>
    public static bool IsOfSteps(Node.Mapping mapping) => mapping.Has(If) || mapping.Has(Each) || mapping.Has(Steps);

    /// <summary>The name and the list of <c>each: { name: list }</c>; null when it is something else.</summary>
    public static Node.Entry? Loop(Node node) =>
        node is Node.Mapping { Entries: [var only] } && Engine.Plans.PlanCheck.IsParamName(only.Key.Text) ? only : null;
}
