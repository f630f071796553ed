using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>Rows on their way along the chain.</summary>
/// <param name="Name">Its name within the query, ready for SQL.</param>
/// <param name="Version">The dataset that holds exactly these rows, if one does.</param>
/// <param name="IsStored">Whether reading it is reading files that this attempt knows: cheap to read again, and
/// counted.</param>
internal sealed record Relation(
    string Name, ImmutableArray<Column> Columns, bool IsStored, DatasetVersion? Version = null);

/// <summary>Steps that run as one query. Between them stand taps, where a count is not known otherwise.</summary>
internal sealed class Segment
{
    private sealed record Part(
        string Name, string Select, StepRun? Step, bool IsSource, bool IsCounted, ImmutableArray<string> Read);

    private readonly List<Part> _parts = [];

    /// <summary>The steps whose rows the query gives, in the order of the chain.</summary>
    public IEnumerable<StepRun> Steps => _parts.Select(part => part.Step).OfType<StepRun>();

    /// <summary>Rows that lie in files already.</summary>
    public void AddStored(string name, string select) => _parts.Add(new Part(name, select, null, false, false, []));

    /// <param name="read">Columns that have to be read whether or not a later step wants them.</param>
    /// <param name="counted">Whether its rows have to be counted on the way.</param>
    public void Add(string name, string select, StepRun step, bool counted, ImmutableArray<string> read = default) =>
        _parts.Add(new Part(name, select, step, !read.IsDefault, counted, read.IsDefault ? [] : read));

    /// <summary>Puts another SELECT in the place of the source's.</summary>
    public void ReplaceSource(string select)
    {
        var at = _parts.FindIndex(part => part.IsSource);
        _parts[at] = _parts[at] with { Select = select };
    }

    /// <summary>The query up to the given step, and the steps that are counted by its taps, in the order of the
    /// taps.</summary>
    public (string Sql, ImmutableArray<StepRun> Tapped) Render(
        Func<int, TapSet> rent, out TapSet? taps, StepRun? upTo = null)
    {
        var last = upTo is null ? _parts.Count - 1 : _parts.FindIndex(part => part.Step == upTo);
        var tapped = _parts.Take(last + 1).Where((part, i) => part.IsCounted && (i < last || part.IsSource))
            .ToImmutableArray();
        var rented = taps = tapped.IsEmpty ? null : rent(tapped.Length);
        var ctes = _parts.Take(last + 1).Select(part =>
        {
            var tap = tapped.IndexOf(part);
            var select = tap < 0 ? part.Select : rented!.Behind(tap, part.Select);
            return $"{part.Name} AS NOT MATERIALIZED {Sql.Nested(select)}";
        });
        return ($"WITH {string.Join(",\n", ctes)}\nSELECT * FROM {_parts[last].Name}",
            [.. tapped.Select(part => part.Step!)]);
    }

    /// <summary>A query over the stored rows of the segment only.</summary>
    public string Over(string select)
    {
        var stored = _parts.Where(part => part.Step is null)
            .Select(part => $"{part.Name} AS NOT MATERIALIZED {Sql.Nested(part.Select)}");
        return $"WITH {string.Join(",\n", stored)}\nSELECT * FROM {Sql.Nested(select)}";
    }
}
