using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps.Sources;

/// <summary>Finds out what columns CSV files have: from the declaration, their headers, or a sample of their
/// rows.</summary>
internal sealed class CsvColumns(ScanCall step, CsvDialect dialect, ImmutableArray<Column> declared, long sampleRows)
{
    /// <summary>The columns that the step gives, the delimiter, and the files in groups of equal layout. Files that
    /// hold nothing are in no group.</summary>
    public (ImmutableArray<Column> Columns, CsvDialect Dialect, ImmutableArray<CsvFiles> Groups) Resolve(
        ImmutableArray<string> files)
    {
        var heads = files.Select(file => (File: file, Head: CsvHead.Read(file, dialect, step.Options.LineBytesMax)))
            .Where(one => one.Head is not { Record: null }).ToList();
        foreach (var (file, head) in heads)
            if (head?.ValuesMax(dialect.Delimiter, dialect.Quote) is { } found && found > step.Options.ColumnsMax)
                throw StepFaults.TooManyColumns(file, found, step.Options.ColumnsMax);
        if (heads.Count == 0 && declared.IsEmpty)
            throw StepFaults.BadFile(files[0], "holds nothing to infer columns from.", "Declare 'columns'.");
        if (heads.Count == 0) return (declared, dialect with { Delimiter = dialect.Delimiter ?? "," }, []);
        return declared.IsEmpty ? Inferred(heads) : Declared(heads);
    }

    private (ImmutableArray<Column>, CsvDialect, ImmutableArray<CsvFiles>) Declared(
        List<(string File, CsvHead? Head)> heads)
    {
        var names = declared.Select(column => column.Name).ToImmutableArray();
        var first = heads.Find(one => one.Head is not null).Head;
        var known = dialect with { Delimiter = dialect.Delimiter ?? first?.GuessDelimiter(names, dialect.Quote)
            ?? "," };
        var header = dialect.Header ?? (first is null || HasNames(first.Split(known.Delimiter!, dialect.Quote), names));
        var groups = heads.Select(one =>
            (one.File, Skip: one.Head?.LinesBefore ?? dialect.Skip, Columns: header && one.Head is not null
                ? ByHeader(one.File, one.Head.Split(known.Delimiter!, dialect.Quote)) : declared))
            .GroupBy(one => (one.Skip, Layout: string.Join('\0', one.Columns.Select(column => column.Name))))
            .Select(group => new CsvFiles(
            [.. group.Select(one => one.File)], group.First().Columns, header, group.Key.Skip));
        return (declared, known, [.. groups]);
    }

    private static bool HasNames(ImmutableArray<string> values, ImmutableArray<string> names) =>
        names.Any(name => values.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>The file's columns in its own order: the declared ones typed, the others as text that is never looked
    /// at.</summary>
    private ImmutableArray<Column> ByHeader(string file, ImmutableArray<string> found)
    {
        foreach (var column in declared)
            if (!found.Contains(column.Name, StringComparer.OrdinalIgnoreCase))
                throw StepFaults.ColumnsDiffer(
                    file, $"the declared column '{column.Name}' is not in it", found,
                    StepFaults.Meant(column.Name, found));
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. found.Select((name, i) =>
            declared.FirstOrDefault(column =>
            string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase)) is { } column
            && taken.Add(name) ? column : new Column($"_unread_{i}", "VARCHAR"))];
    }

    private (ImmutableArray<Column>, CsvDialect, ImmutableArray<CsvFiles>) Inferred(
        List<(string File, CsvHead? Head)> heads)
    {
        var sniffed = Sniff(heads[0].File, heads[0].Head);
        var (columns, header) = (sniffed.Columns, sniffed.Header);
        var groups = new List<(string File, long Skip, ImmutableArray<Column> Columns)>();
        foreach (var (file, head) in heads)
        {
            var skip = head?.LinesBefore ?? dialect.Skip;
            var found = header && head is not null && file != heads[0].File
                ? head.Split(sniffed.Dialect.Delimiter!, dialect.Quote) : default;
            groups.Add((file, skip, found.IsDefault ? columns : Reordered(file, found, columns, heads[0].File)));
        }

        return (columns, sniffed.Dialect, [.. groups
            .GroupBy(one => (one.Skip, Layout: string.Join('\0', one.Columns.Select(column => column.Name))))
            .Select(group => new CsvFiles(
            [.. group.Select(one => one.File)], group.First().Columns, header, group.Key.Skip))]);
    }

    private static ImmutableArray<Column> Reordered(
        string file, ImmutableArray<string> found, ImmutableArray<Column> columns, string first)
    {
        if (found.Length == columns.Length
            && found.SequenceEqual(columns.Select(column => column.Name))) return columns;
        var byName = columns.ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
        return found.Length == columns.Length && found.Distinct(StringComparer.OrdinalIgnoreCase)
            .Count() == found.Length
            && found.All(byName.ContainsKey)
            ? [.. found.Select(name => byName[name])]
            : throw StepFaults.ColumnsDiffer(
                file, $"it has other columns than {first} ({StepFaults.Names(columns.Select(column => column.Name))})",
                found,
                "Declare 'columns' to read those that all files have.");
    }

    private (ImmutableArray<Column> Columns, bool Header, CsvDialect Dialect) Sniff(string file, CsvHead? head)
    {
        var options = new List<string> { dialect.Common(), $"skip={Sql.Number(head?.LinesBefore ?? dialect.Skip)}",
            $"sample_size={Sql.Number(sampleRows)}" };
        if (dialect.Delimiter is not null) options.Add($"delim={Sql.Text(dialect.Delimiter)}");
        if (dialect.Header is { } given) options.Add($"header={(given ? "true" : "false")}");
        using var rows = step.Session.Query(
            "SELECT Delimiter, HasHeader, DateFormat, TimestampFormat, unnest(Columns).name, unnest(Columns).type "
            + $"FROM sniff_csv({Sql.Text(file)}, {string.Join(", ", options)}, ignore_errors=true)", step.Cancellation);
        var columns = ImmutableArray.CreateBuilder<Column>();
        var (header, known) = (false, dialect);
        while (rows.Read())
        {
            header = rows.Text(1) == "true";
            known = dialect with
            {
                Delimiter = dialect.Delimiter ?? rows.Text(0),
                DateFormat = dialect.DateFormat ?? rows.Text(2),
                TimestampFormat = dialect.TimestampFormat ?? rows.Text(3),
            };
            columns.Add(new Column(rows.Text(4)!, rows.Text(5)!));
        }

        return (columns.ToImmutable(), header, known);
    }
}
