using System.Collections.Immutable;

namespace OrleansEtl.Steps.Flow;

/// <summary>Fields of steps that wait. The engine reads them; here stands what can be said of them.</summary>
internal static class FlowTypes
{
    /// <summary>The types of values that a signal brings.</summary>
    public static readonly ImmutableArray<string> All = [.. Enum.GetNames<ValueType>().Select(name => name.ToLowerInvariant())];

    public static WithField Timeout(string summary) => Duration(AwaitFields.Timeout, summary);

    public static WithField Duration(string name, string summary) =>
        Fields.Of(name, new FieldType.Duration(), summary, placed => placed.Value).Optional();
}
