using System.Collections.Immutable;

namespace OrleansEtl.Client;

/// <summary>One SELECT over the step before and those named.</summary>
public static class Sql
{
    /// <param name="reads">Further steps that the query reads, by their ids.</param>
    public static Transform Of(string query, params string[] reads) => Transform.Of("transform.sql", new { query }, reads);

    /// <summary>Small values for later steps: one row, its columns named and typed.</summary>
    /// <param name="values">Name to type: <c>new { latest = ValueType.Date }</c>.</param>
    public static Transform Values(string query, object values, params string[] reads) =>
        Transform.Of("transform.values", new { query, values }, reads);
}

/// <summary>Columns: kept, renamed, cast, derived.</summary>
public static class Select
{
    public static Transform Columns(params string[] columns) => Transform.Of("transform.select", new { columns });

    /// <param name="names">Old name to new: <c>new { origin = "from_airport" }</c>.</param>
    public static Transform Rename(object names) => Transform.Of("transform.select", new { rename = names });

    /// <param name="types">Column to SQL type.</param>
    public static Transform Cast(object types) => Transform.Of("transform.select", new { cast = types });

    /// <param name="expressions">New column to SQL expression.</param>
    public static Transform Derive(object expressions) => Transform.Of("transform.select", new { derive = expressions });

    public static Transform Without(params string[] columns) => Transform.Of("transform.drop_columns", new { columns });

    /// <summary>Only rows for which the condition is true.</summary>
    public static Transform Where(string condition) => Transform.Of("transform.filter", new { where = condition });
}

/// <summary>Rows with NULLs dropped, or the NULLs filled in.</summary>
public static class Nulls
{
    public static Transform Drop(params string[] columns) => Of("drop", columns);
    public static Transform Mean(params string[] columns) => Of("mean", columns);
    public static Transform Median(params string[] columns) => Of("median", columns);
    public static Transform Mode(params string[] columns) => Of("mode", columns);
    public static Transform Value(object value, params string[] columns) => Of("value", columns).With(new { value });

    /// <param name="orderBy">What gives the order in which the last value before is sought.</param>
    public static Transform Forward(string orderBy, params string[] columns) => Of("forward", columns).With(new { order_by = orderBy });

    private static Transform Of(string method, string[] columns) =>
        Transform.Of("transform.clean_nulls", new { method, columns = columns.Length == 0 ? null : columns });
}

/// <summary>Values far from the others: dropped, capped or flagged.</summary>
public static class Outliers
{
    public static Transform Drop(params string[] columns) => Of("drop", columns);
    public static Transform Cap(params string[] columns) => Of("cap", columns);
    public static Transform Flag(params string[] columns) => Of("flag", columns);

    private static Transform Of(string action, string[] columns) => Transform.Of("transform.outliers", new { columns, action });
}

/// <summary>The step before, joined with another; the step before is the left side.</summary>
public static class Join
{
    public static Transform Inner(string right, params string[] on) => Of("inner", right, on);
    public static Transform Left(string right, params string[] on) => Of("left", right, on);
    public static Transform Right(string right, params string[] on) => Of("right", right, on);
    public static Transform Full(string right, params string[] on) => Of("full", right, on);
    public static Transform Semi(string right, params string[] on) => Of("semi", right, on);
    public static Transform Anti(string right, params string[] on) => Of("anti", right, on);

    private static Transform Of(string how, string right, string[] on) =>
        Transform.Of("transform.join", new { how, on, right }, right.Split('.')[0]);
}

/// <summary>One row for each group.</summary>
public static class Aggregate
{
    /// <param name="measures">New column to SQL aggregate or to <c>new { function = "median", column = "delay" }</c>.</param>
    public static Transform By(IEnumerable<string> columns, object measures) =>
        Transform.Of("transform.aggregate", new { by = columns.ToArray(), measures });

    public static Transform By(string column, object measures) => By([column], measures);

    public static Transform All(object measures) => Transform.Of("transform.aggregate", new { measures });
}

/// <summary>One row of those that are alike.</summary>
public static class Deduplicate
{
    /// <summary>The first in the order given.</summary>
    public static Transform KeepFirst(string orderBy, params string[] by) => Of("first", orderBy, by);

    /// <summary>The last in the order given.</summary>
    public static Transform KeepLast(string orderBy, params string[] by) => Of("last", orderBy, by);

    /// <summary>Rows that are alike in every column.</summary>
    public static Transform Rows() => Transform.Of("transform.deduplicate", new Dictionary<string, object>());

    private static Transform Of(string keep, string orderBy, string[] by) =>
        Transform.Of("transform.deduplicate", new { by, keep, order_by = orderBy });
}
