using System.Collections.Immutable;
using OrleansEtl.Data.Duck;

namespace OrleansEtl.Steps;

/// <summary>
/// A step whose work is code in C#: its fields, its inputs, and where its rows go. The code has a thread of its own; what it writes is
/// published with the end of the step, whole or not at all, so that it may be stopped or killed at any moment and begin anew.
/// </summary>
public sealed class CodeCall
{
    private readonly With _with;
    private readonly DuckSession _session;
    private readonly Func<string, string> _scratch;
    private readonly Dictionary<string, RowFile> _outputs = [];
    private readonly List<Field> _values = [];
    private StepProgress? _told;

    internal CodeCall(
        StepRun step, ImmutableArray<CodeInput> inputs, DuckSession session, Func<string, string> scratch, StepLog log, TimeProvider time,
        CancellationToken cancellation)
    {
        (_with, _session, _scratch, Inputs) = (step.With, session, scratch, inputs);
        (Step, Kind, Log, Time, Cancellation) = (step.Id, step.Kind.Spec, log, time, cancellation);
    }

    public StepId Step { get; }

    public KindSpec Kind { get; }

    public ImmutableArray<CodeInput> Inputs { get; }

    /// <summary>The input of a kind that takes one.</summary>
    public CodeInput Input => Inputs.Length == 1 ? Inputs[0] : throw StepFaults.Conflict($"'{Kind.Name}' takes one input; found {Inputs.Length}.");

    public StepLog Log { get; }

    /// <summary>The clock of the process; a test's own in a test.</summary>
    public TimeProvider Time { get; }

    /// <summary>Asked for when the run is cancelled, the step's time is over or the process leaves.</summary>
    public CancellationToken Cancellation { get; }

    public T Get<T>(WithField<T> field) => _with.Get(field);

    public bool Has(WithField field) => _with.Has(field);

    /// <summary>Rows of a SELECT in which the inputs are tables by their names, and the only one is also <c>input</c>. They are read to
    /// their end, or left, before the next SELECT.</summary>
    public IEnumerable<CodeRow> Query(string select)
    {
        var tables = Inputs.Select(input => $"{input.Table} AS ({input.Select})").ToList();
        if (Inputs is [var only] && !only.Name.Equals("input", StringComparison.OrdinalIgnoreCase)) tables.Add($"input AS ({only.Select})");
        tables.Add($"_rows AS {Sql.Nested(select)}");
        using var rows = _session.Query($"WITH {string.Join(", ", tables)} SELECT * FROM _rows", Cancellation);
        var row = new CodeRow(rows);
        while (rows.Read())
        {
            Cancellation.ThrowIfCancellationRequested();
            yield return row;
        }
    }

    /// <summary>All rows of an input.</summary>
    public IEnumerable<CodeRow> Rows(CodeInput input) => Query($"SELECT * FROM {input.Table}");

    /// <summary>Begins the dataset of a port, once.</summary>
    /// <param name="columns">Their types as SQL says them.</param>
    public RowFile Write(string port, params ReadOnlySpan<Column> columns)
    {
        if (!Kind.Ports.Any(known => known.Name == port)) throw StepFaults.Conflict($"'{Kind.Name}' has no port '{port}'.");
        if (columns.IsEmpty) throw StepFaults.Conflict($"the port '{port}' is given no columns.");
        var output = new RowFile(_scratch($"{port}.ndjson"), [.. columns]);
        return _outputs.TryAdd(port, output) ? output : throw StepFaults.Conflict($"the port '{port}' is written twice.");
    }

    /// <summary>A value for <c>{{ steps.ID.values.NAME }}</c>.</summary>
    public void Give(string name, SpecValue value) => _values.Add(new Field(name, value));

    /// <summary>How far it is, for those who look; as often as is convenient.</summary>
    public void Progress(long rows, long? total = null) => Volatile.Write(ref _told, new StepProgress(
        Step, rows, null, total is > 0 and var all ? Math.Clamp((double)rows / all, 0, 1) : null));

    internal StepProgress? Told => Volatile.Read(ref _told);

    internal IReadOnlyList<Field> Values => _values;

    internal RowFile? Output(string port) => _outputs.GetValueOrDefault(port);

    internal void Close()
    {
        foreach (var output in _outputs.Values) output.Dispose();
    }
}

/// <summary>A dataset that a step reads.</summary>
/// <param name="Name">As the pipeline knows it: <c>orders</c>, <c>orders.rejects</c>.</param>
/// <param name="Files">Its Parquet files; they are not to be changed.</param>
public sealed record CodeInput(string Name, ImmutableArray<Column> Columns, long Rows, ImmutableArray<string> Files)
{
    internal string Select { get; init; } = "";

    /// <summary>Its name, ready for SQL.</summary>
    public string Table => Data.Duck.Sql.Name(Name);

    /// <summary>A column's name, ready for SQL.</summary>
    /// <exception cref="FaultException">It has no such column; says which are near.</exception>
    public string Sql(string column) => new StepInput(Name, Table, Columns).Sql(column);
}

/// <summary>A row as it passes by: what is kept of it is copied before the next one.</summary>
public sealed class CodeRow
{
    private readonly DuckRows _rows;
    private readonly Dictionary<string, int> _places;

    internal CodeRow(DuckRows rows)
    {
        _rows = rows;
        _places = rows.Columns.Select((column, i) => (column.Name, i)).ToDictionary(one => one.Name, one => one.i, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The value as the .NET type that can hold it; null for NULL.</summary>
    public object? this[string column] => _rows.Value(Place(column));

    public string? Text(string column) => _rows.Text(Place(column));

    public long? Integer(string column) => Place(column) is var at && _rows.IsNull(at) ? null : _rows.Int64(at);

    public double? Real(string column) => Place(column) is var at && _rows.IsNull(at) ? null : _rows.Double(at);

    public object?[] Values() => _rows.Values();

    private int Place(string column) => _places.TryGetValue(column, out var place) ? place : throw StepFaults.Conflict(
        $"there is no column '{column}'; there are {StepFaults.Names(_places.Keys)}.");
}
