using System.Collections.Immutable;
using OrleansEtl.Faults.Tests.Workload;

namespace OrleansEtl.Faults.Tests.Oracle;

/// <summary>How each work ends when nothing disturbs it, taken from a run of it before the first mishap.</summary>
internal static class Yardstick
{
    /// <param name="prefix">Of the keys of those runs: see <see cref="Load.RunEach"/>.</param>
    public static ImmutableDictionary<string, Ending> Of(IEnumerable<Chronicle> chronicles, ImmutableArray<Work> works, string prefix)
    {
        var byKey = chronicles.ToLookup(Judge.KeyOf);
        return works.ToImmutableDictionary(work => work.Name, work =>
        {
            var ending = Ending.Of(byKey[$"{prefix}-{work.Name}"].Single(), work.Effects);
            return ending.Status == work.EndsAs ? ending
                : throw new InvalidOperationException($"undisturbed, {work.Name} ended as {ending} instead of {work.EndsAs.Word()}");
        });
    }

    public static ImmutableArray<Asked> Asked(Witness witness, ImmutableDictionary<string, Ending> endings) =>
        [.. witness.AllAsked.Select(asked => new Asked(asked.Key, asked.Runs, endings[asked.Work]))];
}
