using System.Collections.Immutable;
using OrleansEtl.Data.Duck;
using OrleansEtl.Data.Postgres;

namespace OrleansEtl.Steps;

/// <summary>A dataset or a step's output, as the step that reads it sees it.</summary>
/// <param name="Name">The name by which the pipeline knows it: <c>orders</c>, <c>orders.rejects</c>.</param>
/// <param name="From">What to write behind FROM.</param>
public sealed record StepInput(string Name, string From, ImmutableArray<Column> Columns)
{
    public IEnumerable<string> ColumnNames => Columns.Select(column => column.Name);

    /// <summary>The column of that name: as written, or else in other case. Faults with the nearest name.</summary>
    public Column Find(string name) =>
        Columns.FirstOrDefault(column => column.Name == name)
        ?? Columns.FirstOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw StepFaults.NoColumn(name, this);

    /// <summary>The column's name, ready for SQL.</summary>
    public string Sql(string name) => Data.Duck.Sql.Name(Find(name).Name);

    public ImmutableArray<Column> FindAll(IEnumerable<string> names) => [.. names.Select(Find)];
}

/// <summary>A step with all that its behaviour may know: its fields and its inputs.</summary>
public record StepCall(With With, ImmutableArray<StepInput> Inputs)
{
    public StepLog Log { get; init; } = StepLog.Unread;

    /// <summary>The input of a kind that takes one.</summary>
    public StepInput Input => Inputs.Length == 1 ? Inputs[0] : throw StepFaults.InputCount(Inputs, "one input");

    public T Get<T>(WithField<T> field) => With.Get(field);
    public bool Has(WithField field) => With.Has(field);

    /// <summary>The input that a field names.</summary>
    public StepInput Named(string name) =>
        Inputs.FirstOrDefault(input => input.Name == name) ?? throw StepFaults.NoInput(name, Inputs);

    /// <summary>A SQL expression of the user's, in parentheses that a trailing comment cannot swallow.</summary>
    public static string Nested(string expression) => Sql.Nested(expression);
}

/// <summary>A source: it may look at files to learn what they hold, and asks the engine about them.</summary>
/// <param name="Find">The files that a path or pattern means, sorted; only those that may be read.</param>
/// <param name="Session">For questions about files; not for the data.</param>
/// <param name="Scratch">A path for a temporary file that ends with the attempt.</param>
/// <param name="Connect">A connection by its name.</param>
/// <param name="Feed">Rows from outside as a table for FROM; the feed ends with the attempt.</param>
public sealed record ScanCall(
    With With,
    Func<string, ImmutableArray<string>> Find,
    DuckSession Session,
    Func<string, string> Scratch,
    Func<string, PostgresAddress> Connect,
    Func<PostgresQuery, string> Feed,
    StepOptions Options,
    CancellationToken Cancellation) : StepCall(With, [])
{
    /// <summary>All files of several patterns; at least one.</summary>
    public ImmutableArray<string> Files(ImmutableArray<string> patterns)
    {
        var files = patterns.SelectMany(pattern => Find(pattern)).Distinct(StringComparer.Ordinal).ToImmutableArray();
        return files.Length <= Options.FilesMax ? files
            : throw StepFaults.TooManyFiles(patterns[0], files.Length, Options.FilesMax);
    }
}
