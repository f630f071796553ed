namespace OrleansEtl.Client;

/// <summary>What rows have to be like: see <see cref="PipelineBuilder.Expect"/>. A check that fails stops the run unless it only
/// <see cref="Warns"/>.</summary>
public sealed record Check(string Kind, SpecValue.Map Fields)
{
    public static CheckedColumns Column(string column) => new([column]);
    public static CheckedColumns Columns(params string[] columns) => new(columns);

    /// <summary>How many rows there are.</summary>
    public static Check Rows(long? min = null, long? max = null) => Of("check.row_count", new { min, max });

    /// <param name="badRows">One SELECT that gives the bad rows.</param>
    public static Check Sql(string badRows) => Of("check.sql", new { query = badRows });

    /// <summary>Only reports what is wrong.</summary>
    public Check Warns() => With(new { severity = "warn" });

    /// <summary>Lets so many bad rows pass.</summary>
    public Check Tolerating(long badRows) => With(new { max_failed = badRows });

    /// <summary>The same with further fields.</summary>
    public Check With(object fields) => this with { Fields = SpecValues.Merge(Fields, fields) };

    internal static Check Of(string kind, object fields) => new(kind, SpecValues.Fields(fields));
}

/// <summary>Columns about which something is expected.</summary>
public sealed class CheckedColumns
{
    private readonly string[] _columns;

    internal CheckedColumns(string[] columns) => _columns = columns;

    public Check NotNull() => Check.Of("check.not_null", new { columns = _columns });

    /// <summary>Together different in every row.</summary>
    public Check Unique() => Check.Of("check.unique", new { columns = _columns });

    public Check Between(object? min, object? max) => Check.Of("check.range", new { columns = _columns, min, max });

    public Check In(params object[] values) => Check.Of("check.in_set", new { columns = _columns, values });

    /// <param name="pattern">A regular expression that the whole value has to match.</param>
    public Check Matches(string pattern) => Check.Of("check.matches", new { columns = _columns, pattern });
}
